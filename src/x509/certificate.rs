//! A certificate, RFC 5280 4.1: read whole, kept byte for byte.

use std::fmt;

use der::{Encode, asn1::BitString};
use x509_parser::{certificate::X509CertificateParser, nom::Parser};

use super::{
    certificate_error::{CertificateError, SignatureError, malformed},
    encoding::{elements, sequence},
    hexadecimal::hexadecimal,
    public_key::{SignatureAlgorithm, SubjectPublicKeyInfo},
    tbs_certificate::{SIGNATURE_ELEMENT, TbsCertificate},
};

/// A certificate: what is signed, and the signature over it.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: TbsCertificate,
    signature_oid: String,
    signature: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate.
    ///
    /// # Errors
    /// Bytes that are none, or that go on after it.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
        let (rest, parsed) = parser.parse(der).map_err(malformed)?;
        if !rest.is_empty() {
            return Err(CertificateError::TrailingBytes(rest.len()));
        }
        Ok(Self {
            der: der.to_vec(),
            tbs: TbsCertificate::from_parsed(&parsed.tbs_certificate)?,
            signature_oid: parsed.signature_algorithm.algorithm.to_id_string(),
            signature: parsed.signature_value.data.to_vec(),
        })
    }

    /// Puts a signature behind what was signed, RFC 5280 4.1.1.
    ///
    /// # Errors
    /// Bytes that do not make a certificate.
    pub fn assemble(tbs: &TbsCertificate, signature: &[u8]) -> Result<Self, CertificateError> {
        let encoding = |error: der::Error| CertificateError::Encoding(error.to_string());
        let algorithm = elements(tbs.as_der())
            .map_err(encoding)?
            .into_iter()
            .nth(SIGNATURE_ELEMENT)
            .ok_or(CertificateError::Unfaithful("signature algorithm"))?;
        let signature = BitString::from_bytes(signature).and_then(|bits| bits.to_der()).map_err(encoding)?;
        let der = sequence(&[tbs.as_der(), algorithm, &signature]).map_err(encoding)?;
        Self::from_der(&der)
    }

    /// The encoding, byte for byte.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// What is signed in it.
    pub fn tbs(&self) -> &TbsCertificate {
        &self.tbs
    }

    /// The dotted identifier of the algorithm of its signature.
    pub fn signature_oid(&self) -> &str {
        &self.signature_oid
    }

    /// Its fingerprint: SHA-256 of the whole encoding.
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// Its fingerprint in lower-case hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        hexadecimal(&self.sha256())
    }

    /// Its SHA-1 in lower-case hexadecimal digits: the name by which Windows and Macs find it. It proves nothing.
    pub fn sha1_fingerprint(&self) -> String {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &self.der);
        hexadecimal(digest.as_ref())
    }

    /// Whether its signature is one of that key.
    ///
    /// # Errors
    /// An algorithm that nobody should trust, or a signature that does not verify.
    pub fn verify_signed_by(&self, issuer: &SubjectPublicKeyInfo) -> Result<(), SignatureError> {
        let algorithm = SignatureAlgorithm::from_oid(&self.signature_oid)?;
        Ok(issuer.verify(algorithm, self.tbs.as_der(), &self.signature)?)
    }

    /// Whether a CA issued it: it names that CA as its issuer, and that CA's key signed it.
    pub fn is_issued_by(&self, ca: &Self) -> bool {
        self.tbs.issuer().as_der() == ca.tbs.subject().as_der() && self.verify_signed_by(ca.tbs.public_key()).is_ok()
    }

    /// Whether it is signed by its own key.
    pub fn is_self_signed(&self) -> bool {
        self.tbs.is_self_issued() && self.verify_signed_by(self.tbs.public_key()).is_ok()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Certificate({})", self.tbs.subject())
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut octets = [0; 32];
    octets.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    octets
}
