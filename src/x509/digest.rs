//! Digest algorithms of the SHA-2 family, RFC 5754 2: what signatures are made over.

use aws_lc_rs::digest::{Algorithm, Context, SHA256, SHA384, SHA512, digest};

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// SHA-256 of what comes in pieces.
#[derive(Clone)]
pub struct Sha256(Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl Sha256 {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The digest of all of them.
    pub fn finish(self) -> [u8; 32] {
        let mut octets = [0; 32];
        octets.iter_mut().zip(self.0.finish().as_ref()).for_each(|(octet, digest)| *octet = *digest);
        octets
    }
}

impl DigestAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The one with this object identifier, in dotted decimals.
    pub fn from_oid(oid: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.oid() == oid)
    }

    /// Its object identifier, in dotted decimals.
    pub fn oid(self) -> &'static str {
        match self {
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        }
    }

    /// The digest of some bytes.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        digest(self.implementation(), bytes).as_ref().to_vec()
    }

    fn implementation(self) -> &'static Algorithm {
        match self {
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        }
    }
}

/// The digest of what comes in parts.
pub struct RunningDigest(Context);

impl RunningDigest {
    /// Of nothing so far.
    #[must_use]
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        Self(Context::new(algorithm.implementation()))
    }

    /// Takes the next part; tells how long it is.
    pub fn take(&mut self, part: &[u8]) -> u64 {
        self.0.update(part);
        part.len() as u64
    }

    /// The digest of all parts.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}
