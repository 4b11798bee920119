//! The way out where nothing is revoked, or there is no CRL.

use crate::{
    authority::{CrlError, RevokeError},
    cli::failure::{Failure, FailureKind},
};

impl From<RevokeError> for Failure {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::Root(_) => Self::of(FailureKind::Refused, &error)
                .hint("make another root: hubca rotate root")
                .hint("and take the old one off every device: only there it can be distrusted"),
            RevokeError::NotACa(_) => {
                Self::of(FailureKind::Usage, &error).hint("say --reason keyCompromise for the key of a server")
            }
            RevokeError::Ledger(error) => error.into(),
        }
    }
}

impl From<CrlError> for Failure {
    fn from(error: CrlError) -> Self {
        match error {
            CrlError::Defect(_) => Self::of(FailureKind::Refused, &error),
            CrlError::IssuerNotValid { not_before, now, .. } => {
                Self::of(FailureKind::Refused, &error).of_clock(not_before, now)
            }
            CrlError::NoNumber => Self::of(FailureKind::Refused, &error).hint(
                "remove the file in crl/ if hubca did not write it; else a new CA is needed: hubca rotate issuing",
            ),
            CrlError::Ledger(error) => error.into(),
            CrlError::Issuer(error) => error.into(),
            CrlError::Certificate(error) => error.into(),
        }
    }
}
