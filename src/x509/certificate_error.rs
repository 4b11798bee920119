//! Why there is no certificate, or nobody is bound by its signature.

use thiserror::Error;

use super::{
    name::NameError,
    public_key::{PublicKeyError, UnknownSignatureAlgorithm, VerifyError},
    subtree::NameConstraintsError,
};

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

/// What the parser says, as an error.
pub(super) fn malformed(error: x509_parser::nom::Err<x509_parser::error::X509Error>) -> CertificateError {
    CertificateError::Malformed(match error {
        x509_parser::nom::Err::Incomplete(_) => "they end too early".to_owned(),
        x509_parser::nom::Err::Error(error) | x509_parser::nom::Err::Failure(error) => error.to_string(),
    })
}
