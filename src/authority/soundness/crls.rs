//! CRLs: each row against the entries that tell of it, and the list that is kept against its row and the signature of its CA.

use std::{collections::BTreeMap, mem::take};

use serde_json::{Value as Json, json};

use super::{
    account::{CrlEntries, ToldMove},
    flaw::FlawKind,
    looking::{Looking, is_forged, other_than},
};
use crate::{
    authority::ledger_error::LedgerError,
    store::{Row, StoreError},
    x509::{CertificateList, certificate::sha256, hexadecimal},
};

impl Looking<'_> {
    pub(super) fn at_crls(&mut self) -> Result<(), LedgerError> {
        let mut told = take(&mut self.account.crls);
        let mut numbers = match &self.account.moved_in {
            ToldMove::Told(_, moved_in) => Some(moved_in.crl_numbers.clone()),
            ToldMove::Nothing => Some(BTreeMap::new()),
            ToldMove::Untold => None,
        };
        let text = "SELECT issuer, number, this_update, next_update, revocations, tbs_sha256, crl, signed_at, number = (SELECT \
                    MAX(n.number) FROM crls n WHERE n.issuer = crls.issuer AND n.signed_at IS NOT NULL) FROM crls \
                    ORDER BY issuer, number";
        self.rows.each(text, &[], |row| {
            let row = CrlRow::read(row)?;
            self.examined.crls += u64::from(row.crl.is_some());
            let entries = told.remove(&(row.issuer, row.number)).unwrap_or_default();
            // The last number that a CA had given before it moved in.
            let is_held = row.is_number_only()
                && numbers.as_mut().is_none_or(|numbers| numbers.remove(&row.issuer) == Some(row.number));
            let wrong = match entries.reserve {
                0 if is_held => None,
                0 => Some("is one of which no entry of the log tells".to_owned()),
                _ => self.crl_unlike_log(&row, entries)?,
            };
            for wrong in wrong.into_iter().chain(self.crl_unlike_bytes(&row)) {
                let message = format!("the CRL {} {wrong}", row.number);
                self.examined.add(FlawKind::Crl, row.number.to_string(), message);
            }
            Ok::<_, LedgerError>(())
        })?;
        for ((_, number), CrlEntries { reserve, issue }) in told {
            let message =
                format!("the CRL {number} is not in the ledger, though entry {} tells of it", reserve.max(issue));
            self.examined.add(FlawKind::Crl, number.to_string(), message);
        }
        for number in numbers.unwrap_or_default().into_values() {
            let message = format!("the number {number} of the last list of a CA that moved in is not in the ledger");
            self.examined.add(FlawKind::Crl, number.to_string(), message);
        }
        Ok(())
    }

    /// In which way a row is not what its entries tell.
    fn crl_unlike_log(&self, row: &CrlRow, entries: CrlEntries) -> Result<Option<String>, StoreError> {
        let CrlEntries { reserve, issue } = entries;
        let told = self.told_by(reserve)?;
        let own = told.get("row").cloned().unwrap_or_default();
        let columns = [
            ("this_update", json!(row.this_update)),
            ("next_update", json!(row.next_update)),
            ("revocations", json!(row.revocations)),
        ];
        if let Some(column) = other_than(&told, &[("tbs_sha256", json!(row.tbs_sha256))]).or(other_than(&own, &columns))
        {
            return Ok(Some(format!("is another than the one that entry {reserve} tells of: `{column}`")));
        }
        if issue == 0 {
            let is_signed = row.signed_at.is_some() || row.crl.is_some();
            return Ok(is_signed.then(|| "says that it was signed, and no entry of the log does".to_owned()));
        }
        let told = self.told_by(issue)?;
        let is_kept = told.pointer("/row/is_kept").and_then(Json::as_bool);
        if row.is_newest && row.crl.is_none() && is_kept == Some(true) {
            return Ok(Some("has lost its bytes, with which the next list is compared".to_owned()));
        }
        let bytes = row.crl.as_ref().map(|crl| ("sha256", json!(hexadecimal(&sha256(crl)))));
        let is_other = row.signed_at.is_none() || other_than(&told, bytes.as_slice()).is_some();
        Ok(is_other.then(|| format!("is another than the one that entry {issue} tells of")))
    }

    /// In which way a row is not what its list says.
    fn crl_unlike_bytes(&self, row: &CrlRow) -> Option<String> {
        let read = CertificateList::from_der(row.crl.as_ref()?);
        let is_its = read.is_ok_and(|list| {
            let is_signed = self.keys.get(&row.issuer).is_none_or(|key| !is_forged(list.verify_signed_by(key)));
            let (tbs, next_update) = (list.tbs(), list.tbs().next_update().map(|next| next.unix_timestamp()));
            let dates = (tbs.this_update().unix_timestamp(), next_update);
            is_signed
                && tbs.crl_number().map(|number| number.get()) == Some(row.number)
                && dates == (row.this_update, Some(row.next_update))
        });
        (!is_its).then(|| "was not signed by its CA, or has another number or other dates".to_owned())
    }
}

/// A row of `crls`.
struct CrlRow {
    issuer: i64,
    number: i64,
    this_update: i64,
    next_update: i64,
    revocations: i64,
    tbs_sha256: String,
    crl: Option<Vec<u8>>,
    signed_at: Option<i64>,
    /// Whether it is the newest that its issuer signed: of the others no bytes are kept.
    is_newest: bool,
}

impl CrlRow {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: row.integer(0)?,
            number: row.integer(1)?,
            this_update: row.integer(2)?,
            next_update: row.integer(3)?,
            revocations: row.integer(4)?,
            tbs_sha256: row.text(5)?,
            crl: row.optional_blob(6)?,
            signed_at: row.optional_integer(7)?,
            is_newest: row.optional_integer(8)? == Some(1),
        })
    }

    /// Whether it only holds a number that a CA had given before it moved in.
    fn is_number_only(&self) -> bool {
        self.tbs_sha256.is_empty() && self.crl.is_none() && self.signed_at.is_none() && self.revocations == 0
    }
}
