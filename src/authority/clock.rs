//! The clock against the audit log: which of the two shows the later time.

use time::OffsetDateTime;

use super::{audit::Head, ca::Authority, ledger_error::LedgerError, standing::instant};
use crate::store::StoreError;

/// A clock that is further behind the newest entry of the audit log than time services move it. It was set back, or it
/// was ahead once and is right again: nobody can tell but a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockBehind {
    /// The clock's time.
    pub now: OffsetDateTime,
    /// The newest entry's.
    pub newest: OffsetDateTime,
}

impl Authority {
    /// Whether the clock is behind the audit log, so that no certificate is signed.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn clock_behind(&self) -> Result<Option<ClockBehind>, LedgerError> {
        let now = self.doors.clock.now();
        let newest =
            self.ledger.store.read::<_, LedgerError>(|transaction| Ok(Head::read(transaction)?.ahead_of(now)))?;
        Ok(newest.map(|newest| ClockBehind { now, newest }))
    }

    /// Takes the clock as it is from now on, and writes that down; none where it is not behind. It is for a person to say,
    /// and never for a timer: what was signed since the leap may be dated later than what is signed next. The steps of a
    /// change of root that have a date to come were taken by now.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn accept_clock(&self) -> Result<Option<ClockBehind>, LedgerError> {
        let now = self.doors.clock.now();
        self.ledger.store.transaction(|transaction| {
            let mut head = Head::read(transaction)?;
            let Some(newest) = head.ahead_of(now) else { return Ok(None) };
            head.accept(transaction, now)?;
            // A change of root that was finished in the time to come would hide for as long who comes after it.
            let at = [now.unix_timestamp().into()];
            for step in ["begun_at", "cut_over_at", "retired_at", "abandoned_at"] {
                transaction.execute(&format!("UPDATE rotations SET {step} = $1 WHERE {step} > $1"), &at)?;
            }
            transaction.execute("UPDATE authority SET clocks = clocks + 1", &[])?;
            Ok(Some(ClockBehind { now, newest }))
        })
    }

    /// When the newest entry of the audit log was written.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn newest_entry_at(&self) -> Result<Option<OffsetDateTime>, LedgerError> {
        let newest = self.ledger.store.read::<_, StoreError>(|transaction| {
            transaction.query_row("SELECT at FROM audit ORDER BY sequence DESC LIMIT 1", &[], |row| row.integer(0))
        })?;
        newest.map(instant).transpose()
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, macros::datetime};

    use super::{
        super::{
            audit_chain::Verdict,
            ledger::Ledger,
            tests::{authority, doors},
        },
        *,
    };
    use crate::{authority::Doors, system::FixedClock};

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    /// The authority of a directory under a clock.
    fn at(directory: &tempfile::TempDir, now: OffsetDateTime) -> Authority {
        let ledger = Ledger::open(&directory.path().join("ledger.db")).unwrap();
        Authority::open(ledger, Doors { clock: std::sync::Arc::new(FixedClock::at(now)), ..doors() }).unwrap()
    }

    fn write(authority: &Authority) {
        authority.change_key_protection::<LedgerError>("root", "passphrase", || Ok(())).unwrap();
    }

    #[test]
    fn a_clock_that_is_right_again_is_taken_once_and_the_log_stays_whole() {
        let directory = tempfile::tempdir().unwrap();
        drop(authority(&directory));
        let leapt = at(&directory, NOW + Duration::days(7300));
        write(&leapt);
        assert_eq!(leapt.clock_behind().unwrap(), None);
        assert_eq!(leapt.accept_clock().unwrap(), None, "there is nothing to accept");
        drop(leapt);
        let right = at(&directory, NOW);
        let behind = ClockBehind { now: NOW, newest: NOW + Duration::days(7300) };
        assert_eq!(right.clock_behind().unwrap(), Some(behind));
        assert_eq!(right.accept_clock().unwrap(), Some(behind));
        assert_eq!((right.clock_behind().unwrap(), right.accept_clock().unwrap()), (None, None));
        assert_eq!(right.changes().unwrap().clocks, 1, "whoever waits for that sees it");
        write(&right);
        assert_eq!(right.newest_entry_at().unwrap(), Some(NOW));
        assert!(matches!(right.verify_audit().unwrap(), Verdict::Whole { entries: 10, .. }));
    }

    #[test]
    fn no_other_entry_is_earlier_than_the_one_before_it() {
        let directory = tempfile::tempdir().unwrap();
        let authority = authority(&directory);
        let forged = authority.store().transaction::<_, LedgerError>(|transaction| {
            let mut head = Head::read(transaction)?;
            head.accept(transaction, NOW - Duration::days(1))?;
            let text = "SELECT hash FROM audit WHERE sequence = 7";
            let before: Vec<u8> = transaction.query_row(text, &[], |row| row.blob(0))?.unwrap();
            let at = (NOW - Duration::days(1)).unix_timestamp();
            let hash = super::super::audit_chain::entry_hash(8, at, "edit", "{}", &before.try_into().unwrap());
            let text = "UPDATE audit SET act = 'edit', detail = '{}', hash = $1 WHERE sequence = 8";
            Ok(transaction.execute(text, &[hash.into()])?)
        });
        assert_eq!(forged.unwrap(), 1);
        assert_eq!(authority.verify_audit().unwrap(), Verdict::Broken { sequence: 8 });
    }
}
