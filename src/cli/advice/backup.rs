//! The way out where a backup is not made, or not restored.

use crate::{
    cli::failure::{Failure, FailureKind},
    home::{BackupError, Defect},
};

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        let of = |kind| Self::of(kind, &error);
        match error {
            BackupError::Busy { .. } => of(FailureKind::Home).hint("try again when that one has ended"),
            BackupError::InTheWay { .. } => {
                of(FailureKind::Exists).hint("no restore has left it: look what it is, and move it away")
            }
            BackupError::Seal(_) => of(FailureKind::Internal),
            BackupError::WrongPassphrase { .. } => of(FailureKind::Passphrase)
                .hint("try another one; if it is surely right, the first lines of the file are damaged"),
            BackupError::Unsound { source: Defect::Newer { .. }, .. } => {
                of(FailureKind::Input).hint("use the newer hubca that wrote it")
            }
            BackupError::Unsound { ref source, .. } => {
                let failure =
                    of(FailureKind::Input).hint("take another backup: hubca backup verify FILE tells which is sound");
                match source.is_bearable() {
                    true => failure.hint(
                        "or, if none is, take this one with what is wrong in it, which is listed then: hubca restore \
                         --with-flaws FILE",
                    ),
                    false => failure,
                }
            }
            BackupError::Occupied { .. } => of(FailureKind::Exists)
                .hint("restore it elsewhere: hubca --home DIR restore FILE")
                .hint("or move what is there away first; do not delete it before the restored one is seen to work"),
            BackupError::NoRootKey { .. } => of(FailureKind::NotFound)
                .hint("leave out --with-root-key, and keep what holds the key in a safe")
                .hint("or bring the key back to its place for as long as the backup is made"),
            BackupError::Home(error) => error.into(),
            BackupError::File(error) => error.into(),
        }
    }
}
