//! Why there is no certificate: refused, against a rule, or something failed.

use thiserror::Error;

use super::{issuer::IssuerError, ledger_error::LedgerError, refusal::Refusal};
use crate::{
    lint::Findings,
    system::RandomError,
    x509::{CertificateError, name::NameError},
};

/// Why there is no certificate.
#[derive(Debug, Error)]
pub enum IssueError {
    /// Policy says no; nothing failed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The draft breaks a rule of the lint.
    #[error("the certificate would break a rule")]
    Lint(Findings),
    /// The ledger did not take it down.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The issuer did not sign.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// The certificate cannot be encoded.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The name of the CA cannot stand in it.
    #[error(transparent)]
    Name(#[from] NameError),
    /// No random bytes were to be had.
    #[error(transparent)]
    Random(#[from] RandomError),
}
