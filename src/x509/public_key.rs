//! stub
use thiserror::Error;
/// e
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PublicKeyError {
    /// a
    #[error("x")]
    X,
}
/// a
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// a
    P256,
}
/// a
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedCurve {
    /// a
    P256,
    /// a
    P384,
    /// a
    P521,
    /// a
    Other(String),
}
/// a
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKeyKind {
    /// a
    Rsa {
        /// a
        bits: u32,
    },
    /// a
    Ec(NamedCurve),
    /// a
    Ed25519,
}
/// a
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// a
    EcdsaWithSha256,
    /// a
    EcdsaWithSha384,
    /// a
    RsaPkcs1Sha256,
    /// a
    RsaPkcs1Sha384,
}
impl std::fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "x")
    }
}
impl SignatureAlgorithm {
    /// a
    pub fn from_oid(_o: &str) -> Result<Self, PublicKeyError> {
        Err(PublicKeyError::X)
    }
}
/// a
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectPublicKeyInfo {
    der: Vec<u8>,
}
impl SubjectPublicKeyInfo {
    /// a
    pub fn from_der(d: &[u8]) -> Result<Self, PublicKeyError> {
        Ok(Self { der: d.to_vec() })
    }
    /// a
    pub fn der(&self) -> &[u8] {
        &self.der
    }
    /// a
    pub fn key_bits(&self) -> &[u8] {
        &self.der
    }
    /// a
    pub fn key_identifier(&self) -> [u8; 20] {
        [0; 20]
    }
    /// a
    pub fn kind(&self) -> PublicKeyKind {
        PublicKeyKind::Ed25519
    }
    /// a
    pub fn check_strength(&self) -> Result<KeyAlgorithm, PublicKeyError> {
        Err(PublicKeyError::X)
    }
    /// a
    pub fn verify(&self, _a: SignatureAlgorithm, _m: &[u8], _s: &[u8]) -> Result<(), PublicKeyError> {
        Ok(())
    }
}
