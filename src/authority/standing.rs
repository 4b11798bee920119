//! How a serial number stands with its issuer: good, or revoked since when and why.

use time::OffsetDateTime;

use super::ledger_error::LedgerError;
use crate::x509::RevocationReason;

/// Since when a certificate is revoked, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// When it was revoked.
    pub at: OffsetDateTime,
    /// Why.
    pub reason: RevocationReason,
}

/// What an issuer says about one of its serial numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was issued and is not revoked; whether it has expired is a question to its dates.
    Good,
    /// It was revoked.
    Revoked(Revocation),
}

/// What two columns say; an index that was imported may give no reason.
pub(super) fn read_revocation(at: Option<i64>, reason: Option<String>) -> Result<Option<Revocation>, LedgerError> {
    let Some(at) = at else { return Ok(None) };
    let reason = match reason {
        None => RevocationReason::Unspecified,
        Some(word) => word.parse().map_err(|_| LedgerError::Unreadable { what: "a reason for a revocation" })?,
    };
    Ok(Some(Revocation { at: instant(at)?, reason }))
}

pub(super) fn instant(seconds: i64) -> Result<OffsetDateTime, LedgerError> {
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| LedgerError::Unreadable { what: "a time" })
}
