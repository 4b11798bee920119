//! What happens while a responder is at work, as it is told to whoever started it.

use time::OffsetDateTime;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevocationEvent {
    /// Whoever asks is answered from now on.
    Opened {
        /// Who answers.
        responders: Vec<AtWork>,
        /// The names of the files.
        files: Vec<String>,
    },
    /// A responder has a new certificate.
    Issued {
        /// For which CA it answers.
        issuer: String,
        /// The end of its life.
        not_after: OffsetDateTime,
    },
    /// More than half of a responder's life is over, and it could not be renewed.
    NotRenewed {
        /// For which CA it answers.
        issuer: String,
        /// The end of its life.
        not_after: OffsetDateTime,
        /// Why.
        reason: String,
    },
    /// A CA has no responder: nobody is answered about what it issued.
    LeftOut {
        /// Which CA.
        issuer: String,
        /// Why.
        reason: String,
    },
    /// The clock leapt: until it is right again, no responder has a new certificate.
    ClockLeapt {
        /// What it should show by what went before.
        expected: OffsetDateTime,
    },
    /// The ledger cannot be read: whoever asks is told to come later.
    Troubled {
        /// Why.
        reason: String,
    },
}

/// A responder at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtWork {
    /// For which CA it answers.
    pub issuer: String,
    /// The fingerprint of its certificate.
    pub sha256: String,
    /// The end of its life.
    pub not_after: OffsetDateTime,
}

/// How many were served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Requests by OCSP that were answered.
    pub answers: u64,
    /// Requests by OCSP that got an error.
    pub errors: u64,
    /// Files.
    pub files: u64,
}
