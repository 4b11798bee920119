//! Certificates: each row against the entries that tell of it, against its bytes and the signature of its CA; and those that moved
//! in against the hashes in the log.

use std::{collections::HashMap, mem::take};

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{
    account::{CertificateEntries, CertificateKey, ToldMove},
    certificate_row::{Adoptable, CertificateRow},
    flaw::FlawKind,
    looking::{Looking, is_forged, other_than},
    moved_in::{MovedIn, RowHashes},
};
use crate::{
    authority::{
        ledger_error::LedgerError,
        record::{names_in, names_of},
    },
    store::StoreError,
    x509::{Certificate, SubjectPublicKeyInfo, TbsCertificate, certificate::sha256, hexadecimal},
};

impl Looking<'_> {
    pub(super) fn at_certificates(&mut self, watch: &mut dyn FnMut(u64)) -> Result<(), LedgerError> {
        let mut told = take(&mut self.account.certificates);
        let moved_in = take(&mut self.account.moved_in);
        let moved = if let ToldMove::Told(_, moved_in) = &moved_in { moved_in.rows } else { 0 };
        let mut hashes = RowHashes::of(moved);
        self.rows.each(&CertificateRow::all(), &[], |row| {
            self.examined.certificates += 1;
            watch(1);
            let row = match CertificateRow::read(row) {
                Ok(row) => row,
                Err(error) => {
                    let place = row.integer(0)?;
                    self.examined.add(
                        FlawKind::Certificate,
                        place.to_string(),
                        format!("the certificate in row {place}: {error}"),
                    );
                    return Ok(());
                }
            };
            let entries = told.remove(&CertificateKey::of(row.issuer, &row.serial)).unwrap_or_default();
            let origin = Origin::of(&row, &moved_in);
            if origin == Origin::MovedIn {
                self.take_moved(&mut hashes, &row, entries)?;
            }
            self.compare_certificate(&row, entries, origin)?;
            let is_kept = entries.is_in_lineage(row.issued_at);
            if let (true, Some(label), Some(generation)) = (is_kept, row.label, row.generation) {
                let newest = self.newest.entry(label).or_insert(generation);
                *newest = generation.max(*newest);
            }
            Ok::<_, LedgerError>(())
        })?;
        if let ToldMove::Told(entry, moved_in) = &moved_in {
            self.tell_moved(*entry, moved_in, &hashes)?;
        }
        self.account.moved_in = moved_in;
        self.tell_missing(&told)
    }

    /// Adds in which way a row is not what its entries or its bytes tell.
    pub(super) fn compare_certificate(
        &mut self,
        row: &CertificateRow,
        entries: CertificateEntries,
        origin: Origin,
    ) -> Result<(), StoreError> {
        let by_log = self.certificate_unlike_log(row, entries, origin)?;
        for wrong in by_log.into_iter().chain(unlike_bytes(row, &self.keys)) {
            let message = format!("the certificate {}: {wrong}", row.serial);
            self.examined.add(FlawKind::Certificate, &*row.serial, message);
        }
        Ok(())
    }

    /// In which way a row is not what its entries tell.
    fn certificate_unlike_log(
        &self,
        row: &CertificateRow,
        entries: CertificateEntries,
        origin: Origin,
    ) -> Result<Option<String>, StoreError> {
        let CertificateEntries { reserve, issue, last_revoke, .. } = entries;
        if origin == Origin::Own && reserve == 0 {
            return Ok(Some("no entry of the log tells of it".to_owned()));
        }
        let names: Json = serde_json::from_str(&row.names).unwrap_or_default();
        let mut reserved = vec![
            ("profile", json!(row.profile)),
            ("label", json!(row.label)),
            ("names", names),
            ("key_sha256", json!(row.key_sha256)),
        ];
        if let Some(tbs) = &row.tbs {
            reserved.push(("tbs_sha256", hexadecimal(&sha256(tbs)).into()));
        }
        let told = self.told_by(reserve)?;
        let own = told.get("row").cloned().unwrap_or_default();
        let other = other_than(&told, &reserved)
            .or(other_than(&own, &[("generation", json!(row.generation)), ("subject", json!(row.subject))]));
        if let Some(column) = other {
            return Ok(Some(format!("what was reserved for it is not what entry {reserve} tells of: `{column}`")));
        }
        let told = self.told_by(issue)?;
        let own = told.get("row").cloned().unwrap_or_default();
        if issue != 0 && row.certificate.is_none() {
            return Ok(Some(format!("entry {issue} says that it was issued, and it has no bytes")));
        }
        let other = other_than(&told, &[("sha256", json!(row.sha256))]);
        if other.or(other_than(&own, &[("issued_at", json!(row.issued_at))])).is_some() {
            return Ok(Some(format!("it is another than the one that entry {issue} tells of")));
        }
        if origin == Origin::Own && issue == 0 && row.issued_at.is_some() {
            return Ok(Some("its row says that it was issued, and no entry of the log does".to_owned()));
        }
        if last_revoke == 0 {
            let is_revoked = origin == Origin::Own && row.revoked_at.is_some();
            return Ok(is_revoked.then(|| "its row says that it is revoked, and no entry of the log does".to_owned()));
        }
        if row.revoked_at.is_none() {
            return Ok(Some(format!("it was revoked by entry {last_revoke}, and its row does not say so")));
        }
        let told = self.told_by(last_revoke)?;
        let own = told.get("row").cloned().unwrap_or_default();
        let is_other = other_than(&told, &[("reason", json!(row.revocation_reason))])
            .or(other_than(&own, &[("revoked_at", json!(row.revoked_at))]))
            .is_some();
        Ok(is_other.then(|| format!("its revocation is another than the one that entry {last_revoke} tells of")))
    }

    /// Takes a row that moved in as it was then: what was done to it since is in the log.
    fn take_moved(
        &self,
        hashes: &mut RowHashes,
        row: &CertificateRow,
        entries: CertificateEntries,
    ) -> Result<(), StoreError> {
        let before = self.told_by(entries.before)?;
        let before = before.get("before").and_then(|before| Adoptable::deserialize(before).ok());
        let first = self.told_by(entries.first_revoke)?;
        let revocation = match entries.first_revoke {
            0 => row.revocation(),
            _ => row.revoked_at.zip(first.get("was").and_then(Json::as_str)),
        };
        hashes.take(row, &before.unwrap_or_else(|| row.adoptable()), revocation);
        Ok(())
    }

    fn tell_moved(&mut self, entry: i64, moved_in: &MovedIn, hashes: &RowHashes) -> Result<(), LedgerError> {
        for others in moved_in.others(hashes) {
            let (first, last) = others.into_inner();
            let text = "SELECT serial FROM certificates WHERE id = $1";
            let serial = self.rows.query_row(text, &[first.into()], |row| row.text(0))?;
            let (subject, which) = match serial {
                Some(serial) if first == last => (serial.clone(), format!("the certificate {serial}, which moved in,")),
                None if first == last => {
                    (first.to_string(), format!("the certificate in row {first}, which moved in,"))
                }
                _ => (first.to_string(), format!("one of the certificates in rows {first} to {last}, which moved in,")),
            };
            let message = format!("{which} is gone, or another than entry {entry} tells of");
            self.examined.add(FlawKind::Certificate, subject, message);
        }
        Ok(())
    }

    /// What the log tells of and the ledger has not.
    fn tell_missing(&mut self, told: &HashMap<CertificateKey, CertificateEntries>) -> Result<(), LedgerError> {
        let first = |entries: &CertificateEntries| {
            [entries.reserve, entries.issue, entries.last_revoke].into_iter().find(|place| *place != 0)
        };
        let mut places: Vec<i64> = told.values().filter_map(first).collect();
        places.sort_unstable();
        for place in places {
            let serial = self.told_by(place)?.get("serial").and_then(Json::as_str).unwrap_or_default().to_owned();
            let message =
                format!("entry {place} tells of the certificate {serial}, and the ledger has none of that number");
            self.examined.add(FlawKind::Certificate, serial, message);
        }
        Ok(())
    }
}

/// Where a row comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// It was reserved here.
    Own,
    /// It moved in, and the log has its hash.
    MovedIn,
    /// It may have moved in, of which the log has no hash.
    Unknown,
}

impl Origin {
    pub(super) fn of(row: &CertificateRow, moved_in: &ToldMove) -> Self {
        match moved_in {
            ToldMove::Told(_, moved_in) if (1..=moved_in.rows).contains(&row.id) => Self::MovedIn,
            ToldMove::Untold => Self::Unknown,
            _ => Self::Own,
        }
    }
}

/// In which way a row does not agree with itself, with its bytes or with its CA.
fn unlike_bytes(row: &CertificateRow, keys: &HashMap<i64, SubjectPublicKeyInfo>) -> Option<String> {
    let said = |text: &str| Some(text.to_owned());
    if row.revoked_at.is_some() && row.listed_until.is_none() {
        return said("it is revoked, and no CRL would list it");
    }
    if row.revoked_at.map(|revoked_at| revoked_at.max(row.not_after)) != row.listed_until {
        return said("a CRL would not list it until its end");
    }
    if row.revoked_at.is_none() && row.revocation_reason.is_some() {
        return said("it is not revoked, and has a reason for it");
    }
    if row.tbs.is_some() == row.issued_at.is_some() {
        return said("it is neither reserved nor issued, or both");
    }
    if row.sha256.is_some() != row.certificate.is_some() {
        return said("it has no bytes of which its fingerprint is, or no fingerprint of its bytes");
    }
    if let Some(tbs) = &row.tbs {
        let Ok(tbs) = TbsCertificate::from_der(tbs) else { return said("what would be signed is no certificate") };
        return unlike_tbs(row, &tbs);
    }
    let der = row.certificate.as_ref()?;
    if row.sha256.as_ref().is_some_and(|told| *told != hexadecimal(&sha256(der))) {
        return said("its bytes do not have its fingerprint");
    }
    let Ok(certificate) = Certificate::from_der(der) else { return said("its bytes are no certificate") };
    if let Some(wrong) = unlike_tbs(row, certificate.tbs()) {
        return Some(wrong);
    }
    // What moved in may have names of kinds that are not ours, or one in its subject only.
    let is_ours = row.generation.is_some() && row.subject.is_none();
    if is_ours && names_in(&certificate) != names_of(&row.names) {
        return said("it has other names than its row");
    }
    if keys.get(&row.issuer).is_some_and(|key| is_forged(certificate.verify_signed_by(key))) {
        return said("its CA did not sign it");
    }
    None
}

/// In which way a row is not what is, or was to be, signed.
fn unlike_tbs(row: &CertificateRow, tbs: &TbsCertificate) -> Option<String> {
    let said = |text: &str| Some(text.to_owned());
    if tbs.serial_digits() != row.serial {
        return said("it has another serial number");
    }
    let validity = tbs.validity();
    if (validity.not_before().unix_timestamp(), validity.not_after().unix_timestamp())
        != (row.not_before, row.not_after)
    {
        return said("it has other dates than its row");
    }
    if row.key_sha256.as_deref() != Some(&*hexadecimal(&tbs.public_key().sha256())) {
        return said("it is about another key than its row says");
    }
    None
}
