//! An OCSP response as anybody made it, RFC 6960 4.2, read to be told and verified.

use std::fmt;

use der::{AnyRef, Decode, Encode, asn1::GeneralizedTime};
use thiserror::Error;
use time::OffsetDateTime;

use super::{
    cert_id::CertId,
    request::Nonce,
    status::{CertStatus, Reason, ResponseStatus},
    syntax,
};
use crate::x509::{
    certificate::Certificate,
    certificate_error::SignatureError,
    public_key::{SignatureAlgorithm, SubjectPublicKeyInfo},
};

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OcspResponse {
    /// There is no answer: only why.
    Error(ResponseStatus),
    /// An answer.
    Basic(Box<BasicResponse>),
}

/// An answer that is signed.
#[derive(Clone, PartialEq, Eq)]
pub struct BasicResponse {
    tbs: Vec<u8>,
    responder: ResponderName,
    produced_at: OffsetDateTime,
    responses: Vec<SingleResponse>,
    nonce: Option<Nonce>,
    signature_oid: String,
    signature: Vec<u8>,
    certificates: Vec<Vec<u8>>,
}

/// How a responder names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponderName {
    /// By the encoding of its name.
    Name(Vec<u8>),
    /// By SHA-1 of its key.
    Key(Vec<u8>),
}

/// What is said of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleResponse {
    /// Which.
    pub id: CertId,
    /// What.
    pub status: CertStatus,
    /// Since when that was known.
    pub this_update: OffsetDateTime,
    /// When it will be known better.
    pub next_update: Option<OffsetDateTime>,
}

/// Why bytes are no response that can be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OcspResponseError {
    /// Bytes that are none.
    #[error("these bytes are no OCSP response: {0}")]
    Malformed(String),
    /// A type of response that nobody uses.
    #[error("the response is of the type {0}, which is not known here")]
    OtherType(String),
}

impl OcspResponse {
    /// Reads a response.
    ///
    /// # Errors
    /// Bytes that are none.
    pub fn from_der(der: &[u8]) -> Result<Self, OcspResponseError> {
        let response = syntax::Response::from_der(der).map_err(malformed)?;
        match (response.status, response.bytes) {
            (syntax::ResponseStatus::Successful, Some(bytes)) if bytes.response_type == syntax::BASIC => {
                BasicResponse::read(bytes.response.as_bytes()).map(Box::new).map(Self::Basic).map_err(malformed)
            }
            (syntax::ResponseStatus::Successful, Some(bytes)) => {
                Err(OcspResponseError::OtherType(bytes.response_type.to_string()))
            }
            (syntax::ResponseStatus::Successful, None) => {
                Err(OcspResponseError::Malformed("it is a success without an answer".to_owned()))
            }
            (status, _) => Ok(Self::Error(status.into())),
        }
    }
}

impl BasicResponse {
    fn read(der: &[u8]) -> Result<Self, der::Error> {
        let basic = syntax::BasicResponse::from_der(der)?;
        let tbs = basic.tbs_response_data.to_der()?;
        let data = syntax::ResponseData::from_der(&tbs)?;
        let nonce = data.extensions.iter().flatten().find(|extension| extension.id == syntax::NONCE);
        let algorithm: syntax::AlgorithmIdentifier<'_> = basic.signature_algorithm.decode_as()?;
        let responses = data.responses.iter().map(SingleResponse::read).collect::<Result<_, _>>()?;
        let certificates = basic.certs.iter().flatten().map(AnyRef::to_der).collect::<Result<_, _>>()?;
        Ok(Self {
            responder: match data.responder_id {
                syntax::ResponderId::ByName(name) => ResponderName::Name(name.to_der()?),
                syntax::ResponderId::ByKey(key) => ResponderName::Key(key.as_bytes().to_vec()),
            },
            produced_at: instant(data.produced_at),
            responses,
            nonce: nonce.and_then(|extension| Nonce::read(extension.value.as_bytes()).ok()),
            signature_oid: algorithm.algorithm.to_string(),
            signature: basic.signature.as_bytes().unwrap_or_default().to_vec(),
            certificates,
            tbs,
        })
    }

    /// Who says it.
    #[must_use]
    pub fn responder(&self) -> &ResponderName {
        &self.responder
    }

    /// When it was signed.
    #[must_use]
    pub fn produced_at(&self) -> OffsetDateTime {
        self.produced_at
    }

    /// What is said.
    #[must_use]
    pub fn responses(&self) -> &[SingleResponse] {
        &self.responses
    }

    /// The word of the request that it answers.
    #[must_use]
    pub fn nonce(&self) -> Option<&Nonce> {
        self.nonce.as_ref()
    }

    /// The dotted identifier of the algorithm of its signature.
    #[must_use]
    pub fn signature_oid(&self) -> &str {
        &self.signature_oid
    }

    /// The certificates that came with it, as far as they can be read.
    #[must_use]
    pub fn certificates(&self) -> Vec<Certificate> {
        self.certificates.iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
    }

    /// Whether its signature is one of that key.
    ///
    /// # Errors
    /// An algorithm that nobody should trust, or a signature that does not verify.
    pub fn verify_signed_by(&self, responder: &SubjectPublicKeyInfo) -> Result<(), SignatureError> {
        let algorithm = SignatureAlgorithm::from_oid(&self.signature_oid)?;
        Ok(responder.verify(algorithm, &self.tbs, &self.signature)?)
    }
}

impl SingleResponse {
    fn read(single: &syntax::SingleResponse<'_>) -> Result<Self, der::Error> {
        let status = match &single.cert_status {
            syntax::CertStatus::Good(_) => CertStatus::Good,
            syntax::CertStatus::Unknown(_) => CertStatus::Unknown,
            syntax::CertStatus::Revoked(info) => {
                CertStatus::Revoked { at: instant(info.revocation_time), reason: info.reason.map(Reason::of) }
            }
        };
        Ok(Self {
            id: CertId::read(&single.cert_id)?,
            status,
            this_update: instant(single.this_update),
            next_update: single.next_update.map(instant),
        })
    }
}

impl fmt::Debug for BasicResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BasicResponse({:?})", self.responses)
    }
}

/// DER has years 1970 to 9999 here, all of which are times.
fn instant(time: GeneralizedTime) -> OffsetDateTime {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn malformed(error: der::Error) -> OcspResponseError {
    OcspResponseError::Malformed(error.to_string())
}
