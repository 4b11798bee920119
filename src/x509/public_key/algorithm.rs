//! The keys we make: what `--key` names.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// A kind of key we make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// ECDSA on P-256: small, fast, and known to every device.
    P256,
    /// ECDSA on P-384.
    P384,
    /// RSA, for devices that know nothing else.
    Rsa(RsaSize),
}

/// The RSA moduli we make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RsaSize {
    /// 2048 bits.
    Bits2048,
    /// 3072 bits.
    Bits3072,
    /// 4096 bits.
    Bits4096,
    /// 8192 bits: minutes to make, and few gain from it.
    Bits8192,
}

impl RsaSize {
    /// The length of the modulus in bits.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::Bits2048 => 2048,
            Self::Bits3072 => 3072,
            Self::Bits4096 => 4096,
            Self::Bits8192 => 8192,
        }
    }
}

impl KeyAlgorithm {
    /// All of them, in the order a list shows them.
    pub const ALL: [Self; 6] = [
        Self::P256,
        Self::P384,
        Self::Rsa(RsaSize::Bits2048),
        Self::Rsa(RsaSize::Bits3072),
        Self::Rsa(RsaSize::Bits4096),
        Self::Rsa(RsaSize::Bits8192),
    ];

    /// The word for it on the command line, in settings and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::Rsa(RsaSize::Bits2048) => "rsa2048",
            Self::Rsa(RsaSize::Bits3072) => "rsa3072",
            Self::Rsa(RsaSize::Bits4096) => "rsa4096",
            Self::Rsa(RsaSize::Bits8192) => "rsa8192",
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for KeyAlgorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// There is no such kind of key here.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{word}` is none of p256, p384, rsa2048, rsa3072, rsa4096, rsa8192")]
pub struct UnknownKeyAlgorithm {
    /// What was asked for.
    pub word: String,
}

impl FromStr for KeyAlgorithm {
    type Err = UnknownKeyAlgorithm;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == word)
            .ok_or_else(|| UnknownKeyAlgorithm { word: word.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for algorithm in KeyAlgorithm::ALL {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
            let json = serde_json::to_string(&algorithm).unwrap();
            assert_eq!(json, format!("\"{algorithm}\""));
        }
        assert!("rsa1024".parse::<KeyAlgorithm>().is_err());
        assert!("P256".parse::<KeyAlgorithm>().is_err());
    }
}
