//! Why there is no backup, or none that can be used.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::{
    authority::{Flaw, FlawKind, LedgerError, MOST_FLAWS},
    home::error::HomeError,
    keys::{OpenError, SealError},
    store::StoreError,
    system::FileError,
};

/// A backup was not made, or not brought back.
#[derive(Debug, Error)]
pub enum BackupError {
    /// It is being restored by somebody else.
    #[error("a backup is being restored to `{}` already", home.display())]
    Busy {
        /// The home.
        home: PathBuf,
    },
    /// Something that is no directory lies where the home is made before it moves to its place.
    #[error("`{}` is no directory, and a home that is being restored is made there", path.display())]
    InTheWay {
        /// Its path.
        path: PathBuf,
    },
    /// The passphrase is another, or the first lines of the file were changed.
    #[error("the passphrase does not open `{}`", path.display())]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// What lies there is no sound backup.
    #[error("`{}` is no sound backup", path.display())]
    Unsound {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Defect,
    },
    /// There is something where a home shall be.
    #[error("`{}` is there already, and nothing is restored over it", home.display())]
    Occupied {
        /// The home.
        home: PathBuf,
    },
    /// The key that was to be in it is not there.
    #[error("the key of the root is not in the home, so that no backup can hold it: there is no `{}`", path.display())]
    NoRootKey {
        /// Where it would lie.
        path: PathBuf,
    },
    /// It could not be sealed.
    #[error(transparent)]
    Seal(SealError),
    /// The home failed.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What is wrong with a backup.
#[derive(Debug, Error)]
pub enum Defect {
    /// Its seal is none.
    #[error(transparent)]
    Seal(OpenError),
    /// It ends too early.
    #[error("it ends too early, or its end was changed")]
    Truncated,
    /// Its bytes are not those that were written.
    #[error("its bytes are not those that were written")]
    Damaged,
    /// What is in it is no archive of tar.
    #[error("what is in it is no archive of ours: {0}")]
    NoArchive(String),
    /// A file that no backup has.
    #[error("it has `{name}`, which no backup has")]
    Foreign {
        /// Its name.
        name: String,
    },
    /// A link, a directory, a device.
    #[error("`{name}` in it is not a plain file")]
    NotAFile {
        /// Its name.
        name: String,
    },
    /// A file that is there twice.
    #[error("`{name}` is in it twice")]
    Twice {
        /// Its name.
        name: String,
    },
    /// A file that is longer than any of its kind.
    #[error("`{name}` in it has {size} bytes, more than any of its kind")]
    TooLarge {
        /// Its name.
        name: String,
        /// Its length.
        size: u64,
    },
    /// More files than a home has.
    #[error("it has more files than any home")]
    TooMany,
    /// Something follows the manifest.
    #[error("something follows the manifest, which is the last file of a backup")]
    AfterManifest,
    /// No manifest.
    #[error("it has no manifest")]
    NoManifest,
    /// A manifest that cannot be read.
    #[error("its manifest cannot be read: {0}")]
    Manifest(String),
    /// One of a newer program.
    #[error("it has the form {found}, and this program knows {known}")]
    Newer {
        /// Its form.
        found: u32,
        /// The form of today.
        known: u32,
    },
    /// A file that the manifest does not have, or has otherwise, or the reverse.
    #[error("`{name}` in it is not what its manifest says")]
    Unlike {
        /// Its name.
        name: String,
    },
    /// The home in it cannot be opened.
    #[error("the home in it cannot be opened: {0}")]
    Home(String),
    /// The home in it was changed.
    #[error("the home in it is not as it was written: {}", flaws.first().map_or("", |flaw| &flaw.message))]
    Flawed {
        /// What is wrong.
        flaws: Vec<Flaw>,
    },
}

/// Whether a home can go on with what is wrong in it: there are other certificates, lists and entries, but no other CA.
pub fn are_bearable(flaws: &[Flaw]) -> bool {
    let is_bearable = |flaw: &Flaw| match flaw.kind {
        FlawKind::AuditLog | FlawKind::Certificate | FlawKind::Crl | FlawKind::Lineage => true,
        // How numbers go on is made anew by a restore.
        FlawKind::Authority | FlawKind::Device => true,
        FlawKind::Database | FlawKind::Ca | FlawKind::CaFile | FlawKind::CaKey | FlawKind::Settings => false,
        FlawKind::Unseen => false,
    };
    flaws.len() < MOST_FLAWS && flaws.iter().all(is_bearable)
}

impl From<LedgerError> for BackupError {
    fn from(error: LedgerError) -> Self {
        Self::Home(error.into())
    }
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Home(error.into())
    }
}

impl Defect {
    /// Whether a backup can be restored in spite of it: its CAs and their keys are whole, and all that is wrong is known.
    pub fn is_bearable(&self) -> bool {
        matches!(self, Self::Flawed { flaws } if are_bearable(flaws))
    }

    /// Sorts what reading a sealed archive said; none where the disk failed and the archive may be sound.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        match error.kind() {
            _ if error.raw_os_error().is_some() => None,
            io::ErrorKind::UnexpectedEof => Some(Self::Truncated),
            io::ErrorKind::InvalidData => Some(Self::Damaged),
            _ => Some(Self::NoArchive(error.to_string())),
        }
    }
}
