//! What a file holds: certificates, requests, CRLs, OCSP messages, keys and profiles, found in PEM, DER or XML and told in words.

mod certificate;
mod crl;
mod key;
mod ocsp;
mod profile;
mod request;
mod signature;

pub use certificate::CertificateDescription;
pub use crl::CrlDescription;
pub use key::KeyDescription;
pub use ocsp::{OcspRequestDescription, OcspResponseDescription};
pub use profile::ProfileDescription;
pub use request::RequestDescription;
pub use signature::SignatureDescription;

use serde::Serialize;
use time::OffsetDateTime;

use super::{
    failure::{Failure, FailureKind},
    page::{Page, Tone},
};
use crate::{
    export::{ReadProfile, ReadSignedData},
    x509::{
        Certificate, CertificateList, CertificationRequest, SubjectPublicKeyInfo,
        ocsp::{OcspRequest, OcspResponse},
        pem::{self, Passage},
    },
};

/// One thing that was found.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Description {
    /// A certificate.
    Certificate(Box<CertificateDescription>),
    /// A request for one.
    Request(RequestDescription),
    /// A revocation list.
    Crl(CrlDescription),
    /// A question whether certificates were revoked.
    OcspRequest(OcspRequestDescription),
    /// The answer to one.
    OcspResponse(Box<OcspResponseDescription>),
    /// A private key, of which nothing private is told.
    PrivateKey(KeyDescription),
    /// A public key.
    PublicKey(KeyDescription),
    /// A configuration profile for Apple devices.
    AppleProfile(Box<ProfileDescription>),
    /// What should be a certificate and cannot be read.
    Unreadable {
        /// Which it is.
        what: String,
        /// Why.
        reason: String,
    },
    /// A PEM block of another kind.
    Other {
        /// The word after BEGIN.
        label: String,
    },
}

impl Description {
    /// Tells it.
    pub fn tell(&self, page: &mut Page, now: OffsetDateTime) {
        match self {
            Self::Certificate(certificate) => certificate.tell(page, now),
            Self::Request(request) => request.tell(page),
            Self::Crl(crl) => crl.tell(page, now),
            Self::OcspRequest(request) => request.tell(page),
            Self::OcspResponse(response) => response.tell(page, now),
            Self::PrivateKey(key) => key.tell(page, "private key"),
            Self::PublicKey(key) => key.tell(page, "public key"),
            Self::AppleProfile(profile) => profile.tell(page, now),
            Self::Unreadable { what, reason } => {
                page.heading(what);
                page.toned_field(Tone::Bad, "unreadable", reason);
            }
            Self::Other { label } => page.heading(&format!("a `{label}` block, which is not told here")),
        }
    }
}

/// Everything in a file, in its order.
///
/// # Errors
/// Nothing that is known, or something broken.
pub fn describe(bytes: &[u8], now: OffsetDateTime) -> Result<Vec<Description>, Failure> {
    if ReadProfile::may_be(bytes) {
        return Ok(vec![profile(ProfileDescription::read(bytes, now)?)]);
    }
    // What is signed may have PEM in it.
    if ReadSignedData::may_be(bytes) {
        return Ok(vec![profile(ProfileDescription::read_signed(bytes, now)?)]);
    }
    if !pem::is_pem(bytes) {
        return describe_der(bytes, now).map(|found| vec![found]).ok_or_else(unknown);
    }
    let passages = pem::passages(bytes);
    if passages.is_empty() {
        return Err(unknown());
    }
    passages.iter().map(|passage| describe_block(passage, now)).collect()
}

/// The certificates of a file, in their order; keys and other things beside them are passed over.
///
/// # Errors
/// None, or a broken one.
pub fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, Failure> {
    if ReadProfile::may_be(bytes) || ReadSignedData::may_be(bytes) {
        return Err(Failure::new(FailureKind::Input, "it is a configuration profile for Apple devices")
            .hint("`hubca inspect` tells the certificates in it"));
    }
    if !pem::is_pem(bytes) {
        // Where the parser stopped says nothing of what the file is.
        let certificate = Certificate::from_der(bytes).map_err(|_| {
            Failure::new(FailureKind::Input, "it is no certificate, neither in PEM nor in DER")
                .hint("`hubca inspect` tells what the file is")
        });
        return certificate.map(|certificate| vec![certificate]);
    }
    let passages = pem::passages(bytes).into_iter().filter(|passage| is_certificate(&passage.label));
    let certificates = passages.map(|passage| Ok(Certificate::from_der(&content(&passage)?)?));
    let certificates = certificates.collect::<Result<Vec<_>, Failure>>()?;
    if certificates.is_empty() {
        return Err(Failure::new(FailureKind::Input, "there is no certificate in it")
            .hint("`hubca inspect` tells what the file is"));
    }
    Ok(certificates)
}

/// A certificate alone, in DER; what cannot be read is told as what it should be.
pub fn describe_certificate(der: &[u8], what: &str, now: OffsetDateTime) -> Description {
    match Certificate::from_der(der) {
        Ok(found) => certificate(&found, now),
        Err(error) => Description::Unreadable { what: what.to_owned(), reason: error.to_string() },
    }
}

fn describe_block(passage: &Passage<'_>, now: OffsetDateTime) -> Result<Description, Failure> {
    let (label, text) = (passage.label.as_str(), passage.text);
    let broken = |failure: Failure| failure.within(format!("the `{label}` block cannot be read"));
    // Keys are read by the reader that wipes what it held.
    if label.ends_with("PRIVATE KEY") {
        return Ok(Description::PrivateKey(KeyDescription::of_private(label, text)));
    }
    let found = match label {
        label if is_certificate(label) => {
            let der = content(passage)?;
            Certificate::from_der(&der).map(|found| certificate(&found, now)).map_err(Failure::from)
        }
        pem::CERTIFICATE_REQUEST | "NEW CERTIFICATE REQUEST" => CertificationRequest::parse(text)
            .map(|found| Description::Request(RequestDescription::of(&found)))
            .map_err(|error| Failure::of(FailureKind::Input, &error)),
        pem::X509_CRL => CertificateList::from_der(&content(passage)?)
            .map(|found| Description::Crl(CrlDescription::of(&found)))
            .map_err(Failure::from),
        "OCSP REQUEST" => OcspRequest::from_der(&content(passage)?)
            .map(|found| ocsp_request(&found))
            .map_err(|error| Failure::of(FailureKind::Input, &error)),
        "OCSP RESPONSE" => OcspResponse::from_der(&content(passage)?)
            .map(|found| ocsp_response(&found, now))
            .map_err(|error| Failure::of(FailureKind::Input, &error)),
        "PUBLIC KEY" => SubjectPublicKeyInfo::from_der(&content(passage)?)
            .map(|found| Description::PublicKey(KeyDescription::of_public(&found)))
            .map_err(|error| Failure::of(FailureKind::Input, &error)),
        other => Ok(Description::Other { label: other.to_owned() }),
    };
    found.map_err(broken)
}

fn describe_der(bytes: &[u8], now: OffsetDateTime) -> Option<Description> {
    if let Ok(found) = Certificate::from_der(bytes) {
        return Some(certificate(&found, now));
    }
    if let Ok(found) = CertificationRequest::parse(bytes) {
        return Some(Description::Request(RequestDescription::of(&found)));
    }
    if let Ok(found) = CertificateList::from_der(bytes) {
        return Some(Description::Crl(CrlDescription::of(&found)));
    }
    if let Ok(found) = SubjectPublicKeyInfo::from_der(bytes) {
        return Some(Description::PublicKey(KeyDescription::of_public(&found)));
    }
    if let Ok(found) = OcspRequest::from_der(bytes) {
        return Some(ocsp_request(&found));
    }
    if let Ok(found) = OcspResponse::from_der(bytes) {
        return Some(ocsp_response(&found, now));
    }
    KeyDescription::of_private_der(bytes).map(Description::PrivateKey)
}

fn certificate(found: &Certificate, now: OffsetDateTime) -> Description {
    Description::Certificate(Box::new(CertificateDescription::of(found, now)))
}

fn ocsp_request(found: &OcspRequest) -> Description {
    Description::OcspRequest(OcspRequestDescription::of(found))
}

fn ocsp_response(found: &OcspResponse, now: OffsetDateTime) -> Description {
    Description::OcspResponse(Box::new(OcspResponseDescription::of(found, now)))
}

fn profile(found: ProfileDescription) -> Description {
    Description::AppleProfile(Box::new(found))
}

fn is_certificate(label: &str) -> bool {
    matches!(label, pem::CERTIFICATE | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE")
}

/// The bytes of one block.
fn content(passage: &Passage<'_>) -> Result<Vec<u8>, Failure> {
    passage.read().map(|block| block.contents).map_err(|error| {
        Failure::new(FailureKind::Input, format!("the `{}` block cannot be read", passage.label))
            .because_of(&error as &(dyn std::error::Error + 'static))
    })
}

fn unknown() -> Failure {
    Failure::new(
        FailureKind::Input,
        "this is no certificate, request, CRL, OCSP message, key or Apple profile that can be read",
    )
    .hint("read are PEM, DER and profiles, signed or not; a .p12 file has to be opened first, with openssl")
}
