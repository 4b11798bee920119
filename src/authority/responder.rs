//! The OCSP responder of an issuer, RFC 6960 2.6: a key of its own that may say what is revoked, and nothing else.

use thiserror::Error;
use time::{Duration, OffsetDateTime};

use super::{
    ca::{Authority, CaCertificate},
    issuer_role::IssuerId,
    ledger_error::LedgerError,
    standing::Standing,
    told_time::told,
};
use crate::{
    keys::{KeyError, SigningKey},
    x509::{
        Certificate, Validity,
        ocsp::{CertId, CertStatus, IssuerIds, OcspRequest, UnsignedResponse},
        oid,
    },
};

/// Who answers for an issuer.
pub struct Responder {
    issuer: IssuerId,
    issuer_ids: IssuerIds,
    certificate: Certificate,
    key: SigningKey,
}

/// A signed answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspAnswer {
    /// The whole response.
    pub der: Vec<u8>,
    /// Since when it holds.
    pub this_update: OffsetDateTime,
    /// Until when.
    pub next_update: OffsetDateTime,
    /// Whether it may be given to others who ask the same.
    pub keeping: Keeping,
}

/// Whether an answer may be given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// To whoever asks the same, until half of its life is over or something is revoked.
    ForAll,
    /// Never: it has a nonce, it is about several certificates, or about one that may be issued the next moment.
    ForNobody,
}

/// Why there is no responder, or it did not answer.
#[derive(Debug, Error)]
pub enum ResponderError {
    /// The certificate is not one by which that CA lets answer for it.
    #[error("`{0}` is not what an OCSP responder of this CA has")]
    NotDelegated(String),
    /// The certificate asks about another issuer.
    #[error("the request is about certificates of different issuers")]
    OtherIssuer,
    /// The responder's certificate is not valid now.
    #[error("the OCSP responder's certificate is valid from {} to {}", told(.0.not_before()), told(.0.not_after()))]
    NotValid(Validity),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The key did not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The answer cannot be encoded.
    #[error("the answer cannot be encoded: {0}")]
    Encoding(String),
}

impl Responder {
    /// A responder of a CA.
    ///
    /// # Errors
    /// A certificate that the CA did not sign or that is not for OCSP, or a key that is another's.
    pub fn new(ca: &CaCertificate, certificate: Certificate, key: SigningKey) -> Result<Self, ResponderError> {
        let tbs = certificate.tbs();
        // RFC 6960 4.2.2.2: the CA that issued the certificate in question has to have issued this one, for this purpose.
        let is_delegated = tbs.issuer() == ca.certificate().tbs().subject()
            && certificate.verify_signed_by(ca.certificate().tbs().public_key()).is_ok()
            && matches!(tbs.extended_key_usage(), Ok(Some(usage)) if usage.purposes() == [oid::OCSP_SIGNING])
            && tbs.public_key().der() == key.public_key().der();
        if !is_delegated {
            return Err(ResponderError::NotDelegated(tbs.subject().to_string()));
        }
        Ok(Self { issuer: ca.id(), issuer_ids: IssuerIds::of(ca.certificate()), certificate, key })
    }

    /// For which issuer it answers.
    pub fn issuer(&self) -> IssuerId {
        self.issuer
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whether half of its life is over, or none of it has come, so that another is wanted.
    pub fn is_due(&self, now: OffsetDateTime) -> bool {
        let validity = self.certificate.tbs().validity();
        !(validity.not_before()..validity.not_before() + validity.length() / 2).contains(&now)
    }

    /// Whether a certificate is one of its issuer.
    pub fn answers_for(&self, id: &CertId) -> bool {
        self.issuer_ids.names_issuer_of(id)
    }

    fn sign(&self, response: &UnsignedResponse) -> Result<Vec<u8>, ResponderError> {
        let signature = self.key.sign(response.as_der())?;
        response.assemble(&self.certificate, self.key.signature_algorithm(), &signature).map_err(encoding)
    }
}

impl Authority {
    /// What a responder says to a request: of each certificate, how it stands in the ledger now. What was not issued is
    /// unknown, and what was only reserved as well.
    ///
    /// # Errors
    /// A request about another issuer, a responder that is not valid now, or a ledger or key that fails.
    pub fn answer(&self, responder: &Responder, request: &OcspRequest) -> Result<OcspAnswer, ResponderError> {
        let now = self.doors.clock.now();
        let validity = responder.certificate.tbs().validity();
        if !validity.contains(now) {
            return Err(ResponderError::NotValid(validity));
        }
        let mut said = Vec::with_capacity(request.ids().len());
        for id in request.ids() {
            if !responder.answers_for(id) {
                return Err(ResponderError::OtherIssuer);
            }
            said.push((id, self.status_of(responder.issuer, id, now)?));
        }
        let next_update = validity.not_after().min(now + ANSWER_LIFE);
        let response = UnsignedResponse::new(&responder.certificate, &said, request.nonce(), now, next_update);
        let der = responder.sign(&response.map_err(encoding)?)?;
        let keeping = match (said.as_slice(), request.nonce()) {
            ([(_, CertStatus::Good | CertStatus::Revoked { .. })], None) => Keeping::ForAll,
            _ => Keeping::ForNobody,
        };
        Ok(OcspAnswer { der, this_update: now, next_update, keeping })
    }

    /// Whether a responder may still answer: its certificate is not revoked. Nobody who asks it finds that out.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn may_answer(&self, responder: &Responder) -> Result<bool, LedgerError> {
        let Ok(serial) = responder.certificate.tbs().serial_number() else { return Ok(false) };
        Ok(self.standing(responder.issuer, &serial)? == Some(Standing::Good))
    }

    fn status_of(&self, issuer: IssuerId, id: &CertId, now: OffsetDateTime) -> Result<CertStatus, LedgerError> {
        // A number that no certificate may have was never issued.
        let Ok(serial) = id.serial_number() else { return Ok(CertStatus::Unknown) };
        Ok(match self.standing(issuer, &serial)? {
            None => CertStatus::Unknown,
            Some(Standing::Good) => CertStatus::Good,
            Some(Standing::Revoked(revocation)) => {
                // As in a CRL: a date to come may be taken for not yet revoked.
                CertStatus::Revoked { at: revocation.at.min(now), reason: Some(revocation.reason.into()) }
            }
        })
    }
}

impl OcspAnswer {
    /// Whether it may be given at a moment: from its making until half of its life.
    pub fn is_fresh(&self, now: OffsetDateTime) -> bool {
        let half = self.this_update + (self.next_update - self.this_update) / 2;
        (self.this_update..half).contains(&now)
    }
}

fn encoding(error: der::Error) -> ResponderError {
    ResponderError::Encoding(error.to_string())
}

/// For how long an answer holds.
const ANSWER_LIFE: Duration = Duration::hours(24);
