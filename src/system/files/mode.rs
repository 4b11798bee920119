//! Modes: who may read what we make. There are two for files and two for directories, and no caller thinks in octal.

use rustix::fs::Mode;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileMode {
    /// 0600: its owner.
    Secret,
    /// 0644: everybody.
    Public,
}

impl FileMode {
    pub(super) fn bits(self) -> Mode {
        match self {
            Self::Secret => Mode::from_raw_mode(0o600),
            Self::Public => Mode::from_raw_mode(0o644),
        }
    }
}

/// Who may enter a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryMode {
    /// 0700: its owner.
    Private,
    /// 0755: everybody.
    Public,
}

impl DirectoryMode {
    pub(super) fn bits(self) -> Mode {
        match self {
            Self::Private => Mode::from_raw_mode(0o700),
            Self::Public => Mode::from_raw_mode(0o755),
        }
    }
}
