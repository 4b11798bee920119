//! What is signed in a certificate, RFC 5280 4.1.2.

use std::fmt;

use x509_parser::{certificate::TbsCertificateParser, nom::Parser};

use super::{
    certificate_error::{CertificateError, malformed},
    extension::{AltName, BasicConstraints, ExtendedKeyUsage, Extension, ExtensionError, KeyIdentifier, KeyUsage},
    hexadecimal::hexadecimal,
    name::DistinguishedName,
    name_constraints::NameConstraints,
    oid,
    public_key::SubjectPublicKeyInfo,
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

    pub(super) fn from_parsed(parsed: &x509_parser::certificate::TbsCertificate<'_>) -> Result<Self, CertificateError> {
        Ok(Self {
            der: parsed.as_ref().to_vec(),
            version: parsed.version.0 + 1,
            serial_octets: parsed.raw_serial().to_vec(),
            signature_oid: parsed.signature.algorithm.to_id_string(),
            issuer: DistinguishedName::from_parsed(&parsed.issuer)?,
            subject: DistinguishedName::from_parsed(&parsed.subject)?,
            validity: Validity::as_read(
                parsed.validity.not_before.to_datetime(),
                parsed.validity.not_after.to_datetime(),
            ),
            public_key: SubjectPublicKeyInfo::from_der(parsed.subject_pki.raw)?,
            extensions: parsed.extensions().iter().map(Extension::from_parsed).collect(),
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

impl fmt::Debug for TbsCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TbsCertificate({})", self.subject)
    }
}

/// Where the signature algorithm stands in a TBSCertificate with a version, RFC 5280 4.1.
pub(super) const SIGNATURE_ELEMENT: usize = 2;
/// Where the issuer stands there.
pub(super) const ISSUER_ELEMENT: usize = 3;
/// And the subject.
pub(super) const SUBJECT_ELEMENT: usize = 5;
