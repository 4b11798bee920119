//! How a certificate is named in OCSP: `CertID` of RFC 6960 4.1.1, digests of its issuer's name and key, and its serial number.

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use der::{AnyRef, Decode, Encode, asn1::Null};

use super::syntax;
use crate::x509::{
    certificate::Certificate,
    serial_number::{SerialNumber, SerialNumberError},
};

/// The digest in an identifier. SHA-1 names an issuer here and protects nothing: most clients know no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdHash {
    /// SHA-1.
    Sha1,
    /// SHA-256, RFC 9919 3.1.1.
    Sha256,
}

/// The name of a certificate, byte for byte as somebody asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertId {
    der: Vec<u8>,
    /// None where the digest is one that is not made here: then nobody can say whose it is.
    hash: Option<IdHash>,
    name_hash: Vec<u8>,
    key_hash: Vec<u8>,
    serial_octets: Vec<u8>,
}

/// The digests by which an issuer is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerIds([(IdHash, Vec<u8>, Vec<u8>); 2]);

impl IdHash {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
        }
    }

    fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        digest(self.algorithm(), bytes).as_ref().to_vec()
    }
}

impl CertId {
    /// The name of a certificate of an issuer.
    ///
    /// # Errors
    /// None with certificates that were read.
    pub fn new(hash: IdHash, issuer: &Certificate, serial: &SerialNumber) -> Result<Self, der::Error> {
        let [sha1, sha256] = IssuerIds::of(issuer).0;
        let (hash, name, key) = if hash == IdHash::Sha1 { sha1 } else { sha256 };
        let octets = serial.as_octets();
        let mut serial_octets = vec![0; usize::from(octets.first().is_some_and(|first| first & 0x80 != 0))];
        serial_octets.extend_from_slice(octets);
        let algorithm = if hash == IdHash::Sha1 { syntax::SHA1 } else { syntax::SHA256 };
        let der = syntax::CertId {
            hash_algorithm: syntax::AlgorithmIdentifier { algorithm, parameters: Some(AnyRef::from(Null)) },
            issuer_name_hash: der::asn1::OctetString::new(name.clone())?,
            issuer_key_hash: der::asn1::OctetString::new(key.clone())?,
            serial_number: der::asn1::Int::new(&serial_octets)?,
        }
        .to_der()?;
        Ok(Self { der, hash: Some(hash), name_hash: name, key_hash: key, serial_octets })
    }

    pub(super) fn read(any: &AnyRef<'_>) -> Result<Self, der::Error> {
        let der = any.to_der()?;
        let parsed = syntax::CertId::from_der(&der)?;
        let algorithm = parsed.hash_algorithm;
        // RFC 5754 2: absent or NULL. Anything else would be one name in many spellings.
        let is_plain = algorithm.parameters.is_none_or(|parameters| parameters == AnyRef::from(Null));
        let hash = match algorithm.algorithm {
            syntax::SHA1 if is_plain => Some(IdHash::Sha1),
            syntax::SHA256 if is_plain => Some(IdHash::Sha256),
            _ => None,
        };
        Ok(Self {
            hash,
            name_hash: parsed.issuer_name_hash.as_bytes().to_vec(),
            key_hash: parsed.issuer_key_hash.as_bytes().to_vec(),
            serial_octets: parsed.serial_number.as_bytes().to_vec(),
            der,
        })
    }

    /// The encoding, byte for byte.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The serial number.
    ///
    /// # Errors
    /// One that no certificate may have.
    pub fn serial_number(&self) -> Result<SerialNumber, SerialNumberError> {
        SerialNumber::from_octets(&self.serial_octets)
    }

    /// The octets of the serial number as they stand there, right or wrong.
    #[must_use]
    pub fn serial_octets(&self) -> &[u8] {
        &self.serial_octets
    }

    /// The digest in it, if it is one that is made here.
    #[must_use]
    pub fn hash(&self) -> Option<IdHash> {
        self.hash
    }

    /// The digest of the issuer's name.
    #[must_use]
    pub fn issuer_name_hash(&self) -> &[u8] {
        &self.name_hash
    }

    /// The digest of the issuer's key.
    #[must_use]
    pub fn issuer_key_hash(&self) -> &[u8] {
        &self.key_hash
    }
}

impl IssuerIds {
    /// Of an issuer's certificate: its subject, and its key without algorithm and tag.
    #[must_use]
    pub fn of(issuer: &Certificate) -> Self {
        let (name, key) = (issuer.tbs().subject().as_der(), issuer.tbs().public_key().key_bits());
        Self([IdHash::Sha1, IdHash::Sha256].map(|hash| (hash, hash.digest(name), hash.digest(key))))
    }

    /// Whether a certificate, by its name, is one of this issuer.
    #[must_use]
    pub fn names_issuer_of(&self, id: &CertId) -> bool {
        self.0.iter().any(|(hash, name, key)| id.hash == Some(*hash) && id.name_hash == *name && id.key_hash == *key)
    }
}
