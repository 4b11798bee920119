//! The audit log as it is read: whole, from an entry on, or only what is about something.

use time::OffsetDateTime;

use super::{
    act::Act,
    audit::Head,
    audit_chain::{AuditEntry, AuditHead, each},
    ca::Authority,
    ledger_error::LedgerError,
};
use crate::{
    store::{StoreError, Value},
    x509::hexadecimal,
};

/// Which entries are wanted: those to which all of it applies.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditSelection<'a> {
    /// Written then or later.
    pub since: Option<OffsetDateTime>,
    /// Of this act.
    pub act: Option<Act>,
    /// About this label.
    pub label: Option<&'a str>,
    /// About this serial number, in hexadecimal digits.
    pub serial: Option<&'a str>,
}

impl Authority {
    /// The newest entries of a selection, no more than so many, the newest last.
    ///
    /// # Errors
    /// A ledger that fails; so for those below.
    pub fn newest_audit_entries(
        &self,
        selection: AuditSelection<'_>,
        most: u32,
    ) -> Result<Vec<AuditEntry>, LedgerError> {
        let mut entries = self.audit_entries(selection, 0, "DESC", most)?;
        entries.reverse();
        Ok(entries)
    }

    /// The entries of a selection that came after one, the newest last.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn audit_entries_after(
        &self,
        selection: AuditSelection<'_>,
        sequence: i64,
    ) -> Result<Vec<AuditEntry>, LedgerError> {
        self.audit_entries(selection, sequence, "ASC", u32::MAX)
    }

    /// The end of the log. It has to follow from the entry before it.
    ///
    /// # Errors
    /// A ledger that fails, or one whose newest entry was changed.
    pub fn audit_head(&self) -> Result<AuditHead, LedgerError> {
        self.ledger.store.read(|transaction| Ok(Head::read(transaction)?.told()))
    }

    /// The end of the log as it stands: whether its newest entry follows from the one before it is not asked.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn audit_end(&self) -> Result<AuditHead, LedgerError> {
        self.ledger.store.read(|transaction| Ok(Head::as_it_stands(transaction)?.told()))
    }

    /// Whether the log has that very entry.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn has_audit_entry(&self, told: &AuditHead) -> Result<bool, LedgerError> {
        let text = "SELECT hash FROM audit WHERE sequence = $1";
        let hash = self
            .ledger
            .store
            .read::<_, StoreError>(|rows| rows.query_row(text, &[told.entries.into()], |row| row.blob(0)));
        Ok(hash?.is_some_and(|hash| hexadecimal(&hash) == told.hash))
    }

    /// Takes every entry, the oldest first, as the log is at one moment.
    ///
    /// # Errors
    /// What `take` returns, or a ledger that fails.
    pub fn each_audit_entry<E: From<LedgerError> + From<StoreError>>(
        &self,
        begin: impl FnOnce(&AuditHead) -> Result<(), E>,
        mut take: impl FnMut(&AuditEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        self.ledger.store.read(|transaction| {
            begin(&Head::read(transaction)?.told())?;
            each(transaction, |entry| take(&entry))
        })
    }

    fn audit_entries(
        &self,
        selection: AuditSelection<'_>,
        after: i64,
        order: &str,
        most: u32,
    ) -> Result<Vec<AuditEntry>, LedgerError> {
        let mut values: Vec<Value> = vec![after.into()];
        let mut text = format!("SELECT {} FROM audit WHERE sequence > $1", AuditEntry::COLUMNS);
        let mut also = |before: &str, value: Option<Value>, after: &str| {
            if let Some(value) = value {
                values.push(value);
                text.push_str(&format!(" AND {before} ${}{after}", values.len()));
            }
        };
        also("at >=", selection.since.map(|since| since.unix_timestamp().into()), "");
        also("act =", selection.act.map(|act| act.as_str().into()), "");
        for (name, value) in [("label", selection.label), ("serial", selection.serial)] {
            let Some(value) = value else { continue };
            values.extend([member(name, value), value.into()]);
            let (pattern, word) = (values.len() - 1, values.len());
            // The entry about an import names none of the certificates that came with it: those have a subject.
            text.push_str(&format!(
                " AND (detail LIKE ${pattern}{ESCAPE} OR act = '{}' AND EXISTS \
                 (SELECT 1 FROM certificates WHERE {name} = ${word} AND subject IS NOT NULL))",
                Act::Import.as_str()
            ));
        }
        values.push(i64::from(most).into());
        let text = format!("{text} ORDER BY sequence {order} LIMIT ${}", values.len());
        Ok(self
            .ledger
            .store
            .read::<_, StoreError>(|transaction| transaction.query(&text, &values, AuditEntry::read))?)
    }
}

/// The pattern of a detail that has this member: details are written without spaces, and a quotation mark inside of a text
/// has a backslash before it.
fn member(name: &str, value: &str) -> Value {
    let escaped = value.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%\"{name}\":\"{escaped}\"%").into()
}

const ESCAPE: &str = " ESCAPE '!'";
