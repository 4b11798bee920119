//! Signature algorithms: those we make and verify (RFC 4055 5, RFC 5758 3.2, RFC 8410 3), and the names of those we do not.

use std::fmt;

use aws_lc_rs::signature as aws;
use thiserror::Error;

use super::curve::NamedCurve;
use super::kind::PublicKeyKind;
use super::strength::SoundKey;
use crate::x509::digest::DigestAlgorithm;

/// A signature algorithm that is verified here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA over SHA-256.
    EcdsaWithSha256,
    /// ECDSA over SHA-384.
    EcdsaWithSha384,
    /// ECDSA over SHA-512.
    EcdsaWithSha512,
    /// RSA, PKCS#1 v1.5, over SHA-256.
    RsaPkcs1Sha256,
    /// RSA, PKCS#1 v1.5, over SHA-384.
    RsaPkcs1Sha384,
    /// RSA, PKCS#1 v1.5, over SHA-512.
    RsaPkcs1Sha512,
    /// Ed25519.
    Ed25519,
}

/// A signature algorithm that is not verified here.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{} is no signature algorithm that is verified here", name.map_or_else(|| oid.clone(), |name| format!("{name} ({oid})")))]
pub struct UnknownSignatureAlgorithm {
    /// Its object identifier.
    pub oid: String,
    /// Its name, where it is a known one.
    pub name: Option<&'static str>,
}

impl SignatureAlgorithm {
    /// All that are verified here.
    pub const ALL: [Self; 7] = [
        Self::EcdsaWithSha256,
        Self::EcdsaWithSha384,
        Self::EcdsaWithSha512,
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
        Self::Ed25519,
    ];

    /// The one that our own keys of this kind sign with.
    #[must_use]
    pub fn as_signed_by(key: impl Into<SoundKey>) -> Self {
        match key.into() {
            SoundKey::P256 => Self::EcdsaWithSha256,
            SoundKey::P384 => Self::EcdsaWithSha384,
            SoundKey::Rsa { .. } => Self::RsaPkcs1Sha256,
        }
    }

    /// The one with this object identifier, in dotted decimals.
    ///
    /// # Errors
    ///
    /// When it is none of ours; the error names it where it is well known.
    pub fn from_oid(oid: &str) -> Result<Self, UnknownSignatureAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.oid() == oid).ok_or_else(|| UnknownSignatureAlgorithm {
            oid: oid.to_owned(),
            name: FOREIGN.iter().find(|(foreign, _)| *foreign == oid).map(|(_, name)| *name),
        })
    }

    /// Its object identifier, in dotted decimals.
    #[must_use]
    pub fn oid(self) -> &'static str {
        match self {
            Self::EcdsaWithSha256 => "1.2.840.10045.4.3.2",
            Self::EcdsaWithSha384 => "1.2.840.10045.4.3.3",
            Self::EcdsaWithSha512 => "1.2.840.10045.4.3.4",
            Self::RsaPkcs1Sha256 => "1.2.840.113549.1.1.11",
            Self::RsaPkcs1Sha384 => "1.2.840.113549.1.1.12",
            Self::RsaPkcs1Sha512 => "1.2.840.113549.1.1.13",
            Self::Ed25519 => "1.3.101.112",
        }
    }

    /// The digest that is signed; Ed25519 signs the message itself.
    #[must_use]
    pub fn digest_algorithm(self) -> Option<DigestAlgorithm> {
        match self {
            Self::EcdsaWithSha256 | Self::RsaPkcs1Sha256 => Some(DigestAlgorithm::Sha256),
            Self::EcdsaWithSha384 | Self::RsaPkcs1Sha384 => Some(DigestAlgorithm::Sha384),
            Self::EcdsaWithSha512 | Self::RsaPkcs1Sha512 => Some(DigestAlgorithm::Sha512),
            Self::Ed25519 => None,
        }
    }

    /// The whole `AlgorithmIdentifier` in DER: RSA has a NULL parameter, the others none.
    #[must_use]
    pub fn identifier_der(self) -> &'static [u8] {
        match self {
            Self::EcdsaWithSha256 => b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02",
            Self::EcdsaWithSha384 => b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03",
            Self::EcdsaWithSha512 => b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04",
            Self::RsaPkcs1Sha256 => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00",
            Self::RsaPkcs1Sha384 => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00",
            Self::RsaPkcs1Sha512 => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00",
            Self::Ed25519 => b"\x30\x05\x06\x03\x2b\x65\x70",
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::EcdsaWithSha256 => "ecdsa-with-SHA256",
            Self::EcdsaWithSha384 => "ecdsa-with-SHA384",
            Self::EcdsaWithSha512 => "ecdsa-with-SHA512",
            Self::RsaPkcs1Sha256 => "sha256WithRSAEncryption",
            Self::RsaPkcs1Sha384 => "sha384WithRSAEncryption",
            Self::RsaPkcs1Sha512 => "sha512WithRSAEncryption",
            Self::Ed25519 => "Ed25519",
        })
    }
}

/// A signature was not accepted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum VerifyError {
    /// This key cannot have made a signature of this algorithm, or it is no key that is verified here.
    #[error("{algorithm} is not verified with {key}")]
    Mismatch {
        /// The key.
        key: String,
        /// The algorithm.
        algorithm: SignatureAlgorithm,
    },
    /// The signature is not that of this key over this message.
    #[error("the {algorithm} signature was not made by this {key} key over these bytes")]
    Forged {
        /// The key.
        key: String,
        /// The algorithm.
        algorithm: SignatureAlgorithm,
    },
}

pub(super) fn verify(
    kind: &PublicKeyKind,
    key_bits: &[u8],
    algorithm: SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    let verifier =
        verifier(kind, algorithm).ok_or_else(|| VerifyError::Mismatch { key: kind.to_string(), algorithm })?;
    aws::UnparsedPublicKey::new(verifier, key_bits)
        .verify(message, signature)
        .map_err(|_| VerifyError::Forged { key: kind.to_string(), algorithm })
}

fn verifier(kind: &PublicKeyKind, algorithm: SignatureAlgorithm) -> Option<&'static dyn aws::VerificationAlgorithm> {
    use SignatureAlgorithm as Algorithm;
    Some(match (kind, algorithm) {
        (PublicKeyKind::Rsa { bits, .. }, _) if !(2048..=8192).contains(bits) => return None,
        (PublicKeyKind::Rsa { .. }, Algorithm::RsaPkcs1Sha256) => &aws::RSA_PKCS1_2048_8192_SHA256,
        (PublicKeyKind::Rsa { .. }, Algorithm::RsaPkcs1Sha384) => &aws::RSA_PKCS1_2048_8192_SHA384,
        (PublicKeyKind::Rsa { .. }, Algorithm::RsaPkcs1Sha512) => &aws::RSA_PKCS1_2048_8192_SHA512,
        (PublicKeyKind::Ec(curve), _) => match (curve, algorithm) {
            (NamedCurve::P256, Algorithm::EcdsaWithSha256) => &aws::ECDSA_P256_SHA256_ASN1,
            (NamedCurve::P256, Algorithm::EcdsaWithSha384) => &aws::ECDSA_P256_SHA384_ASN1,
            (NamedCurve::P256, Algorithm::EcdsaWithSha512) => &aws::ECDSA_P256_SHA512_ASN1,
            (NamedCurve::P384, Algorithm::EcdsaWithSha256) => &aws::ECDSA_P384_SHA256_ASN1,
            (NamedCurve::P384, Algorithm::EcdsaWithSha384) => &aws::ECDSA_P384_SHA384_ASN1,
            (NamedCurve::P384, Algorithm::EcdsaWithSha512) => &aws::ECDSA_P384_SHA512_ASN1,
            (NamedCurve::P521, Algorithm::EcdsaWithSha256) => &aws::ECDSA_P521_SHA256_ASN1,
            (NamedCurve::P521, Algorithm::EcdsaWithSha384) => &aws::ECDSA_P521_SHA384_ASN1,
            (NamedCurve::P521, Algorithm::EcdsaWithSha512) => &aws::ECDSA_P521_SHA512_ASN1,
            _ => return None,
        },
        (PublicKeyKind::Ed25519, Algorithm::Ed25519) => &aws::ED25519,
        _ => return None,
    })
}

/// Well-known algorithms that are not verified here, so that a message can say their names.
const FOREIGN: [(&str, &str); 12] = [
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
    ("1.2.840.10040.4.3", "dsa-with-SHA1"),
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.2.840.10045.4.3.1", "ecdsa-with-SHA224"),
    ("1.3.101.113", "Ed448"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
];
