//! An OCSP request, RFC 6960 4.1: read from somebody who may be hostile.

use der::{Decode, Encode, asn1::OctetString};
use thiserror::Error;

use super::{cert_id::CertId, syntax};

/// What somebody asks. Who it is, and a signature, make no difference to the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspRequest {
    ids: Vec<CertId>,
    nonce: Option<Nonce>,
}

/// A word that comes back in the answer, so that an old answer is none (RFC 9654): 1 to 128 octets, kept as they are encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce {
    encoded: Vec<u8>,
    octets: Vec<u8>,
}

/// Why bytes are no request that is answered.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OcspRequestError {
    /// More bytes than any honest request has.
    #[error("the request has more than {limit} bytes", limit = OcspRequest::MOST_BYTES)]
    TooLarge,
    /// Bytes that are no request.
    #[error("these bytes are no OCSP request: {0}")]
    Malformed(String),
    /// Nothing is asked, or too much at a time.
    #[error("the request asks about {0} certificates, not about 1 to {limit}", limit = OcspRequest::MOST_IDS)]
    Count(usize),
    /// A nonce without a word, with a long one, or a second nonce.
    #[error("the nonce is not one word of 1 to {limit} octets", limit = Nonce::MOST_OCTETS)]
    Nonce,
    /// Something that must be understood, and is not.
    #[error("the request has a critical extension {0}, which is not known here")]
    CriticalExtension(String),
}

impl Nonce {
    /// RFC 9654 2.1.
    pub const MOST_OCTETS: usize = 128;

    /// A nonce of these octets.
    ///
    /// # Errors
    /// None, or too many.
    pub fn new(octets: &[u8]) -> Result<Self, OcspRequestError> {
        let encoded = OctetString::new(octets).and_then(|octets| octets.to_der());
        Self::read(&encoded.map_err(|_| OcspRequestError::Nonce)?)
    }

    pub(super) fn read(encoded: &[u8]) -> Result<Self, OcspRequestError> {
        let octets = OctetString::from_der(encoded).map_err(|_| OcspRequestError::Nonce)?;
        if !(1..=Self::MOST_OCTETS).contains(&octets.as_bytes().len()) {
            return Err(OcspRequestError::Nonce);
        }
        Ok(Self { encoded: encoded.to_vec(), octets: octets.as_bytes().to_vec() })
    }

    /// Its octets.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.octets
    }

    pub(super) fn extension(&self) -> Result<syntax::Extension, der::Error> {
        let value = OctetString::new(self.encoded.as_slice())?;
        Ok(syntax::Extension { id: syntax::NONCE, critical: false, value })
    }
}

impl OcspRequest {
    /// The most bytes of a request.
    pub const MOST_BYTES: usize = 8 * 1024;
    /// The most certificates that are asked about at a time.
    pub const MOST_IDS: usize = 16;

    /// A request about some certificates.
    #[must_use]
    pub fn new(ids: Vec<CertId>, nonce: Option<Nonce>) -> Self {
        Self { ids, nonce }
    }

    /// Reads a request.
    ///
    /// # Errors
    /// Too many bytes, something that is no request, or one that asks for what is not known here.
    pub fn from_der(der: &[u8]) -> Result<Self, OcspRequestError> {
        if der.len() > Self::MOST_BYTES {
            return Err(OcspRequestError::TooLarge);
        }
        let parsed = syntax::Request::from_der(der).map_err(malformed)?.tbs_request;
        let count = parsed.request_list.len();
        if !(1..=Self::MOST_IDS).contains(&count) {
            return Err(OcspRequestError::Count(count));
        }
        for extension in parsed.request_list.iter().filter_map(|single| single.extensions.as_ref()).flatten() {
            refuse_critical(extension)?;
        }
        let mut nonce = None;
        for extension in parsed.extensions.iter().flatten() {
            match extension.id {
                syntax::NONCE => {
                    let word = Nonce::read(extension.value.as_bytes())?;
                    if nonce.replace(word).is_some() {
                        return Err(OcspRequestError::Nonce);
                    }
                }
                syntax::ACCEPTABLE_RESPONSES if takes_basic(extension) => {}
                _ => refuse_critical(extension)?,
            }
        }
        let ids = parsed.request_list.iter().map(|single| CertId::read(&single.cert_id));
        Ok(Self { ids: ids.collect::<Result<_, _>>().map_err(malformed)?, nonce })
    }

    /// The encoding of this request.
    ///
    /// # Errors
    /// None with what was read.
    pub fn to_der(&self) -> Result<Vec<u8>, der::Error> {
        let list = self
            .ids
            .iter()
            .map(|id| Ok(syntax::SingleRequest { cert_id: der::AnyRef::from_der(id.as_der())?, extensions: None }));
        let tbs_request = syntax::TbsRequest {
            version: syntax::Version::V1,
            requestor_name: None,
            request_list: list.collect::<Result<_, der::Error>>()?,
            extensions: self.nonce.as_ref().map(|nonce| Ok::<_, der::Error>(vec![nonce.extension()?])).transpose()?,
        };
        syntax::Request { tbs_request, signature: None }.to_der()
    }

    /// The certificates that are asked about, 1 to [`Self::MOST_IDS`].
    #[must_use]
    pub fn ids(&self) -> &[CertId] {
        &self.ids
    }

    /// The word that shall come back.
    #[must_use]
    pub fn nonce(&self) -> Option<&Nonce> {
        self.nonce.as_ref()
    }
}

/// RFC 6960 4.4: what is critical and not known is not passed over.
fn refuse_critical(extension: &syntax::Extension) -> Result<(), OcspRequestError> {
    if extension.critical { Err(OcspRequestError::CriticalExtension(extension.id.to_string())) } else { Ok(()) }
}

fn takes_basic(extension: &syntax::Extension) -> bool {
    Vec::<der::asn1::ObjectIdentifier>::from_der(extension.value.as_bytes())
        .is_ok_and(|types| types.contains(&syntax::BASIC))
}

fn malformed(error: der::Error) -> OcspRequestError {
    OcspRequestError::Malformed(error.to_string())
}
