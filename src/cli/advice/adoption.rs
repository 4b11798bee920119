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
                refused().hint("adopted is what this CA has issued; an existing CA moves in by hubca import")
            }
            AdoptError::OfRoot { .. } => refused()
                .hint("nobody vouches for a root but itself: it cannot be told from anybody else's")
                .hint("with its key it makes a home of its own: hubca --home DIR import pem --root-cert FILE --root-key FILE")
                .hint("or change the root anew, and issue from there: hubca rotate root"),
            AdoptError::MayHaveCas { .. } => refused()
                .hint("a change of root that was begun after the backup is begun anew: hubca rotate root")
                .hint("for a CA that was made by another program: let another issue instead, hubca rotate issuing"),
            AdoptError::Unlike(findings) => {
                refused().with_findings(findings).hint("let another issue instead: hubca rotate issuing")
            }
            AdoptError::Unlimited { .. } | AdoptError::NameTaken { .. } | AdoptError::KeySpoiled => refused()
                .hint("`hubca inspect FILE` tells more")
                .hint("let another CA issue instead, hubca rotate issuing, and issue anew what this one had issued"),
            AdoptError::NotACaHere { serial, .. } => {
                refused().hint(format!("if nobody needs it, revoke it: hubca revoke {serial}"))
            }
            AdoptError::ByAnother { .. } => refused()
                .hint("`hubca inspect FILE` tells whose it is")
                .hint("what a CA of this home issued that was made after the backup is adopted with that CA: name its certificate too"),
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
