//! A certificate and what is signed in it, RFC 5280 4.1: read whole, kept byte for byte.

use std::fmt;

use der::{Encode, asn1::BitString};
use thiserror::Error;
use x509_parser::{
    certificate::{TbsCertificateParser, X509CertificateParser},
    nom::Parser,
};

use super::{
    encoding::{elements, sequence},
    extension::{AltName, BasicConstraints, ExtendedKeyUsage, Extension, ExtensionError, KeyIdentifier, KeyUsage},
    hexadecimal::hexadecimal,
    name::{DistinguishedName, NameError},
    name_constraints::NameConstraints,
    oid,
    public_key::{PublicKeyError, SignatureAlgorithm, SubjectPublicKeyInfo, UnknownSignatureAlgorithm, VerifyError},
    serial_number::{SerialNumber, SerialNumberError},
    subtree::NameConstraintsError,
    validity::Validity,
};

/// What is signed in a certificate, RFC 5280 4.1.2. Whatever parses is held, right or wrong.
#[derive(Clone)]
pub struct TbsCertificate {
    der: Vec<u8>,
    version: u32,
    serial_octets: Vec<u8>,
    signature_oid: String,
    issuer: DistinguishedName,
    subject: DistinguishedName,
    validity: Validity,
    public_key: SubjectPublicKeyInfo,
    extensions: Vec<Extension>,
}

/// A certificate: what is signed, and the signature over it.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: TbsCertificate,
    signature_oid: String,
    signature: Vec<u8>,
}

/// Why bytes are no certificate, or one is not what it should be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CertificateError {
    /// Bytes that are no certificate, with the parser's word on where.
    #[error("these bytes are no certificate: {0}")]
    Malformed(String),
    /// Something follows the certificate.
    #[error("{0} bytes follow the certificate")]
    TrailingBytes(usize),
    /// The public key cannot be read.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
    /// A name cannot be read.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The name constraints cannot be read.
    #[error(transparent)]
    NameConstraints(#[from] NameConstraintsError),
    /// The template asks for something that cannot be encoded.
    #[error("the certificate cannot be encoded: {0}")]
    Encoding(String),
    /// What came out is not what was asked for.
    #[error("the encoded {0} is not the one asked for")]
    Unfaithful(&'static str),
}

/// Why a signature does not bind anybody.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SignatureError {
    /// An algorithm that nobody should trust.
    #[error(transparent)]
    Algorithm(#[from] UnknownSignatureAlgorithm),
    /// Not a signature of that key over these bytes.
    #[error(transparent)]
    Signature(#[from] VerifyError),
}

impl TbsCertificate {
    /// Reads what is signed in a certificate.
    ///
    /// # Errors
    /// Bytes that are none.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let mut parser = TbsCertificateParser::new().with_deep_parse_extensions(false);
        let (rest, parsed) = parser.parse(der).map_err(malformed)?;
        if !rest.is_empty() {
            return Err(CertificateError::TrailingBytes(rest.len()));
        }
        Self::from_parsed(&parsed)
    }

    fn from_parsed(parsed: &x509_parser::certificate::TbsCertificate<'_>) -> Result<Self, CertificateError> {
        Ok(Self {
            der: parsed.as_ref().to_vec(),
            version: parsed.version.0 + 1,
            serial_octets: parsed.raw_serial().to_vec(),
            signature_oid: parsed.signature.algorithm.to_id_string(),
            issuer: DistinguishedName::from_parsed(&parsed.issuer),
            subject: DistinguishedName::from_parsed(&parsed.subject),
            validity: Validity::as_read(
                parsed.validity.not_before.to_datetime(),
                parsed.validity.not_after.to_datetime(),
            ),
            public_key: SubjectPublicKeyInfo::from_der(parsed.subject_pki.raw)?,
            extensions: parsed
                .extensions()
                .iter()
                .map(|extension| Extension {
                    oid: extension.oid.to_id_string(),
                    critical: extension.critical,
                    value: extension.value.to_vec(),
                })
                .collect(),
        })
    }

    /// The encoding, byte for byte.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The version as people count it: 1, 2 or 3.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The octets of the serial number as encoded, right or wrong.
    pub fn serial_octets(&self) -> &[u8] {
        &self.serial_octets
    }

    /// The serial number.
    ///
    /// # Errors
    /// One that RFC 5280 4.1.2.2 does not allow.
    pub fn serial_number(&self) -> Result<SerialNumber, SerialNumberError> {
        SerialNumber::from_octets(&self.serial_octets)
    }

    /// The serial number in hexadecimal digits; of one that is not allowed, those of its octets.
    pub fn serial_digits(&self) -> String {
        self.serial_number().map_or_else(|_| hexadecimal(&self.serial_octets), |serial| serial.to_string())
    }

    /// The dotted identifier of the algorithm that signs it.
    pub fn signature_oid(&self) -> &str {
        &self.signature_oid
    }

    /// Who issues it.
    pub fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// Whom it is for.
    pub fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// When it is valid.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// The key it is about.
    pub fn public_key(&self) -> &SubjectPublicKeyInfo {
        &self.public_key
    }

    /// All extensions in their order.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// The first extension of a type.
    pub fn extension(&self, dotted: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.oid == dotted)
    }

    fn read<T>(
        &self,
        dotted: &str,
        parse: impl FnOnce(&Extension) -> Result<T, ExtensionError>,
    ) -> Result<Option<T>, ExtensionError> {
        self.extension(dotted).map(parse).transpose()
    }

    /// Whether it is a CA's, RFC 5280 4.2.1.9.
    ///
    /// # Errors
    /// An extension that cannot be read; so for the ones below.
    pub fn basic_constraints(&self) -> Result<Option<BasicConstraints>, ExtensionError> {
        self.read(oid::BASIC_CONSTRAINTS, Extension::basic_constraints)
    }

    /// Whether what it revokes are CAs: a root's, unless it may have no CA below it and so issues for servers itself.
    pub fn lists_cas_only(&self) -> bool {
        let issues_for_servers =
            matches!(self.basic_constraints(), Ok(Some(BasicConstraints::Ca { path_len: Some(0) })));
        self.is_self_issued() && !issues_for_servers
    }

    /// What the key may do, RFC 5280 4.2.1.3.
    ///
    /// # Errors
    /// An extension that cannot be read.
    pub fn key_usage(&self) -> Result<Option<Vec<KeyUsage>>, ExtensionError> {
        self.read(oid::KEY_USAGE, Extension::key_usage)
    }

    /// Whether its key may sign CRLs; one without the extension may do all, RFC 5280 4.2.1.3.
    pub fn may_sign_crls(&self) -> bool {
        self.key_usage().is_ok_and(|usages| usages.is_none_or(|usages| usages.contains(&KeyUsage::CrlSign)))
    }

    /// What the certificate is for, RFC 5280 4.2.1.12.
    ///
    /// # Errors
    /// An extension that cannot be read.
    pub fn extended_key_usage(&self) -> Result<Option<ExtendedKeyUsage>, ExtensionError> {
        self.read(oid::EXTENDED_KEY_USAGE, Extension::extended_key_usage)
    }

    /// The names it vouches for, RFC 5280 4.2.1.6, as they stand there.
    ///
    /// # Errors
    /// An extension that cannot be read.
    pub fn subject_alt_names(&self) -> Result<Option<Vec<AltName>>, ExtensionError> {
        self.read(oid::SUBJECT_ALT_NAME, Extension::alt_names)
    }

    /// What a CA may vouch for, RFC 5280 4.2.1.10.
    ///
    /// # Errors
    /// An extension that cannot be read.
    pub fn name_constraints(&self) -> Result<Option<NameConstraints>, NameConstraintsError> {
        self.extension(oid::NAME_CONSTRAINTS).map(|extension| NameConstraints::from_der(&extension.value)).transpose()
    }

    /// The identifier of its key, RFC 5280 4.2.1.2.
    ///
    /// # Errors
    /// An extension that cannot be read.
    pub fn subject_key_identifier(&self) -> Result<Option<KeyIdentifier>, ExtensionError> {
        self.read(oid::SUBJECT_KEY_IDENTIFIER, Extension::subject_key_identifier)
    }

    /// The identifier of its issuer's key, RFC 5280 4.2.1.1.
    ///
    /// # Errors
    /// An extension that cannot be read.
    pub fn authority_key_identifier(&self) -> Result<Option<KeyIdentifier>, ExtensionError> {
        Ok(self.read(oid::AUTHORITY_KEY_IDENTIFIER, Extension::authority_key_identifier)?.flatten())
    }

    /// Where its CRL is, RFC 5280 4.2.1.13.
    ///
    /// # Errors
    /// An extension that cannot be read.
    pub fn crl_uris(&self) -> Result<Vec<String>, ExtensionError> {
        Ok(self.read(oid::CRL_DISTRIBUTION_POINTS, Extension::crl_uris)?.unwrap_or_default())
    }

    /// Where to learn more of its issuer, RFC 5280 4.2.2.1: pairs of access method and URI.
    ///
    /// # Errors
    /// An extension that cannot be read.
    pub fn access_locations(&self) -> Result<Vec<(String, String)>, ExtensionError> {
        Ok(self.read(oid::AUTHORITY_INFO_ACCESS, Extension::access_locations)?.unwrap_or_default())
    }

    /// Under which policies it was issued, RFC 5280 4.2.1.4: dotted identifiers.
    ///
    /// # Errors
    /// An extension that cannot be read.
    pub fn policies(&self) -> Result<Vec<String>, ExtensionError> {
        Ok(self.read(oid::CERTIFICATE_POLICIES, Extension::policies)?.unwrap_or_default())
    }

    /// Whether issuer and subject are the same bytes.
    pub fn is_self_issued(&self) -> bool {
        self.issuer.as_der() == self.subject.as_der()
    }

    /// Whether it says it is a CA's.
    pub fn is_ca(&self) -> bool {
        matches!(self.basic_constraints(), Ok(Some(BasicConstraints::Ca { .. })))
    }
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
        self.tbs.issuer.as_der() == ca.tbs.subject.as_der() && self.verify_signed_by(ca.tbs.public_key()).is_ok()
    }

    /// Whether it is signed by its own key.
    pub fn is_self_signed(&self) -> bool {
        self.tbs.is_self_issued() && self.verify_signed_by(self.tbs.public_key()).is_ok()
    }
}

impl fmt::Debug for TbsCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TbsCertificate({})", self.subject)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Certificate({})", self.tbs.subject)
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

fn malformed(error: x509_parser::nom::Err<x509_parser::error::X509Error>) -> CertificateError {
    CertificateError::Malformed(match error {
        x509_parser::nom::Err::Incomplete(_) => "they end too early".to_owned(),
        x509_parser::nom::Err::Error(error) | x509_parser::nom::Err::Failure(error) => error.to_string(),
    })
}

/// Where the signature algorithm stands in a TBSCertificate with a version, RFC 5280 4.1.
const SIGNATURE_ELEMENT: usize = 2;
/// Where the issuer stands there.
pub(super) const ISSUER_ELEMENT: usize = 3;
/// And the subject.
pub(super) const SUBJECT_ELEMENT: usize = 5;
