//! Why a look at a server showed nothing.

use thiserror::Error;

use crate::system::NetworkError;

/// A server could not be looked at.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// Nobody answers there.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// There was no TLS handshake as far as a certificate.
    #[error("`{at}` shows no certificate: {reason}")]
    NoHandshake {
        /// Where.
        at: String,
        /// What went wrong.
        reason: String,
    },
    /// A certificate came, and nothing that was signed with its key.
    #[error("`{at}` shows a certificate and does not prove that it has the key: {reason}")]
    NoProof {
        /// Where.
        at: String,
        /// What went wrong.
        reason: String,
    },
}
