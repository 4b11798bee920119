//! The way out where a profile for Apple devices cannot be made as it was asked for.

use crate::{
    cli::{
        failure::{Failure, FailureKind},
        page::escaped,
    },
    export::{
        ContentSignerError, IconError, SignContentError,
        mobileconfig::{WebAddressError, WebClipLabelError},
    },
};

impl From<WebAddressError> for Failure {
    fn from(error: WebAddressError) -> Self {
        Self::usage(escaped(&error.to_string())).hint("give it as people type it: --web-clip https://192.168.0.1:8000")
    }
}

impl From<WebClipLabelError> for Failure {
    fn from(error: WebClipLabelError) -> Self {
        Self::usage(escaped(&error.to_string())).hint("a Home Screen shows about a dozen letters: --web-clip-label Hub")
    }
}

impl From<IconError> for Failure {
    fn from(error: IconError) -> Self {
        Self::of(FailureKind::Input, &error)
            .hint("make it a square PNG of 180 × 180 pixels, or leave --icon out: there is one of our own")
    }
}

impl From<ContentSignerError> for Failure {
    fn from(error: ContentSignerError) -> Self {
        let failure = Self::of(FailureKind::Refused, &error);
        match error {
            ContentSignerError::OtherKey(_) => {
                failure.hint("--sign-cert and --sign-key name two files of one certificate, the signer's own first")
            }
            ContentSignerError::NotValidNow { .. } => {
                failure.hint("sign with its successor, or leave the signature out")
            }
            ContentSignerError::NotForSigning(_) | ContentSignerError::Extension { .. } => {
                failure.hint("sign with another certificate, such as that of a web server, or leave the signature out")
            }
            ContentSignerError::Stranger(_) => failure.hint("give the CAs above the signer alone"),
        }
    }
}

impl From<SignContentError> for Failure {
    fn from(error: SignContentError) -> Self {
        match error {
            SignContentError::Key(error) => error.into(),
            error => Self::of(FailureKind::Input, &error),
        }
    }
}
