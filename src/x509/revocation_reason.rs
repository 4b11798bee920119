//! Why a certificate is revoked: the CRLReason of RFC 5280 5.3.1.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use thiserror::Error;

/// Why we revoke. certificateHold and removeFromCRL are for certificates that come back: none does here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RevocationReason {
    /// Nobody said why; a CRL leaves it out, as 5.3.1 asks.
    Unspecified,
    /// Somebody else has, or may have, the private key.
    KeyCompromise,
    /// The same of a CA's key.
    CaCompromise,
    /// The name or another word in the certificate is not true any more.
    AffiliationChanged,
    /// Another certificate has taken its place.
    Superseded,
    /// What it was for is gone.
    CessationOfOperation,
    /// Its holder may not have it any more.
    PrivilegeWithdrawn,
}

/// There is no such reason here.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{word}` is no reason for revoking a certificate for good")]
pub struct UnknownRevocationReason {
    /// What was asked for.
    pub word: String,
}

impl RevocationReason {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 7] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
    ];

    /// The word for it, in RFC 5280's spelling.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
        }
    }

    /// Its number in a CRL and in an OCSP response.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::PrivilegeWithdrawn => 9,
        }
    }

    /// Whether there is nothing left that needs another certificate: its server, or the right to it, is gone.
    #[must_use]
    pub fn ends_its_use(self) -> bool {
        matches!(self, Self::CessationOfOperation | Self::PrivilegeWithdrawn)
    }

    /// Whether a private key is said to be in wrong hands: then nothing that was ever signed with it counts.
    #[must_use]
    pub fn is_compromise(self) -> bool {
        matches!(self, Self::KeyCompromise | Self::CaCompromise)
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for RevocationReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for RevocationReason {
    type Err = UnknownRevocationReason;

    /// Case does not matter: nobody remembers where RFC 5280 has its capital letters.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| UnknownRevocationReason { word: word.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_read_as_it_is_written() {
        for reason in RevocationReason::ALL {
            assert_eq!(reason.to_string().parse(), Ok(reason));
            assert_eq!(reason.as_str().to_uppercase().parse(), Ok(reason));
        }
    }

    #[test]
    fn what_can_be_taken_back_is_no_reason() {
        for word in ["certificateHold", "removeFromCRL", "aACompromise", "", "lost"] {
            assert!(word.parse::<RevocationReason>().is_err(), "{word}");
        }
    }
}
