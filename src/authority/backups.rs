//! Backups in the ledger: when the last was made, and what a restored ledger keeps clear of.

use std::collections::BTreeMap;

use serde_json::json;
use time::OffsetDateTime;

use super::{
    act::Act,
    audit::Head,
    audit_chain::AuditHead,
    ca::Authority,
    flawed_restore::{SetRight, raise_crl_floors},
    issuer_role::IssuerId,
    ledger_error::LedgerError,
    standing::instant,
};
use crate::{
    store::{StoreError, Transaction},
    x509::{CertificateList, serial_number::Epoch},
};

/// A backup, as the ledger remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupRecord {
    /// When it was made.
    pub made_at: OffsetDateTime,
    /// Where it was written to, or read from.
    pub path: String,
    /// The end of the audit log in it.
    pub audit: AuditHead,
    /// What is not in it, in words of its manifest.
    pub without: Vec<&'static str>,
    /// How much of it was found not to be as it was written.
    pub flaws: usize,
}

impl Authority {
    /// Writes down that a backup was made and is safe on its disk. One that is not sound does not count as the last.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn note_backup(&self, backup: &BackupRecord) -> Result<(), LedgerError> {
        let now = self.doors.clock.now();
        self.ledger.store.transaction(|rows| {
            if backup.flaws == 0 {
                rows.execute(
                    "UPDATE authority SET backed_up_at = $1, backed_up_to = $2",
                    &[backup.made_at.unix_timestamp().into(), backup.path.as_str().into()],
                )?;
            }
            Ok(Head::read(rows)?.append(rows, now, Act::Backup, &detail(backup))?)
        })
    }

    /// When the last backup was made that the ledger knows of.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn last_backup_at(&self) -> Result<Option<OffsetDateTime>, LedgerError> {
        let at = self.ledger.store.read::<_, StoreError>(|rows| {
            rows.query_row("SELECT backed_up_at FROM authority", &[], |row| row.optional_integer(0))
        })?;
        at.flatten().map(instant).transpose()
    }

    /// Whether this ledger came out of a backup, so that it may not know of something that was done since.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn was_restored(&self) -> Result<bool, LedgerError> {
        let text = "SELECT 1 FROM audit WHERE act = $1 LIMIT 1";
        let found = self.ledger.store.read::<_, StoreError>(|rows| {
            rows.query_row(text, &[Act::Restore.as_str().into()], |row| row.integer(0))
        })?;
        Ok(found.is_some())
    }

    /// The lineages, each with the generations whose files are in use: the newest, and the one under `live/`.
    ///
    /// # Errors
    /// A ledger that fails; so for that below.
    pub fn generations_in_use(&self) -> Result<Vec<(String, Vec<i64>)>, LedgerError> {
        let rows = self.ledger.store.read::<_, StoreError>(|rows| {
            rows.query("SELECT label, generation, published FROM lineages ORDER BY label", &[], |row| {
                Ok((row.text(0)?, row.integer(1)?, row.integer(2)?))
            })
        })?;
        let in_use = |(label, newest, published): (String, i64, i64)| {
            let also = Some(published).filter(|published| *published != newest && *published > 0);
            (label, std::iter::once(newest).chain(also).collect())
        };
        Ok(rows.into_iter().map(in_use).collect())
    }

    /// The lineages that have a link under `live/`, each with the generation that it points at.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn published(&self) -> Result<Vec<(String, i64)>, LedgerError> {
        Ok(self.ledger.store.read::<_, StoreError>(|rows| {
            let text = "SELECT label, published FROM lineages WHERE published > 0 ORDER BY label";
            rows.query(text, &[], |row| Ok((row.text(0)?, row.integer(1)?)))
        })?)
    }

    /// Makes this ledger, which comes out of a backup, one that can go on: what was issued after the backup is unknown to
    /// it, so serial numbers begin with the next octet, CRL numbers are far above, and every CA's list is due.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn note_restore(&self, backup: &BackupRecord) -> Result<Epoch, LedgerError> {
        let now = self.doors.clock.now();
        self.ledger.store.transaction(|rows| {
            let (head, epoch) = (Head::read(rows)?, self.epoch.next());
            begin_again(rows, head, backup, epoch, now, None)?;
            Ok(epoch)
        })
    }

    /// The same of a ledger that is not as it was written. What could make a signature wrong is set right first; its log goes on from
    /// its newest entry, whether or not that follows from the one before. `lists` are the newest that its CAs have signed.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn note_flawed_restore(
        &self,
        backup: &BackupRecord,
        lists: &[(IssuerId, CertificateList)],
    ) -> Result<(Epoch, SetRight), LedgerError> {
        let now = self.doors.clock.now();
        self.ledger.store.transaction(|rows| {
            let (head, epoch) = (Head::as_it_stands(rows)?, self.epoch_after(rows)?);
            let set_right = self.set_right(rows, lists, now)?;
            raise_crl_floors(rows, lists)?;
            begin_again(rows, head, backup, epoch, now, Some(&set_right))?;
            Ok((epoch, set_right))
        })
    }
}

/// Keeps clear of all that was done since the backup, and says so in the log.
fn begin_again(
    rows: &Transaction<'_>,
    mut head: Head,
    backup: &BackupRecord,
    epoch: Epoch,
    now: OffsetDateTime,
    set_right: Option<&SetRight>,
) -> Result<(), LedgerError> {
    // A list that was published since has the milliseconds of its time for a number, by a clock that may have been
    // ahead; or the number after the one before, where that was higher.
    let today = head.date(now).unix_timestamp().saturating_mul(1000);
    let last = "(SELECT MAX(c.number) FROM crls c WHERE c.issuer = issuers.id)";
    rows.execute("UPDATE issuers SET crl_floor = $1 WHERE COALESCE(crl_floor, 0) < $1", &[today.into()])?;
    rows.execute(&format!("UPDATE issuers SET crl_floor = {last} WHERE crl_floor < {last}"), &[])?;
    // Of a number that leaves no room for that nothing can be kept clear.
    rows.execute(
        "UPDATE issuers SET revocations = revocations + 1, \
                 crl_floor = CASE WHEN crl_floor < $2 THEN crl_floor + $1 ELSE crl_floor END",
        &[CLEAR_OF.into(), (i64::MAX - CLEAR_OF).into()],
    )?;
    rows.execute(
        "UPDATE authority SET serial_epoch = $1, backed_up_at = $2, backed_up_to = $3",
        &[i64::from(epoch.octet()).into(), backup.made_at.unix_timestamp().into(), backup.path.as_str().into()],
    )?;
    let mut detail = detail(backup);
    if let Some(fields) = detail.as_object_mut() {
        fields.insert("serial_epoch".to_owned(), epoch.octet().into());
        fields.insert("row".to_owned(), json!({ "crl_floor": crl_floors(rows)? }));
        if let Some(set_right) = set_right {
            fields.insert("revoked_again".to_owned(), set_right.revocations.into());
            fields.insert("labels_set_right".to_owned(), set_right.labels.into());
            let forgotten: Vec<_> = set_right.forgotten.iter().map(|forgotten| forgotten.label.as_str()).collect();
            fields.insert("forgotten".to_owned(), json!(forgotten));
        }
    }
    Ok(head.append(rows, now, Act::Restore, &detail)?)
}

/// The number that the lists of a CA keep clear of of which nothing else is known.
pub(super) fn clear_of_lost(today: OffsetDateTime) -> i64 {
    today.unix_timestamp().saturating_mul(1000).saturating_add(CLEAR_OF)
}

/// The number that each issuer's lists keep clear of, as the audit log tells it.
fn crl_floors(rows: &Transaction<'_>) -> Result<BTreeMap<String, i64>, StoreError> {
    let text = "SELECT id, crl_floor FROM issuers ORDER BY id";
    Ok(rows.query(text, &[], |row| Ok((row.integer(0)?.to_string(), row.integer(1)?)))?.into_iter().collect())
}

fn detail(backup: &BackupRecord) -> serde_json::Value {
    let mut detail = json!({
        "file": backup.path,
        "made_at": backup.made_at.unix_timestamp(),
        "entries": backup.audit.entries,
        "head": backup.audit.hash,
        "without": backup.without,
    });
    if let (Some(fields), true) = (detail.as_object_mut(), backup.flaws > 0) {
        fields.insert("flaws".to_owned(), backup.flaws.into());
    }
    detail
}

/// How far ahead a clock may have been when the last list of a lost home was made: milliseconds of a year.
const CLEAR_OF: i64 = 365 * 86_400 * 1000;

#[cfg(test)]
mod tests {
    use super::super::tests::authority;
    use super::*;
    use crate::authority::Ledger;

    #[test]
    fn a_restored_ledger_begins_its_serials_with_the_next_octet_and_remembers_its_backup() {
        let directory = tempfile::tempdir().unwrap();
        let before = authority(&directory);
        let made_at = before.doors().clock.now();
        let audit = before.audit_head().unwrap();
        let backup = BackupRecord {
            made_at,
            path: "/srv/x".to_owned(),
            audit: audit.clone(),
            without: vec!["root_key"],
            flaws: 0,
        };
        assert_eq!(before.last_backup_at().unwrap(), None);
        before.note_backup(&backup).unwrap();
        assert_eq!(before.last_backup_at().unwrap(), Some(made_at));
        assert!(!before.was_restored().unwrap());
        assert_eq!(before.note_restore(&backup).unwrap().octet(), 2);
        assert!(before.was_restored().unwrap());
        let ledger = Ledger::open(&directory.path().join("ledger.db")).unwrap();
        let restored = Authority::open(ledger, before.doors().clone()).unwrap();
        assert_eq!(restored.new_serial().unwrap().as_octets()[0], 2);
        assert!(restored.crl_state().unwrap().iter().all(|state| state.is_behind()));
        let last = restored.newest_audit_entries(Default::default(), 2).unwrap();
        assert_eq!([last[0].act.as_str(), last[1].act.as_str()], ["backup", "restore"]);
        assert!(last[1].detail.contains(&audit.hash) && last[1].detail.contains("\"serial_epoch\":2"));
    }
    #[test]
    fn the_next_lists_are_clear_of_what_came_after_the_backup_wherever_their_numbers_are() {
        let directory = tempfile::tempdir().unwrap();
        let authority = authority(&directory);
        let now = authority.doors().clock.now();
        let backup = BackupRecord {
            made_at: now,
            path: "/srv/x".to_owned(),
            audit: authority.audit_head().unwrap(),
            without: Vec::new(),
            flaws: 0,
        };
        let ca = authority.cas()[0].clone();
        let last = |number: i64| {
            let text = "INSERT INTO crls (issuer, number, this_update, next_update, revocations, tbs_sha256) \
                        VALUES ($1, $2, 0, 0, 0, '')";
            let values = [ca.id().0.into(), number.into()];
            let made = authority.ledger.store.transaction::<_, StoreError>(|rows| rows.execute(text, &values));
            assert_eq!(made.unwrap(), 1);
        };
        let floor = || {
            authority.note_restore(&backup).unwrap();
            authority.highest_crl_number(&ca).unwrap()
        };
        let today = now.unix_timestamp() * 1000;
        assert_eq!(floor(), today + CLEAR_OF);
        // Restored again before any list was made: the one that was restored first may have made some.
        assert_eq!(floor(), today + 2 * CLEAR_OF);
        // As some people number theirs, by the date.
        last(20_261_130_120_000);
        assert_eq!(floor(), 20_261_130_120_000 + CLEAR_OF);
        last(i64::MAX - 7);
        assert_eq!(floor(), i64::MAX - 7);
    }
}
