//! The way out where a certificate is not adopted.

use crate::{
    authority::AdoptError,
    cli::failure::{Failure, FailureKind},
};

impl From<AdoptError> for Failure {
    fn from(error: AdoptError) -> Self {
        let refused = || Self::of(FailureKind::Refused, &error);
        match &error {
            AdoptError::Own { .. } => refused().hint("the ledger has it: there is nothing to do"),
            AdoptError::OfCa { .. } => {
                refused().hint("adopted is what servers and clients show; an existing CA moves in by hubca import")
            }
            AdoptError::ByAnother { .. } => refused()
                .hint("`hubca inspect FILE` tells whose it is")
                .hint("a CA of this home that was made after the backup is lost: issue anew what it had issued"),
            AdoptError::NotSigned { .. } => {
                refused().hint("the file was changed, or another CA has the same name: `hubca inspect FILE` tells more")
            }
            AdoptError::Serial(_) => refused(),
            AdoptError::SerialTaken { serial, .. } => refused()
                .hint(format!("see the one that the ledger has: hubca show {serial}"))
                .hint("two homes of one CA were in use: let another CA issue from now on, hubca rotate issuing"),
        }
    }
}
