//! Curves that a key names by an object identifier (RFC 5480 2.1.1.1).

use std::fmt;

use const_oid::db::rfc5912::{SECP_256_R_1, SECP_384_R_1, SECP_521_R_1};
use pkcs8::spki::ObjectIdentifier;

/// The curve of an elliptic key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedCurve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
    /// Another, by its object identifier.
    Other(String),
}

impl NamedCurve {
    pub(super) fn from_oid(oid: ObjectIdentifier) -> Self {
        match oid {
            SECP_256_R_1 => Self::P256,
            SECP_384_R_1 => Self::P384,
            SECP_521_R_1 => Self::P521,
            other => Self::Other(other.to_string()),
        }
    }
}

impl fmt::Display for NamedCurve {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::P256 => formatter.write_str("P-256"),
            Self::P384 => formatter.write_str("P-384"),
            Self::P521 => formatter.write_str("P-521"),
            Self::Other(oid) => match NAMES.iter().find(|(known, _)| known == oid) {
                Some((_, name)) => formatter.write_str(name),
                None => write!(formatter, "curve {oid}"),
            },
        }
    }
}

/// Curves that other tools make keys on, so that a refusal can say their names (SEC 2, RFC 5639).
const NAMES: [(&str, &str); 7] = [
    ("1.2.840.10045.3.1.1", "P-192"),
    ("1.3.132.0.33", "P-224"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
    ("1.2.156.10197.1.301", "SM2"),
];
