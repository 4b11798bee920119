//! The way out where a file to hand out cannot be made.

use crate::{
    cli::{
        failure::{Failure, FailureKind},
        page::escaped,
    },
    export::{
        AnchorError, ExportError, MailAddressError, PasswordError, bundle::BundleError, mail::SubjectError,
        pkcs12::Pkcs12Error,
    },
    home::ServerSecretError,
    keys::PassphraseError,
    preset::PresetError,
};

impl From<AnchorError> for Failure {
    fn from(error: AnchorError) -> Self {
        Self::new(FailureKind::Refused, escaped(&error.to_string()))
    }
}

impl From<PresetError> for Failure {
    fn from(error: PresetError) -> Self {
        let of = |kind| Self::new(kind, escaped(&error.to_string()));
        match error {
            PresetError::Directory(_) => {
                of(FailureKind::Usage).hint("name it from the root on: --directory /etc/hubca/hub")
            }
            PresetError::Unsayable(_) => {
                of(FailureKind::Refused).hint("let the files lie in a directory of plainer name")
            }
            PresetError::Loop { .. } => of(FailureKind::Usage)
                .hint("say where the server behind it listens: --upstream PORT")
                .hint("or another port for itself: --port PORT"),
            PresetError::NoName(_) => of(FailureKind::Refused),
            PresetError::NoValue { .. } => of(FailureKind::Internal),
        }
    }
}

impl From<ServerSecretError> for Failure {
    fn from(error: ServerSecretError) -> Self {
        match error {
            ServerSecretError::Foreign(_) => {
                Self::of(FailureKind::Exists, &error).hint("move it away, or name another directory")
            }
            ServerSecretError::File(error) => error.into(),
            ServerSecretError::Random(error) => Self::of(FailureKind::Internal, &error),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::NoChain(_) => Self::of(FailureKind::NotFound, &error)
                .hint("servers send their own certificate alone; the root is in: hubca export pem"),
            ExportError::Truststore(_) => Self::of(FailureKind::Internal, &error),
        }
    }
}

impl From<PasswordError> for Failure {
    fn from(error: PasswordError) -> Self {
        let of = |kind| Self::of(kind, &error);
        match error {
            PasswordError::File(PassphraseError::EmptyFile { .. }) => {
                of(FailureKind::Passphrase).hint("write the password into its first line")
            }
            PasswordError::File(error) => error.into(),
            PasswordError::NotAscii => of(FailureKind::Passphrase)
                .hint("use letters, digits and signs of ASCII: programs do not agree on the bytes of others"),
            PasswordError::Random(_) => of(FailureKind::Internal),
        }
    }
}

impl From<Pkcs12Error> for Failure {
    fn from(error: Pkcs12Error) -> Self {
        match error {
            Pkcs12Error::OtherKey(_) => {
                Self::of(FailureKind::Home, &error).hint("restore the files of this label from a backup, or issue anew")
            }
            Pkcs12Error::Make(_) => Self::of(FailureKind::Internal, &error),
        }
    }
}

impl From<MailAddressError> for Failure {
    fn from(error: MailAddressError) -> Self {
        Self::of(FailureKind::Usage, &error).hint("give one plain address: --to ann@example.org")
    }
}

impl From<SubjectError> for Failure {
    fn from(error: SubjectError) -> Self {
        Self::of(FailureKind::Usage, &error).hint("choose another --subject, or leave it out")
    }
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Key(error) => error.into(),
            BundleError::Archive(_) => Self::of(FailureKind::Internal, &error),
        }
    }
}
