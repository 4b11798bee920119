//! Why a server cannot do its work.

use std::io;

use thiserror::Error;

use crate::{authority::LedgerError, home::HomeError, system::RandomError};

/// A server cannot do its work.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The system gives no threads, sockets or signals.
    #[error("the server cannot start: {0}")]
    Start(#[from] io::Error),
    /// TLS does not take the certificate.
    #[error("the page's certificate cannot be served: {0}")]
    Tls(#[from] rustls::Error),
    /// There are no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The ledger fails.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No CA has anybody who answers for it.
    #[error("no CA of this home has an OCSP responder")]
    NoResponder,
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A thread of the server panicked.
    #[error("the server came to an unexpected end")]
    Broken,
}
