//! A glance at the few rows by which something is about to be signed: as an examination looks at them, with the entries of the log that tell
//! of them and no others.

use super::{
    account::{Account, CertificateKey},
    certificate_row::CertificateRow,
    certificates::Origin,
    flaw::{Examined, FlawKind},
    looking::Looking,
};
use crate::{
    authority::{act::Act, audit_chain::AuditEntry, ca::Authority, ledger_error::LedgerError, told_of},
    store::StoreError,
};

impl Authority {
    /// Sees that what the ledger says of the CAs, and of some labels, is what the log and the certificates tell: before a CA signs, a
    /// key is copied or a hook is run by it. Flaws that are known since a restore do not count.
    ///
    /// # Errors
    /// [`LedgerError::Changed`], or a ledger that fails.
    pub fn glance_at<'a>(&self, labels: impl IntoIterator<Item = &'a str>) -> Result<(), LedgerError> {
        self.ledger.store.read(|rows| {
            let mut examined = Examined::default();
            let mut looking = Looking::of(rows, &mut examined);
            let mut cas = told_of::of_cas(rows)?;
            cas.sort_unstable_by_key(|entry| entry.sequence);
            // What was wrong with the log when the home was restored was told then.
            let is_restored = |entry: &&AuditEntry| entry.act == Act::KnowFlaws.as_str();
            let told_before = cas.iter().rfind(is_restored).map_or(0, |entry| entry.sequence);
            looking.glance_at_entries(&cas, told_before)?;
            looking.account = Account::of_part(&cas);
            looking.at_authority()?;
            looking.at_issuers()?;
            looking.at_rotations()?;
            for label in labels {
                looking.glance_at_label(label, &cas, told_before)?;
            }
            examined.tell_known_apart("")?;
            match examined.flaws.into_iter().next() {
                Some(flaw) => Err(LedgerError::Changed { message: flaw.message }),
                None => Ok(()),
            }
        })
    }
}

impl Looking<'_> {
    /// Whether entries follow from those before them, but for what was told up to one.
    fn glance_at_entries(&mut self, entries: &[AuditEntry], told_before: i64) -> Result<(), StoreError> {
        for entry in entries {
            if entry.is_chained(self.rows)? {
                self.examined.known_marks.take(entry);
            } else if entry.sequence > told_before {
                let place = entry.sequence;
                let message = format!("entry {place} of the audit log does not follow from the one before it");
                self.examined.add(FlawKind::AuditLog, place.to_string(), message);
            }
        }
        Ok(())
    }

    /// The label's own row, and that of its newest certificate.
    fn glance_at_label(&mut self, label: &str, cas: &[AuditEntry], told_before: i64) -> Result<(), LedgerError> {
        let text = "SELECT issuer, serial, generation, issued_at FROM certificates WHERE label = $1 AND generation IS NOT NULL \
                    ORDER BY generation DESC";
        let kept = self.rows.query(text, &[label.into()], |row| {
            Ok((row.integer(0)?, row.text(1)?, row.integer(2)?, row.optional_integer(3)?))
        })?;
        let mut entries = told_of::of_label(self.rows, label)?;
        if entries.is_empty() && kept.is_empty() {
            return Ok(());
        }
        let reserved = Account::of_part(&entries).certificates;
        let is_in_lineage = |(issuer, serial, _, issued_at): &&(i64, String, i64, Option<i64>)| {
            let entries = reserved.get(&CertificateKey::of(*issuer, serial)).copied();
            entries.unwrap_or_default().is_in_lineage(*issued_at)
        };
        let newest = kept.iter().find(is_in_lineage);
        if let Some((_, serial, ..)) = newest {
            entries.extend(told_of::of_revocation(self.rows, serial)?);
        }
        self.glance_at_entries(&entries, told_before)?;
        entries.extend_from_slice(cas);
        entries.sort_unstable_by_key(|entry| entry.sequence);
        entries.dedup_by_key(|entry| entry.sequence);
        self.account = Account::of_part(&entries);
        if let Some((issuer, serial, generation, _)) = newest {
            let text = CertificateRow::of_generation();
            let row = self.rows.query_row(&text, &[label.into(), (*generation).into()], CertificateRow::read)?;
            let entries = self.account.certificates.get(&CertificateKey::of(*issuer, serial)).copied();
            if let Some(row) = row {
                let origin = Origin::of(&row, &self.account.moved_in);
                self.compare_certificate(&row, entries.unwrap_or_default(), origin)?;
            }
        }
        let newest = newest.map(|(_, _, generation, _)| *generation);
        let told = self.account.lineages.remove(label);
        self.at_lineage(label, newest, told.as_ref())
    }
}
