//! Keys we certify, and the rules the others break: the list of Boulder's `goodkey`, with the reasons of CA/Browser Forum BR 6.1.1.3
//! and NIST SP 800-89 5.3.3.

use std::fmt;

use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1, ParsedPublicKey};
use der::Decode;
use rsa::pkcs1::RsaPublicKeyRef;
use thiserror::Error;

use super::algorithm::KeyAlgorithm;
use super::curve::NamedCurve;
use super::kind::PublicKeyKind;
use super::rsa_modulus::Modulus;

/// A key that may be certified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoundKey {
    /// A point on P-256.
    P256,
    /// A point on P-384.
    P384,
    /// RSA with the exponent 65537.
    Rsa {
        /// The length of the modulus, 2048 to 8192.
        bits: u32,
    },
}

impl From<KeyAlgorithm> for SoundKey {
    fn from(algorithm: KeyAlgorithm) -> Self {
        match algorithm {
            KeyAlgorithm::P256 => Self::P256,
            KeyAlgorithm::P384 => Self::P384,
            KeyAlgorithm::Rsa(size) => Self::Rsa { bits: size.bits() },
        }
    }
}

impl fmt::Display for SoundKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::P256 => formatter.write_str("p256"),
            Self::P384 => formatter.write_str("p384"),
            Self::Rsa { bits } => write!(formatter, "rsa{bits}"),
        }
    }
}

/// Why a key is not certified.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeakKey {
    /// A kind of key that not every device knows, or that is none.
    #[error("{kind} keys are not certified; P-256, P-384 and RSA are")]
    Kind {
        /// The kind.
        kind: String,
    },
    /// An RSA modulus too short to be safe or too long to be bearable.
    #[error("the RSA modulus has {bits} bits; 2048 to 8192 are certified")]
    ModulusLength {
        /// Its length.
        bits: u32,
    },
    /// An RSA exponent other than 65537.
    #[error("the RSA exponent is {}; 65537 is certified", exponent.map_or_else(|| String::from("longer than 64 bits"), |exponent| exponent.to_string()))]
    Exponent {
        /// The exponent; none where it has more than 64 bits.
        exponent: Option<u64>,
    },
    /// An RSA modulus with a factor that anybody finds.
    #[error("the RSA modulus is divisible by {factor}")]
    SmallFactor {
        /// The factor.
        factor: u64,
    },
    /// An RSA modulus made by a chip with CVE-2017-15361.
    #[error("the RSA modulus has the mark of the Infineon generator (ROCA, CVE-2017-15361)")]
    Roca,
    /// An RSA modulus whose primes lie so close together that Fermat's method finds them.
    #[error("the primes of the RSA modulus are found by Fermat's method in {rounds} rounds")]
    ClosePrimes {
        /// After how many rounds.
        rounds: u32,
    },
    /// An elliptic point written in another way than RFC 5480 2.2 demands of us all.
    #[error("the {curve} point begins with the byte {first:#04x}; an uncompressed one begins with 0x04")]
    PointForm {
        /// The curve.
        curve: NamedCurve,
        /// The first byte.
        first: u8,
    },
    /// Coordinates that are on no such curve.
    #[error("the point is not on {curve}")]
    NotOnCurve {
        /// The curve.
        curve: NamedCurve,
    },
}

pub(super) fn check(kind: &PublicKeyKind, key_bits: &[u8]) -> Result<SoundKey, WeakKey> {
    match kind {
        PublicKeyKind::Rsa { bits, exponent } => check_rsa(key_bits, *bits, *exponent),
        PublicKeyKind::Ec(curve @ NamedCurve::P256) => {
            check_form(key_bits, curve)?;
            match p256::PublicKey::from_sec1_bytes(key_bits) {
                Ok(_) => Ok(SoundKey::P256),
                Err(_) => Err(WeakKey::NotOnCurve { curve: curve.clone() }),
            }
        }
        PublicKeyKind::Ec(curve @ NamedCurve::P384) => {
            check_form(key_bits, curve)?;
            match ParsedPublicKey::new(&ECDSA_P384_SHA384_ASN1, key_bits) {
                Ok(_) => Ok(SoundKey::P384),
                Err(_) => Err(WeakKey::NotOnCurve { curve: curve.clone() }),
            }
        }
        other => Err(WeakKey::Kind { kind: other.to_string() }),
    }
}

fn check_rsa(key_bits: &[u8], bits: u32, exponent: Option<u64>) -> Result<SoundKey, WeakKey> {
    if !(2048..=8192).contains(&bits) {
        return Err(WeakKey::ModulusLength { bits });
    }
    if exponent != Some(65537) {
        return Err(WeakKey::Exponent { exponent });
    }
    let Ok(key) = RsaPublicKeyRef::from_der(key_bits) else {
        return Err(WeakKey::Kind { kind: String::from("unreadable RSA") });
    };
    let modulus = Modulus::new(key.modulus.as_bytes());
    if let Some(factor) = modulus.small_factor() {
        return Err(WeakKey::SmallFactor { factor });
    }
    if modulus.has_roca_mark() {
        return Err(WeakKey::Roca);
    }
    if let Some(rounds) = modulus.fermat_rounds(FERMAT_ROUNDS) {
        return Err(WeakKey::ClosePrimes { rounds });
    }
    Ok(SoundKey::Rsa { bits })
}

fn check_form(point: &[u8], curve: &NamedCurve) -> Result<(), WeakKey> {
    match point.first().copied() {
        Some(0x04) => Ok(()),
        first => Err(WeakKey::PointForm { curve: curve.clone(), first: first.unwrap_or(0) }),
    }
}

/// BR 6.1.1.3 asks for a hundred.
const FERMAT_ROUNDS: u32 = 100;
