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
