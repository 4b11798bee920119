//! Public keys: `SubjectPublicKeyInfo` of RFC 5280 4.1.2.7, kept byte for byte, and what can be asked of it.

mod algorithm;
mod curve;
mod kind;
mod rsa_modulus;
mod signature;
mod strength;

use std::fmt;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use der::Decode as _;
use pkcs8::spki::SubjectPublicKeyInfoRef;
use rsa::pkcs1;
use thiserror::Error;

pub use algorithm::{KeyAlgorithm, RsaSize, UnknownKeyAlgorithm};
pub use curve::NamedCurve;
pub use kind::PublicKeyKind;
pub use signature::{SignatureAlgorithm, UnknownSignatureAlgorithm, VerifyError};
pub use strength::{SoundKey, WeakKey};

/// A public key as a certificate, a request or a key file shows it: any key, also one we would not certify.
#[derive(Clone, PartialEq, Eq)]
pub struct SubjectPublicKeyInfo {
    der: Vec<u8>,
    key_bits: Vec<u8>,
    kind: PublicKeyKind,
}

/// The bytes are no public key at all.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PublicKeyError {
    /// Not the DER of a `SubjectPublicKeyInfo`.
    #[error("these {length} bytes are no SubjectPublicKeyInfo")]
    NotDer {
        /// How many bytes there were.
        length: usize,
        /// Where the reading ended.
        source: pkcs8::spki::Error,
    },
    /// The key is no whole number of bytes.
    #[error("the public key ends in the middle of a byte ({unused} bits are unused)")]
    PartialByte {
        /// The unused bits of the last byte.
        unused: u8,
    },
}

impl SubjectPublicKeyInfo {
    /// Reads a key of any kind and keeps these very bytes.
    ///
    /// # Errors
    ///
    /// When the outer structure is broken; a broken RSA or elliptic key in it is a [`PublicKeyKind::Unreadable`].
    pub fn from_der(der: &[u8]) -> Result<Self, PublicKeyError> {
        let info = SubjectPublicKeyInfoRef::try_from(der)
            .map_err(|source| PublicKeyError::NotDer { length: der.len(), source })?;
        let bits = info.subject_public_key;
        let key_bits = bits.as_bytes().ok_or(PublicKeyError::PartialByte { unused: bits.unused_bits() })?;
        Ok(Self { der: der.to_vec(), kind: PublicKeyKind::of(&info, key_bits), key_bits: key_bits.to_vec() })
    }

    /// What kind of key it is.
    #[must_use]
    pub fn kind(&self) -> PublicKeyKind {
        self.kind.clone()
    }

    /// The bytes it was read from.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The content of the BIT STRING: a point, or an RSA key of PKCS#1.
    #[must_use]
    pub fn key_bits(&self) -> &[u8] {
        &self.key_bits
    }

    /// RFC 5280 4.2.1.2 method 1: SHA-1 of the BIT STRING's content. It names the key and protects nothing.
    #[must_use]
    pub fn key_identifier(&self) -> [u8; 20] {
        fixed(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.key_bits).as_ref())
    }

    /// By what NSS finds a key and its certificates in a token of PKCS#11, `CKA_ID`: SHA-1 of the modulus of RSA, or of a point.
    #[must_use]
    pub fn token_identifier(&self) -> [u8; 20] {
        let rsa =
            matches!(self.kind, PublicKeyKind::Rsa { .. }).then(|| pkcs1::RsaPublicKeyRef::from_der(&self.key_bits));
        match rsa {
            Some(Ok(key)) => fixed(digest(&SHA1_FOR_LEGACY_USE_ONLY, key.modulus.as_bytes()).as_ref()),
            _ => self.key_identifier(),
        }
    }

    /// SHA-256 of the whole structure: what pins and fingerprint lists use (RFC 7469 2.4).
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        fixed(digest(&SHA256, &self.der).as_ref())
    }

    /// Checks that `signature` over `message` was made with the private half of this key.
    ///
    /// # Errors
    ///
    /// When it was not, when the algorithm is not one of this kind of key, or when the key is outside what is verified
    /// (RSA of 2048 to 8192 bits, P-256, P-384, P-521, Ed25519).
    pub fn verify(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        signature::verify(&self.kind, &self.key_bits, algorithm, message, signature)
    }

    /// Checks that the key is one we certify, and tells which.
    ///
    /// # Errors
    ///
    /// The rule it breaks, with the value that breaks it.
    pub fn check_strength(&self) -> Result<SoundKey, WeakKey> {
        strength::check(&self.kind, &self.key_bits)
    }
}

impl fmt::Debug for SubjectPublicKeyInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SubjectPublicKeyInfo({}, ", self.kind)?;
        for byte in self.key_identifier() {
            write!(formatter, "{byte:02x}")?;
        }
        formatter.write_str(")")
    }
}

fn fixed<const N: usize>(digest: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    for (to, from) in array.iter_mut().zip(digest) {
        *to = *from;
    }
    array
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
