//! OCSP told in words: what a request asks about, and what a response says.

use serde::Serialize;
use time::OffsetDateTime;

use super::certificate::{CertificateDescription, or_none, signature_algorithm};
use crate::{
    cli::{
        moment::Moment,
        page::{Page, Tone, counted},
    },
    x509::{
        Certificate, DistinguishedName, hexadecimal,
        ocsp::{
            BasicResponse, CertId, CertStatus, OcspRequest, OcspResponse, ResponderName, ResponseStatus, SingleResponse,
        },
    },
};

/// What an OCSP request asks.
#[derive(Debug, Serialize)]
pub struct OcspRequestDescription {
    asked: Vec<DescribedId>,
    nonce: Option<String>,
}

/// What an OCSP response says.
#[derive(Debug, Serialize)]
pub struct OcspResponseDescription {
    status: &'static str,
    answer: Option<Answer>,
}

#[derive(Debug, Serialize)]
struct Answer {
    responder: Responder,
    produced_at: Moment,
    answers: Vec<Single>,
    nonce: Option<String>,
    signature_algorithm: String,
    /// None where no certificate came with it that could tell.
    signature_verifies: Option<bool>,
    certificates: Vec<CertificateDescription>,
}

/// How a certificate is named: by digests of its issuer, and its number.
#[derive(Debug, Serialize)]
struct DescribedId {
    serial: String,
    digest: Option<&'static str>,
    issuer_name_digest: String,
    issuer_key_digest: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Responder {
    Name(String),
    KeySha1(String),
}

#[derive(Debug, Serialize)]
struct Single {
    certificate: DescribedId,
    status: &'static str,
    revoked_at: Option<Moment>,
    reason: Option<&'static str>,
    this_update: Moment,
    next_update: Option<Moment>,
}

impl OcspRequestDescription {
    pub(super) fn of(request: &OcspRequest) -> Self {
        Self {
            asked: request.ids().iter().map(DescribedId::of).collect(),
            nonce: request.nonce().map(|nonce| hexadecimal(nonce.as_octets())),
        }
    }

    pub(super) fn tell(&self, page: &mut Page) {
        page.heading("OCSP request");
        page.field("asks about", &counted(self.asked.len(), "certificate"));
        for id in &self.asked {
            id.tell(page);
        }
        tell_nonce(page, self.nonce.as_deref());
    }
}

impl OcspResponseDescription {
    pub(super) fn of(response: &OcspResponse, now: OffsetDateTime) -> Self {
        match response {
            OcspResponse::Error(status) => Self { status: status.as_str(), answer: None },
            OcspResponse::Basic(basic) => {
                Self { status: ResponseStatus::Successful.as_str(), answer: Some(Answer::of(basic, now)) }
            }
        }
    }

    pub(super) fn tell(&self, page: &mut Page, now: OffsetDateTime) {
        page.heading("OCSP response");
        match &self.answer {
            Some(answer) => answer.tell(page, now),
            None => {
                page.toned_field(Tone::Bad, "says nothing", self.status);
                page.field("", "nobody signed that, and it tells nothing of any certificate");
            }
        }
    }
}

impl Answer {
    fn of(basic: &BasicResponse, now: OffsetDateTime) -> Self {
        let certificates = basic.certificates();
        let own = certificates.iter().find(|certificate| is_of(basic.responder(), certificate));
        Self {
            responder: Responder::of(basic.responder()),
            produced_at: basic.produced_at().into(),
            answers: basic.responses().iter().map(Single::of).collect(),
            nonce: basic.nonce().map(|nonce| hexadecimal(nonce.as_octets())),
            signature_algorithm: signature_algorithm(basic.signature_oid()),
            signature_verifies: own.map(|own| basic.verify_signed_by(own.tbs().public_key()).is_ok()),
            certificates: certificates.iter().map(|certificate| CertificateDescription::of(certificate, now)).collect(),
        }
    }

    fn tell(&self, page: &mut Page, now: OffsetDateTime) {
        match &self.responder {
            Responder::Name(name) => page.field("responder", or_none(name)),
            Responder::KeySha1(key) => page.field("responder", &format!("has the key with SHA-1 {key}")),
        }
        page.field("made", &self.produced_at.to_rfc3339());
        page.field("signed with", &self.signature_algorithm);
        match self.signature_verifies {
            Some(true) => page.toned_field(Tone::Good, "signature", "fits the responder's certificate, which is below"),
            Some(false) => page.toned_field(Tone::Bad, "signature", "is not one of the responder's certificate below"),
            None => page.field("signature", "not verified: the responder's certificate is not in it"),
        }
        tell_nonce(page, self.nonce.as_deref());
        page.field("tells of", &counted(self.answers.len(), "certificate"));
        for single in &self.answers {
            single.tell(page);
        }
        for certificate in &self.certificates {
            page.blank();
            certificate.tell(page, now);
        }
    }
}

impl DescribedId {
    fn of(id: &CertId) -> Self {
        Self {
            serial: id.serial_number().map_or_else(|_| hexadecimal(id.serial_octets()), |serial| serial.to_string()),
            digest: id.hash().map(|hash| hash.as_str()),
            issuer_name_digest: hexadecimal(id.issuer_name_hash()),
            issuer_key_digest: hexadecimal(id.issuer_key_hash()),
        }
    }

    fn tell(&self, page: &mut Page) {
        page.field("serial", &self.serial);
        let digest = self.digest.unwrap_or("a digest that is not known here");
        page.field("issuer's key", &format!("{}, by {digest}", self.issuer_key_digest));
    }
}

impl Responder {
    fn of(name: &ResponderName) -> Self {
        match name {
            ResponderName::Name(der) => {
                Self::Name(DistinguishedName::from_der(der).map_or_else(|_| hexadecimal(der), |name| name.to_string()))
            }
            ResponderName::Key(key) => Self::KeySha1(hexadecimal(key)),
        }
    }
}

impl Single {
    fn of(single: &SingleResponse) -> Self {
        let (revoked_at, reason) = match single.status {
            CertStatus::Revoked { at, reason } => (Some(at), reason),
            CertStatus::Good | CertStatus::Unknown => (None, None),
        };
        Self {
            certificate: DescribedId::of(&single.id),
            status: single.status.as_str(),
            revoked_at: revoked_at.map(Moment::from),
            reason: reason.map(|reason| reason.as_str()),
            this_update: single.this_update.into(),
            next_update: single.next_update.map(Moment::from),
        }
    }

    fn tell(&self, page: &mut Page) {
        page.blank();
        self.certificate.tell(page);
        match self.revoked_at {
            Some(at) => {
                let reason = self.reason.map(|reason| format!(", {reason}")).unwrap_or_default();
                page.toned_field(Tone::Bad, "is", &format!("revoked since {}{reason}", at.to_rfc3339()));
            }
            None if self.status == CertStatus::Good.as_str() => page.toned_field(Tone::Good, "is", self.status),
            None => page.toned_field(Tone::Bad, "is", "unknown to the responder"),
        }
        let until = self.next_update.map_or_else(|| "it does not say".to_owned(), Moment::to_rfc3339);
        page.field("holds from", &self.this_update.to_rfc3339());
        page.field("until", &until);
    }
}

/// Whether a certificate is the one that a responder names as its own.
fn is_of(name: &ResponderName, certificate: &Certificate) -> bool {
    match name {
        ResponderName::Name(der) => certificate.tbs().subject().as_der() == der,
        ResponderName::Key(key) => certificate.tbs().public_key().key_identifier().as_slice() == key,
    }
}

fn tell_nonce(page: &mut Page, nonce: Option<&str>) {
    page.field("nonce", nonce.unwrap_or("none"));
}
