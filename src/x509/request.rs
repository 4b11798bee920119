//! A request for a certificate, RFC 2986. Of what it asks, only the key and the names are ever used.

use thiserror::Error;
use x509_parser::{
    certification_request::X509CertificationRequest, cri_attributes::ParsedCriAttribute, prelude::FromDer,
};

use super::{
    certificate_error::SignatureError,
    extension::{AltName, BasicConstraints, ExtendedKeyUsage, Extension, ExtensionError, KeyUsage},
    name::DistinguishedName,
    oid, pem,
    public_key::{PublicKeyError, SignatureAlgorithm, SubjectPublicKeyInfo, WeakKey},
};

/// A request whose signature verifies: whoever made it holds the key.
#[derive(Clone, Debug)]
pub struct CertificationRequest {
    der: Vec<u8>,
    subject: DistinguishedName,
    public_key: SubjectPublicKeyInfo,
    signature_oid: String,
    extensions: Vec<Extension>,
}

/// Why bytes are no request that can be answered.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RequestError {
    /// More bytes than any honest request has.
    #[error("the request has more than {limit} bytes", limit = CertificationRequest::MOST_BYTES)]
    TooLarge,
    /// No block, several, or another kind of block.
    #[error("the PEM text holds {0}, not one CERTIFICATE REQUEST")]
    Pem(String),
    /// Bytes that are no request.
    #[error("these bytes are no certificate request: {0}")]
    Malformed(String),
    /// Something follows the request.
    #[error("{0} bytes follow the request")]
    TrailingBytes(usize),
    /// The key in it cannot be read.
    #[error("the key in the request cannot be read")]
    PublicKey(#[source] PublicKeyError),
    /// The key is of a kind or strength that some device refuses.
    #[error("the key in the request cannot be certified")]
    WeakKey(#[source] WeakKey),
    /// The signature is not one of the key in it.
    #[error("the signature of the request is not one of the key in it")]
    Signature(#[source] SignatureError),
    /// The names it asks for cannot be read.
    #[error(transparent)]
    Extension(#[from] ExtensionError),
}

impl CertificationRequest {
    /// The most bytes of a request, in PEM or DER.
    pub const MOST_BYTES: usize = 64 * 1024;

    /// Reads a request in PEM or DER and verifies its signature.
    ///
    /// # Errors
    /// Too many bytes, something that is no request, or a signature by another key.
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        if bytes.len() > Self::MOST_BYTES {
            return Err(RequestError::TooLarge);
        }
        if !pem::is_pem(bytes) {
            return Self::from_der(bytes);
        }
        let blocks = pem::parse(bytes).map_err(|error| RequestError::Malformed(error.to_string()))?;
        match blocks.as_slice() {
            // `NEW CERTIFICATE REQUEST` is what Java's keytool writes.
            [block] if matches!(block.label.as_str(), pem::CERTIFICATE_REQUEST | "NEW CERTIFICATE REQUEST") => {
                Self::from_der(&block.contents)
            }
            [] => Err(RequestError::Pem("nothing".to_owned())),
            [block] => Err(RequestError::Pem(format!("one {}", block.label))),
            blocks => Err(RequestError::Pem(format!("{} blocks", blocks.len()))),
        }
    }

    fn from_der(der: &[u8]) -> Result<Self, RequestError> {
        let (rest, parsed) = X509CertificationRequest::from_der(der)
            .map_err(|error| RequestError::Malformed(short(&error.to_string())))?;
        if !rest.is_empty() {
            return Err(RequestError::TrailingBytes(rest.len()));
        }
        let info = &parsed.certification_request_info;
        let public_key = SubjectPublicKeyInfo::from_der(info.subject_pki.raw).map_err(RequestError::PublicKey)?;
        let signature_oid = parsed.signature_algorithm.algorithm.to_id_string();
        // The key first: what is wrong with it says more than a signature that cannot be checked because of it.
        public_key.check_strength().map_err(RequestError::WeakKey)?;
        let algorithm =
            SignatureAlgorithm::from_oid(&signature_oid).map_err(|error| RequestError::Signature(error.into()))?;
        public_key
            .verify(algorithm, info.raw, &parsed.signature_value.data)
            .map_err(|error| RequestError::Signature(error.into()))?;
        let mut extensions = Vec::new();
        for attribute in info.attributes() {
            if let ParsedCriAttribute::ExtensionRequest(requested) = attribute.parsed_attribute() {
                extensions.extend(requested.extensions.iter().map(Extension::from_parsed));
            }
        }
        Ok(Self {
            der: der.to_vec(),
            subject: DistinguishedName::from_parsed(&info.subject)
                .map_err(|error| RequestError::Malformed(error.to_string()))?,
            public_key,
            signature_oid,
            extensions,
        })
    }

    /// The encoding.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Whom it says it is for; never copied.
    pub fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// The key, of which the requester proved possession.
    pub fn public_key(&self) -> &SubjectPublicKeyInfo {
        &self.public_key
    }

    /// The dotted identifier of the algorithm of its signature.
    pub fn signature_oid(&self) -> &str {
        &self.signature_oid
    }

    /// The names it asks for.
    ///
    /// # Errors
    /// A subjectAltName that cannot be read.
    pub fn alt_names(&self) -> Result<Vec<AltName>, RequestError> {
        let mut names = Vec::new();
        for extension in self.extensions.iter().filter(|extension| extension.oid == oid::SUBJECT_ALT_NAME) {
            for name in extension.alt_names()? {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        Ok(names)
    }

    /// What else it asks for, none of which is ever granted.
    pub fn ignored_extensions(&self) -> impl Iterator<Item = &Extension> {
        self.extensions.iter().filter(|extension| extension.oid != oid::SUBJECT_ALT_NAME)
    }

    /// Of what it asks for, what would have given it power: named so that a person can be warned.
    pub fn dangerous_extensions(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        for extension in self.ignored_extensions() {
            let danger = match extension.oid.as_str() {
                oid::BASIC_CONSTRAINTS => match extension.basic_constraints() {
                    Ok(BasicConstraints::EndEntity) => None,
                    _ => Some("basicConstraints CA:TRUE"),
                },
                oid::KEY_USAGE => match extension.key_usage() {
                    Ok(usages) if usages.contains(&KeyUsage::KeyCertSign) => Some("keyUsage keyCertSign"),
                    Ok(usages) if usages.contains(&KeyUsage::CrlSign) => Some("keyUsage cRLSign"),
                    Ok(_) => None,
                    Err(_) => Some("an unreadable keyUsage"),
                },
                oid::EXTENDED_KEY_USAGE => match extension.extended_key_usage() {
                    Ok(usage) => dangerous_purpose(&usage),
                    Err(_) => Some("an unreadable extKeyUsage"),
                },
                oid::NAME_CONSTRAINTS => Some("nameConstraints"),
                oid::POLICY_MAPPINGS => Some("policyMappings"),
                oid::POLICY_CONSTRAINTS => Some("policyConstraints"),
                oid::OCSP_NO_CHECK => Some("ocspNoCheck"),
                "1.3.6.1.4.1.311.20.2" | "1.3.6.1.4.1.311.21.7" => Some("a Microsoft certificate template"),
                "1.3.6.1.4.1.311.21.10" => Some("Microsoft application policies"),
                "1.3.6.1.4.1.311.25.2" => Some("a Microsoft security identifier"),
                _ => None,
            };
            if let Some(danger) = danger
                && !found.contains(&danger)
            {
                found.push(danger);
            }
        }
        found
    }
}

fn dangerous_purpose(usage: &ExtendedKeyUsage) -> Option<&'static str> {
    let named = |purpose: &str| usage.purposes().iter().any(|named| named == purpose);
    if named(oid::ANY_EXTENDED_KEY_USAGE) {
        Some("extKeyUsage anyExtendedKeyUsage")
    } else if named(oid::OCSP_SIGNING) {
        Some("extKeyUsage OCSPSigning")
    } else if named(oid::CODE_SIGNING) {
        Some("extKeyUsage codeSigning")
    } else if named(oid::TIME_STAMPING) {
        Some("extKeyUsage timeStamping")
    } else {
        None
    }
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}
