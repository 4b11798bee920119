//! Kinds of public keys, told by the identifier of the algorithm and what follows it.

use std::fmt;

use der::Decode;
use pkcs8::spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};
use rsa::pkcs1;

use super::curve::NamedCurve;

/// What kind of key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicKeyKind {
    /// RSA (RFC 3279 2.3.1).
    Rsa {
        /// The length of the modulus.
        bits: u32,
        /// The public exponent; none where it has more than 64 bits.
        exponent: Option<u64>,
    },
    /// A point on a named curve (RFC 5480 2.1.1).
    Ec(NamedCurve),
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Ed448 (RFC 8410).
    Ed448,
    /// RSA or elliptic, by its identifier, but what follows does not read as such.
    Unreadable(String),
    /// Another, by its object identifier.
    Other(String),
}

impl PublicKeyKind {
    pub(super) fn of(info: &SubjectPublicKeyInfoRef<'_>, key_bits: &[u8]) -> Self {
        let oid = info.algorithm.oid;
        match oid {
            RSA => match pkcs1::RsaPublicKeyRef::from_der(key_bits) {
                Ok(key) => Self::Rsa {
                    bits: bit_length(key.modulus.as_bytes()),
                    exponent: small_integer(key.public_exponent.as_bytes()),
                },
                Err(_) => Self::Unreadable(oid.to_string()),
            },
            EC => match info.algorithm.parameters_oid() {
                Ok(curve) => Self::Ec(NamedCurve::from_oid(curve)),
                // Explicit curve parameters, which RFC 5480 2.1.1 forbids.
                Err(_) => Self::Unreadable(oid.to_string()),
            },
            ED25519 => Self::Ed25519,
            ED448 => Self::Ed448,
            other => Self::Other(other.to_string()),
        }
    }
}

impl fmt::Display for PublicKeyKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits, .. } => write!(formatter, "RSA-{bits}"),
            Self::Ec(curve) => curve.fmt(formatter),
            Self::Ed25519 => formatter.write_str("Ed25519"),
            Self::Ed448 => formatter.write_str("Ed448"),
            Self::Unreadable(oid) => write!(formatter, "unreadable key of type {oid}"),
            Self::Other(oid) => write!(formatter, "key of type {oid}"),
        }
    }
}

/// The bits of a number without leading zeros.
fn bit_length(bytes: &[u8]) -> u32 {
    let significant = bytes.iter().skip_while(|byte| **byte == 0);
    let Some(first) = significant.clone().next() else {
        return 0;
    };
    let length = u32::try_from(significant.count()).unwrap_or(u32::MAX / 8);
    length.saturating_mul(8) - first.leading_zeros()
}

fn small_integer(bytes: &[u8]) -> Option<u64> {
    bytes.iter().try_fold(0_u64, |number, byte| Some(number.checked_mul(256)? | u64::from(*byte)))
}

const RSA: ObjectIdentifier = const_oid::db::rfc5912::RSA_ENCRYPTION;
const EC: ObjectIdentifier = const_oid::db::rfc5912::ID_EC_PUBLIC_KEY;
const ED25519: ObjectIdentifier = const_oid::db::rfc8410::ID_ED_25519;
const ED448: ObjectIdentifier = const_oid::db::rfc8410::ID_ED_448;
