//! Why the ledger did not take something down.

use thiserror::Error;
use time::OffsetDateTime;

use super::{label::Label, told_time::told};
use crate::store::StoreError;

/// Why the ledger did not take something down.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A label stands for other names.
    #[error("the label `{label}` stands for {names}")]
    OtherNames {
        /// The label.
        label: Label,
        /// The names it stands for.
        names: String,
    },
    /// A label belongs to a key that is kept in the home.
    #[error("the label `{0}` belongs to a certificate whose key is kept here")]
    LabelTaken(Label),
    /// The key is that of a CA.
    #[error("the key is that of a CA")]
    KeyOfCa,
    /// The key was in a certificate that was revoked.
    #[error("the key was in the revoked certificate {serial}")]
    KeyRevoked {
        /// The serial of that certificate.
        serial: String,
    },
    /// The CA's own certificate was revoked.
    #[error("the CA `{issuer}` was revoked on {}", at.date())]
    IssuerRevoked {
        /// Its name.
        issuer: String,
        /// When.
        at: OffsetDateTime,
    },
    /// The clock shows an earlier time than the newest audit entry.
    #[error("the clock says {}, and the newest entry in the audit log is of {}", told(*now), told(*newest))]
    ClockWentBack {
        /// The clock's time.
        now: OffsetDateTime,
        /// The newest entry's.
        newest: OffsetDateTime,
    },
    /// The newest entry of the audit log does not follow from the one before it.
    #[error("the audit log is broken at its end: entry {sequence} does not follow from the one before it")]
    LogBroken {
        /// Its place.
        sequence: i64,
    },
    /// What was revoked would be in no CRL.
    #[error("the certificate {serial} was revoked, and the ledger does not say so any more")]
    RevocationLost {
        /// Its serial number.
        serial: String,
    },
    /// What the ledger says of something by which it was to be signed, copied or run is not as it was written.
    #[error("{message}")]
    Changed {
        /// What is wrong, in a sentence.
        message: String,
    },
    /// Content that this program did not write.
    #[error("the ledger holds {what} that cannot be read")]
    Unreadable {
        /// What it is.
        what: &'static str,
    },
}
