//! The way out where a certificate cannot be brought to its server.

use crate::{
    cli::failure::{Failure, FailureKind},
    home::RouteError,
    probe::AddressError,
    system::AccountError,
};

impl From<RouteError> for Failure {
    fn from(error: RouteError) -> Self {
        let failure = Self::of(FailureKind::Usage, &error);
        match error {
            RouteError::NoGroup { .. } => {
                failure.hint("name the group: --group GROUP, or keep the key to its owner: --mode 0600")
            }
            RouteError::NoCopies => failure.hint("say where the copies lie: --out DIR, --combined FILE"),
            RouteError::Account(error) => error.into(),
            RouteError::Unclosed(_) => {
                failure.hint("close the quote; no shell reads the hook, but its words are split as a shell does")
            }
            RouteError::NoWords => failure
                .hint("write a program and its arguments: --hook 'systemctl reload nginx'")
                .hint("a shell is one of them: --hook \"sh -c '…'\""),
            RouteError::Address(error) => error.into(),
        }
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        let failure = Self::of(FailureKind::NotFound, &error);
        match error {
            AccountError::NoUser(_) => failure.hint("`getent passwd` shows the users of this machine"),
            AccountError::NoGroup(_) => failure.hint("`getent group` shows the groups of this machine"),
            AccountError::Unknown { .. } => failure.hint("give the number instead"),
        }
    }
}

impl From<AddressError> for Failure {
    fn from(error: AddressError) -> Self {
        let failure = Self::of(FailureKind::Usage, &error);
        match error {
            AddressError::Wildcard(_) => failure.hint("name one of them: --verify www.hub.lan:443"),
            _ => failure,
        }
    }
}
