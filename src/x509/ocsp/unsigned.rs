//! An answer before it is signed, RFC 6960 4.2.1: what is said, then the signature behind it.

use std::time::Duration;

use der::{
    AnyRef, Decode, Encode, Error,
    asn1::{BitStringRef, GeneralizedTime, Null, OctetString},
};
use time::OffsetDateTime;

use super::{
    cert_id::CertId,
    request::Nonce,
    status::{CertStatus, ResponseStatus},
    syntax,
};
use crate::x509::{certificate::Certificate, public_key::SignatureAlgorithm};

/// What a responder is about to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsignedResponse {
    tbs: Vec<u8>,
}

impl UnsignedResponse {
    /// What a responder, named by its key, says of some certificates: now, and until the next update.
    ///
    /// # Errors
    /// A time that cannot be encoded.
    pub fn new(
        responder: &Certificate,
        said: &[(&CertId, CertStatus)],
        nonce: Option<&Nonce>,
        this_update: OffsetDateTime,
        next_update: OffsetDateTime,
    ) -> Result<Self, Error> {
        let (this_update, next_update) = (generalized(this_update)?, generalized(next_update)?);
        let responses = said.iter().map(|(id, status)| {
            Ok(syntax::SingleResponse {
                cert_id: AnyRef::from_der(id.as_der())?,
                cert_status: status_syntax(*status)?,
                this_update,
                next_update: Some(next_update),
                extensions: None,
            })
        });
        let key = responder.tbs().public_key().key_identifier();
        let data = syntax::ResponseData {
            version: syntax::Version::V1,
            responder_id: syntax::ResponderId::ByKey(OctetString::new(key.as_slice())?),
            produced_at: this_update,
            responses: responses.collect::<Result<_, Error>>()?,
            extensions: nonce.map(|nonce| Ok::<_, Error>(vec![nonce.extension()?])).transpose()?,
        };
        Ok(Self { tbs: data.to_der()? })
    }

    /// The bytes to sign.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.tbs
    }

    /// The whole response: with the signature, and the certificate of the responder by which it is verified.
    ///
    /// # Errors
    /// Bytes that cannot be put together.
    pub fn assemble(
        &self,
        responder: &Certificate,
        algorithm: SignatureAlgorithm,
        signature: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let basic = syntax::BasicResponse {
            tbs_response_data: AnyRef::from_der(&self.tbs)?,
            signature_algorithm: AnyRef::from_der(algorithm.identifier_der())?,
            signature: BitStringRef::from_bytes(signature)?,
            certs: Some(vec![AnyRef::from_der(responder.as_der())?]),
        };
        let bytes =
            syntax::ResponseBytes { response_type: syntax::BASIC, response: OctetString::new(basic.to_der()?)? };
        syntax::Response { status: syntax::ResponseStatus::Successful, bytes: Some(bytes) }.to_der()
    }
}

/// An answer that says only that there is none: five octets, which nobody signs (RFC 6960 2.3).
#[must_use]
pub fn error_response(status: ResponseStatus) -> [u8; 5] {
    let number = match status {
        // Success without an answer is none.
        ResponseStatus::Successful | ResponseStatus::InternalError => syntax::ResponseStatus::InternalError,
        ResponseStatus::MalformedRequest => syntax::ResponseStatus::MalformedRequest,
        ResponseStatus::TryLater => syntax::ResponseStatus::TryLater,
        ResponseStatus::SigRequired => syntax::ResponseStatus::SigRequired,
        ResponseStatus::Unauthorized => syntax::ResponseStatus::Unauthorized,
    };
    [0x30, 0x03, 0x0a, 0x01, number as u8]
}

fn status_syntax(status: CertStatus) -> Result<syntax::CertStatus, Error> {
    Ok(match status {
        CertStatus::Good => syntax::CertStatus::Good(Null),
        CertStatus::Unknown => syntax::CertStatus::Unknown(Null),
        CertStatus::Revoked { at, reason } => syntax::CertStatus::Revoked(syntax::RevokedInfo {
            revocation_time: generalized(at)?,
            // RFC 5280 5.3.1: absent rather than unspecified.
            reason: reason.map(|reason| reason.syntax()).filter(|reason| *reason != syntax::CrlReason::Unspecified),
        }),
    })
}

fn generalized(time: OffsetDateTime) -> Result<GeneralizedTime, Error> {
    let seconds = u64::try_from(time.unix_timestamp()).map_err(|_| Error::from(der::ErrorKind::DateTime))?;
    GeneralizedTime::from_unix_duration(Duration::from_secs(seconds))
}
