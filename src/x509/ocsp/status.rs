//! What a response says: of the request, and of each certificate.

use time::OffsetDateTime;

use super::syntax;
use crate::x509::revocation_reason::RevocationReason;

/// What became of a request, RFC 6960 4.2.1: all but the first stand alone and are not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseStatus {
    /// It is answered.
    Successful,
    /// It is no request.
    MalformedRequest,
    /// The responder is at fault.
    InternalError,
    /// The responder cannot answer now.
    TryLater,
    /// The responder wants requests signed.
    SigRequired,
    /// The responder does not answer for this.
    Unauthorized,
}

/// What a responder says of a certificate, RFC 6960 2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertStatus {
    /// It is not revoked.
    Good,
    /// It is revoked.
    Revoked {
        /// Since when.
        at: OffsetDateTime,
        /// Why, if anything is said: a reason of ours, or the word for one that others use.
        reason: Option<Reason>,
    },
    /// The responder does not know it.
    Unknown,
}

/// Why a certificate is revoked, as responders say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason(syntax::CrlReason);

impl ResponseStatus {
    /// The word for it in RFC 6960.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Successful => "successful",
            Self::MalformedRequest => "malformedRequest",
            Self::InternalError => "internalError",
            Self::TryLater => "tryLater",
            Self::SigRequired => "sigRequired",
            Self::Unauthorized => "unauthorized",
        }
    }
}

impl CertStatus {
    /// The word for it in RFC 6960.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked { .. } => "revoked",
            Self::Unknown => "unknown",
        }
    }
}

impl Reason {
    /// The word for it in RFC 5280 5.3.1.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self.0 {
            syntax::CrlReason::Unspecified => "unspecified",
            syntax::CrlReason::KeyCompromise => "keyCompromise",
            syntax::CrlReason::CaCompromise => "cACompromise",
            syntax::CrlReason::AffiliationChanged => "affiliationChanged",
            syntax::CrlReason::Superseded => "superseded",
            syntax::CrlReason::CessationOfOperation => "cessationOfOperation",
            syntax::CrlReason::CertificateHold => "certificateHold",
            syntax::CrlReason::RemoveFromCrl => "removeFromCRL",
            syntax::CrlReason::PrivilegeWithdrawn => "privilegeWithdrawn",
            syntax::CrlReason::AaCompromise => "aACompromise",
        }
    }

    pub(super) fn syntax(self) -> syntax::CrlReason {
        self.0
    }

    pub(super) fn of(reason: syntax::CrlReason) -> Self {
        Self(reason)
    }
}

impl From<RevocationReason> for Reason {
    fn from(reason: RevocationReason) -> Self {
        Self(match reason {
            RevocationReason::Unspecified => syntax::CrlReason::Unspecified,
            RevocationReason::KeyCompromise => syntax::CrlReason::KeyCompromise,
            RevocationReason::CaCompromise => syntax::CrlReason::CaCompromise,
            RevocationReason::AffiliationChanged => syntax::CrlReason::AffiliationChanged,
            RevocationReason::Superseded => syntax::CrlReason::Superseded,
            RevocationReason::CessationOfOperation => syntax::CrlReason::CessationOfOperation,
            RevocationReason::PrivilegeWithdrawn => syntax::CrlReason::PrivilegeWithdrawn,
        })
    }
}

impl From<syntax::ResponseStatus> for ResponseStatus {
    fn from(status: syntax::ResponseStatus) -> Self {
        match status {
            syntax::ResponseStatus::Successful => Self::Successful,
            syntax::ResponseStatus::MalformedRequest => Self::MalformedRequest,
            syntax::ResponseStatus::InternalError => Self::InternalError,
            syntax::ResponseStatus::TryLater => Self::TryLater,
            syntax::ResponseStatus::SigRequired => Self::SigRequired,
            syntax::ResponseStatus::Unauthorized => Self::Unauthorized,
        }
    }
}
