//! How often the CAs, what they revoked, and what is held of the clock changed: what was kept of an earlier answer holds as long as this is the same.

use super::{ca::Authority, ledger::Ledger, ledger_error::LedgerError};

/// A count that grows with each new CA, each revocation and each clock that was accepted, whichever process made them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changes {
    /// How many CAs have their certificate.
    pub cas: i64,
    /// How often a revocation was written down.
    pub revocations: i64,
    /// How often a person said that the clock is right.
    pub clocks: i64,
}

impl Authority {
    /// The changes until now.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn changes(&self) -> Result<Changes, LedgerError> {
        self.ledger.changes()
    }
}

impl Ledger {
    fn changes(&self) -> Result<Changes, LedgerError> {
        let row = self.store.read(|transaction| {
            transaction.query_row(
                "SELECT COUNT(certificate), COALESCE(SUM(revocations), 0), (SELECT clocks FROM authority) FROM issuers",
                &[],
                |row| Ok((row.integer(0)?, row.integer(1)?, row.integer(2)?)),
            )
        })?;
        let (cas, revocations, clocks) = row.ok_or(LedgerError::Unreadable { what: "how many CAs there are" })?;
        Ok(Changes { cas, revocations, clocks })
    }
}
