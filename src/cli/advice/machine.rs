//! The way out where files, keys, passphrases or the ledger fail.

use crate::{
    authority::StoreError,
    cli::{
        failure::{Failure, FailureKind},
        terminal::TerminalError,
    },
    keys::{KeyError, KeyPurpose, KeyReadError, PassphraseError},
    onboarding::QrError,
    plan::shell_word,
    server::ServeError,
    system::{FileError, NetworkError},
};

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = Self::of(FailureKind::Ledger, &error);
        match error {
            StoreError::Newer { .. } => failure.hint("use the newer hubca that wrote it"),
            StoreError::Altered { .. } => {
                failure.hint("restore a backup: who changed the schema may have changed more")
            }
            StoreError::Corrupt { .. } | StoreError::NotADatabase { .. } | StoreError::WrongContent { .. } => {
                failure.hint("restore the newest backup; keep the damaged file, it may help")
            }
            StoreError::Busy { .. } => failure.hint("try again: another hubca is at work in this home"),
            StoreError::ReadOnly { .. } => failure.hint("run as the owner of the home, on a disk that takes writes"),
            StoreError::Full { .. } => failure.hint("make room on that disk, then try again"),
            _ => failure,
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::WrongPassphrase { .. } => Self::of(FailureKind::Passphrase, &error)
                .hint("the root key and the issuing key have passphrases of their own: --root-passphrase-file, --passphrase-file"),
            KeyError::Passphrase(error) => error.into(),
            KeyError::File(error) => error.into(),
            KeyError::Unusable { .. } => Self::of(FailureKind::Input, &error),
            _ => Self::of(FailureKind::Internal, &error),
        }
    }
}

impl From<KeyReadError> for Failure {
    fn from(error: KeyReadError) -> Self {
        match error {
            KeyReadError::Passphrase(error) => error.into(),
            KeyReadError::WrongPassphrase => Self::of(FailureKind::Passphrase, &error),
            _ => Self::of(FailureKind::Input, &error),
        }
    }
}

impl From<PassphraseError> for Failure {
    fn from(error: PassphraseError) -> Self {
        let failure = Self::of(FailureKind::Passphrase, &error);
        match error {
            PassphraseError::Unavailable { purpose: KeyPurpose::Root } => {
                failure.hint("name a file whose first line it is: --root-passphrase-file FILE")
            }
            PassphraseError::Unavailable { .. } => {
                failure.hint("name a file whose first line it is: --passphrase-file FILE")
            }
            PassphraseError::EmptyFile { .. } => failure.hint("write the passphrase into its first line"),
            PassphraseError::File(error) => error.into(),
            _ => failure,
        }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Exists { .. } => Self::of(FailureKind::Exists, &error),
            FileError::Missing { .. } => Self::of(FailureKind::NotFound, &error),
            FileError::Exposed { ref path, .. } => Self::of(FailureKind::File, &error)
                .hint(format!("close it: chmod 600 {}", shell_word(&path.display().to_string()))),
            FileError::Turned { .. } => {
                Self::of(FailureKind::File, &error).hint("name the directory itself, and not by that link")
            }
            FileError::DiskFull { .. } => Self::of(FailureKind::File, &error).hint("make room on that disk"),
            FileError::TooLarge { .. } | FileError::NotAFile { .. } => Self::of(FailureKind::Input, &error),
            _ => Self::of(FailureKind::File, &error),
        }
    }
}

impl From<NetworkError> for Failure {
    fn from(error: NetworkError) -> Self {
        let failure = Self::of(FailureKind::Network, &error);
        match error {
            NetworkError::Taken { .. } => failure.hint("another program listens there, perhaps another hubca share"),
            NetworkError::NotHere(_) => failure.hint("name an address of this machine, or none"),
            NetworkError::Privileged(_) => failure.hint("use a port of 1024 or more"),
            NetworkError::NameTaken(_) => failure.hint("choose another name, or leave --announce out"),
            NetworkError::Unannounced { .. } => failure.hint("leave --announce out: the address works without a name"),
            NetworkError::UnknownHost { .. } | NetworkError::Unreachable { .. } | NetworkError::Other(_) => failure,
        }
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let kind = match error {
            ServeError::Ledger(error) => return error.into(),
            ServeError::Home(error) => return error.into(),
            ServeError::Start(_) => FailureKind::Network,
            _ => FailureKind::Internal,
        };
        Self::of(kind, &error)
    }
}

impl From<QrError> for Failure {
    fn from(error: QrError) -> Self {
        Self::of(FailureKind::Internal, &error)
    }
}

impl From<TerminalError> for Failure {
    fn from(error: TerminalError) -> Self {
        Self::of(FailureKind::Usage, &error)
    }
}
