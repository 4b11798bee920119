//! What shall stand in a certificate, and its encoding by rcgen.
//!
//! rcgen wants to sign what it encodes. The key it is given here keeps the bytes and signs nothing: they are linted
//! and recorded first, and the real key signs them later. The issuer's name is then put in byte for byte, because
//! rcgen's names are a map and some verifiers compare encodings; so is the subject's.

use std::sync::Mutex;

use const_oid::ObjectIdentifier;
use der::{
    Encode, TagMode, TagNumber,
    asn1::{ContextSpecific, Ia5StringRef},
};
use rcgen::{
    BasicConstraints as Constraint, CertificateParams, CrlDistributionPoint, CustomExtension,
    DistinguishedName as RcgenName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose,
    PublicKeyData, SanType, SerialNumber as RcgenSerial, SigningKey,
};

use super::{
    certificate_error::CertificateError,
    encoding::{elements, sequence},
    extension::{BasicConstraints, ExtendedKeyUsage, KeyIdentifier, KeyUsage},
    general_name::{GeneralName, SubjectAltNames},
    http_url::HttpUrl,
    name::DistinguishedName,
    name_constraints::NameConstraints,
    oid,
    public_key::{NamedCurve, PublicKeyKind, SignatureAlgorithm, SubjectPublicKeyInfo},
    serial_number::SerialNumber,
    tbs_certificate::{ISSUER_ELEMENT, SUBJECT_ELEMENT, TbsCertificate},
    validity::Validity,
};

/// Everything that shall stand in a certificate: each field decided, none by default.
#[derive(Clone, Debug)]
pub struct CertificateTemplate {
    /// The serial number.
    pub serial_number: SerialNumber,
    /// The issuer's name, byte for byte.
    pub issuer: DistinguishedName,
    /// The identifier of the issuer's key; none in a root.
    pub authority_key_identifier: Option<KeyIdentifier>,
    /// The algorithm with which the issuer signs.
    pub signature_algorithm: SignatureAlgorithm,
    /// When it is valid.
    pub validity: Validity,
    /// Whom it is for; with an empty name the subjectAltName is critical (RFC 5280 4.1.2.6).
    pub subject: DistinguishedName,
    /// The key it is about.
    pub public_key: SubjectPublicKeyInfo,
    /// Whether it is a CA's.
    pub basic_constraints: BasicConstraints,
    /// What the key may do.
    pub key_usage: Vec<KeyUsage>,
    /// What the certificate is for; none in a root.
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    /// The names it vouches for; none in a CA.
    pub subject_alt_names: Option<SubjectAltNames>,
    /// What a CA may vouch for.
    pub name_constraints: Option<(NameConstraints, Criticality)>,
    /// Where the issuer's CRL is to be had (RFC 5280 4.2.1.13).
    pub crl_url: Option<HttpUrl>,
    /// Where the issuer's OCSP responder answers (RFC 5280 4.2.2.1).
    pub ocsp_url: Option<HttpUrl>,
    /// Whether an OCSP responder's certificate asks not to be checked itself (RFC 6960 4.2.2.2.1).
    pub ocsp_no_check: bool,
}

/// Whether a reader that does not know an extension must refuse the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criticality {
    /// It must.
    Critical,
    /// It may ignore it.
    NonCritical,
}

impl CertificateTemplate {
    /// Encodes what will be signed, and reads it back to see that nothing was changed on the way.
    ///
    /// # Errors
    /// Something that cannot be encoded, or came out otherwise than asked for.
    pub fn encode(&self) -> Result<TbsCertificate, CertificateError> {
        let subject_key = KeyForRcgen { public_key: &self.public_key, algorithm: key_algorithm(&self.public_key)? };
        let issuer_key =
            CapturingKey { algorithm: signature_algorithm(self.signature_algorithm)?, taken: Mutex::default() };
        let mut issuer_parameters = CertificateParams::default();
        issuer_parameters.distinguished_name = RcgenName::new();
        issuer_parameters.key_identifier_method = KeyIdMethod::PreSpecified(
            self.authority_key_identifier.as_ref().map(|id| id.as_octets().to_vec()).unwrap_or_default(),
        );
        let issuer = Issuer::from_params(&issuer_parameters, &issuer_key);
        self.parameters()?
            .signed_by(&subject_key, &issuer)
            .map_err(|error| CertificateError::Encoding(error.to_string()))?;
        let captured = issuer_key.taken.into_inner().unwrap_or_default();
        let names = [(ISSUER_ELEMENT, &self.issuer), (SUBJECT_ELEMENT, &self.subject)];
        let tbs = TbsCertificate::from_der(&with_names(&captured, &names)?)?;
        self.compare(&tbs)?;
        Ok(tbs)
    }

    fn parameters(&self) -> Result<CertificateParams, CertificateError> {
        let mut parameters = CertificateParams::default();
        parameters.not_before = self.validity.not_before();
        parameters.not_after = self.validity.not_after();
        parameters.serial_number = Some(RcgenSerial::from_slice(self.serial_number.as_octets()));
        parameters.subject_alt_names = self.rcgen_alt_names()?;
        parameters.distinguished_name = self.rcgen_subject();
        parameters.is_ca = match self.basic_constraints {
            BasicConstraints::EndEntity => IsCa::ExplicitNoCa,
            BasicConstraints::Ca { path_len: None } => IsCa::Ca(Constraint::Unconstrained),
            BasicConstraints::Ca { path_len: Some(length) } => IsCa::Ca(Constraint::Constrained(
                u8::try_from(length).map_err(|_| CertificateError::Encoding(format!("a path length of {length}")))?,
            )),
        };
        parameters.key_usages = self.key_usage.iter().map(|usage| rcgen_key_usage(*usage)).collect();
        parameters.extended_key_usages = self.rcgen_extended_key_usage();
        // rcgen writes name constraints critical always, so ours go in among these.
        parameters.custom_extensions = self.custom_extensions()?;
        // RFC 5280 4.2.1.13: one point, and the extension not critical.
        parameters.crl_distribution_points =
            self.crl_url.iter().map(|url| CrlDistributionPoint { uris: vec![url.to_string()] }).collect();
        parameters.use_authority_key_identifier_extension = self.authority_key_identifier.is_some();
        // RFC 5280 4.2.1.2 method 1; rcgen's own digests the whole SubjectPublicKeyInfo.
        parameters.key_identifier_method = KeyIdMethod::PreSpecified(self.public_key.key_identifier().to_vec());
        Ok(parameters)
    }

    fn rcgen_subject(&self) -> RcgenName {
        let mut name = RcgenName::new();
        if let Some(organization) = self.subject.organization() {
            name.push(DnType::OrganizationName, organization);
        }
        if let Some(common_name) = self.subject.common_name() {
            name.push(DnType::CommonName, common_name);
        }
        name
    }

    fn rcgen_alt_names(&self) -> Result<Vec<SanType>, CertificateError> {
        let Some(names) = &self.subject_alt_names else { return Ok(Vec::new()) };
        names
            .iter()
            .map(|name| match name {
                GeneralName::Ip(address) => Ok(SanType::IpAddress(*address)),
                GeneralName::Dns(name) => name
                    .as_str()
                    .try_into()
                    .map(SanType::DnsName)
                    .map_err(|error: rcgen::Error| CertificateError::Encoding(error.to_string())),
            })
            .collect()
    }

    fn rcgen_extended_key_usage(&self) -> Vec<ExtendedKeyUsagePurpose> {
        let purposes = self.extended_key_usage.iter().flat_map(ExtendedKeyUsage::purposes);
        purposes.map(|purpose| ExtendedKeyUsagePurpose::Other(arcs(purpose))).collect()
    }

    fn custom_extensions(&self) -> Result<Vec<CustomExtension>, CertificateError> {
        let mut extensions = Vec::new();
        if let Some((constraints, criticality)) = &self.name_constraints {
            let value = constraints.to_der().ok_or(CertificateError::Unfaithful("name constraints"))?;
            let mut extension = CustomExtension::from_oid_content(&arcs(oid::NAME_CONSTRAINTS), value);
            extension.set_criticality(*criticality == Criticality::Critical);
            extensions.push(extension);
        }
        if let Some(url) = &self.ocsp_url {
            let value = ocsp_location(url).map_err(|error| CertificateError::Encoding(error.to_string()))?;
            extensions.push(CustomExtension::from_oid_content(&arcs(oid::AUTHORITY_INFO_ACCESS), value));
        }
        if self.ocsp_no_check {
            const NULL: [u8; 2] = [5, 0];
            extensions.push(CustomExtension::from_oid_content(&arcs(oid::OCSP_NO_CHECK), NULL.to_vec()));
        }
        Ok(extensions)
    }

    fn access_locations(&self) -> Vec<(String, String)> {
        self.ocsp_url.iter().map(|url| (oid::OCSP.to_owned(), url.to_string())).collect()
    }

    fn compare(&self, tbs: &TbsCertificate) -> Result<(), CertificateError> {
        let same_names = match (&self.subject_alt_names, tbs.subject_alt_names()) {
            (None, Ok(None)) => true,
            (Some(asked), Ok(Some(made))) => {
                asked.iter().map(ToString::to_string).eq(made.iter().map(ToString::to_string))
            }
            _ => false,
        };
        let critical = |dotted: &str| tbs.extension(dotted).map(|extension| extension.critical);
        let constraints = self.name_constraints.as_ref();
        let same_constraints = tbs.name_constraints().ok() == Some(constraints.map(|(asked, _)| asked.clone()))
            && critical(oid::NAME_CONSTRAINTS) == constraints.map(|(_, how)| *how == Criticality::Critical);
        let own_identifier = KeyIdentifier::new(self.public_key.key_identifier());
        let mut usages = self.key_usage.clone();
        usages.sort();
        let checks = [
            (tbs.key_usage() == Ok(Some(usages)), "keyUsage"),
            (tbs.extended_key_usage() == Ok(self.extended_key_usage.clone()), "extKeyUsage"),
            (same_constraints, "nameConstraints"),
            (tbs.subject_key_identifier() == Ok(Some(own_identifier)), "subjectKeyIdentifier"),
            (tbs.authority_key_identifier() == Ok(self.authority_key_identifier.clone()), "authorityKeyIdentifier"),
            (tbs.extension(oid::OCSP_NO_CHECK).is_some() == self.ocsp_no_check, "ocspNoCheck"),
            (tbs.crl_uris() == Ok(self.crl_url.iter().map(ToString::to_string).collect()), "cRLDistributionPoints"),
            (tbs.access_locations() == Ok(self.access_locations()), "authorityInfoAccess"),
            (tbs.serial_number().ok().as_ref() == Some(&self.serial_number), "serial number"),
            (tbs.issuer() == &self.issuer, "issuer"),
            (tbs.subject().as_der() == self.subject.as_der(), "subject"),
            (tbs.validity() == self.validity, "validity"),
            (tbs.public_key().der() == self.public_key.der(), "public key"),
            (tbs.basic_constraints() == Ok(Some(self.basic_constraints)), "basicConstraints"),
            (same_names, "subjectAltName"),
        ];
        match checks.into_iter().find(|(same, _)| !same) {
            Some((_, what)) => Err(CertificateError::Unfaithful(what)),
            None => Ok(()),
        }
    }
}

/// Puts names into the bytes as they stand in other certificates: the issuer's in its own, and the subject's of a
/// cross-certificate in that of the root it is about.
fn with_names(tbs: &[u8], names: &[(usize, &DistinguishedName)]) -> Result<Vec<u8>, CertificateError> {
    let encoding = |error: der::Error| CertificateError::Encoding(error.to_string());
    let mut parts = elements(tbs).map_err(encoding)?;
    for (element, name) in names {
        let place = parts.get_mut(*element).ok_or(CertificateError::Unfaithful("a name"))?;
        *place = name.as_der();
    }
    sequence(&parts).map_err(encoding)
}

/// AuthorityInfoAccessSyntax with one AccessDescription, RFC 5280 4.2.2.1.
fn ocsp_location(url: &HttpUrl) -> der::Result<Vec<u8>> {
    let method = ObjectIdentifier::new(oid::OCSP).map_err(der::Error::from)?.to_der()?;
    // A GeneralName of the kind uniformResourceIdentifier.
    let value = Ia5StringRef::new(url.as_str())?;
    let location = ContextSpecific { tag_number: TagNumber(6), tag_mode: TagMode::Implicit, value }.to_der()?;
    sequence(&[&sequence(&[&method, &location])?])
}

/// The subject's public key as rcgen wants to see it.
struct KeyForRcgen<'a> {
    public_key: &'a SubjectPublicKeyInfo,
    algorithm: &'static rcgen::SignatureAlgorithm,
}

impl PublicKeyData for KeyForRcgen<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.public_key.key_bits()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.algorithm
    }
}

/// A key that signs nothing and keeps what it was asked to sign.
struct CapturingKey {
    algorithm: &'static rcgen::SignatureAlgorithm,
    taken: Mutex<Vec<u8>>,
}

impl PublicKeyData for CapturingKey {
    fn der_bytes(&self) -> &[u8] {
        &[]
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.algorithm
    }
}

impl SigningKey for CapturingKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let mut taken = self.taken.lock().map_err(|_| rcgen::Error::RemoteKeyError)?;
        *taken = message.to_vec();
        Ok(Vec::new())
    }
}

fn key_algorithm(key: &SubjectPublicKeyInfo) -> Result<&'static rcgen::SignatureAlgorithm, CertificateError> {
    match key.kind() {
        PublicKeyKind::Ec(NamedCurve::P256) => Ok(&rcgen::PKCS_ECDSA_P256_SHA256),
        PublicKeyKind::Ec(NamedCurve::P384) => Ok(&rcgen::PKCS_ECDSA_P384_SHA384),
        PublicKeyKind::Rsa { .. } => Ok(&rcgen::PKCS_RSA_SHA256),
        _ => Err(CertificateError::Encoding("a key that is neither RSA nor P-256 nor P-384".to_owned())),
    }
}

fn signature_algorithm(algorithm: SignatureAlgorithm) -> Result<&'static rcgen::SignatureAlgorithm, CertificateError> {
    match algorithm {
        SignatureAlgorithm::EcdsaWithSha256 => Ok(&rcgen::PKCS_ECDSA_P256_SHA256),
        SignatureAlgorithm::EcdsaWithSha384 => Ok(&rcgen::PKCS_ECDSA_P384_SHA384),
        SignatureAlgorithm::RsaPkcs1Sha256 => Ok(&rcgen::PKCS_RSA_SHA256),
        other => Err(CertificateError::Encoding(format!("signing with {other}"))),
    }
}

fn rcgen_key_usage(usage: KeyUsage) -> KeyUsagePurpose {
    match usage {
        KeyUsage::DigitalSignature => KeyUsagePurpose::DigitalSignature,
        KeyUsage::NonRepudiation => KeyUsagePurpose::ContentCommitment,
        KeyUsage::KeyEncipherment => KeyUsagePurpose::KeyEncipherment,
        KeyUsage::DataEncipherment => KeyUsagePurpose::DataEncipherment,
        KeyUsage::KeyAgreement => KeyUsagePurpose::KeyAgreement,
        KeyUsage::KeyCertSign => KeyUsagePurpose::KeyCertSign,
        KeyUsage::CrlSign => KeyUsagePurpose::CrlSign,
        KeyUsage::EncipherOnly => KeyUsagePurpose::EncipherOnly,
        KeyUsage::DecipherOnly => KeyUsagePurpose::DecipherOnly,
    }
}

fn arcs(dotted: &str) -> Vec<u64> {
    dotted.split('.').filter_map(|arc| arc.parse().ok()).collect()
}
