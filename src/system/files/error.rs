//! What the file system refused: which file, which act, and a kind the face can give advice for.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;
use thiserror::Error;

/// What was being done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileAct {
    /// Reading it.
    Read,
    /// Writing it.
    Write,
    /// Making a directory.
    CreateDirectory,
    /// Pointing a symbolic link elsewhere.
    Link,
    /// Removing it.
    Remove,
    /// Asking for its owner and mode.
    Examine,
    /// Giving it to another user or group.
    GiveAway,
    /// Bringing it safely to the disk.
    Sync,
}

impl fmt::Display for FileAct {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::CreateDirectory => "make directory",
            Self::Link => "link",
            Self::Remove => "remove",
            Self::Examine => "examine",
            Self::GiveAway => "change the owner of",
            Self::Sync => "sync",
        })
    }
}

/// A file could not be read, written or examined.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// There is something at this path already.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// There is nothing at this path, or a directory above it is missing.
    #[error("cannot {act} `{}`: there is no such file or directory", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
        /// What was tried.
        act: FileAct,
    },
    /// The system does not let us.
    #[error("cannot {act} `{}`: permission denied", path.display())]
    Permission {
        /// The path.
        path: PathBuf,
        /// What was tried.
        act: FileAct,
        /// What the system said.
        source: io::Error,
    },
    /// The disk, or our share of it, is full.
    #[error("cannot {act} `{}`: the disk is full", path.display())]
    DiskFull {
        /// The path.
        path: PathBuf,
        /// What was tried.
        act: FileAct,
        /// What the system said.
        source: io::Error,
    },
    /// The file system takes no writes.
    #[error("cannot {act} `{}`: the file system is read-only", path.display())]
    ReadOnly {
        /// The path.
        path: PathBuf,
        /// What was tried.
        act: FileAct,
        /// What the system said.
        source: io::Error,
    },
    /// The file is longer than what is read of such a file.
    #[error("`{}` is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The path; `-` is the standard input.
        path: PathBuf,
        /// The most that is read.
        limit: usize,
    },
    /// A directory, a pipe, a socket or a device where a file is wanted.
    #[error("`{}` is {found}, not a file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is, with its article.
        found: &'static str,
    },
    /// The path ends in no name: `/`, `..` or nothing.
    #[error("`{}` names no file", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// Another user could turn the way there elsewhere.
    #[error("the way to `{}` goes by a symbolic link of another user ({owner}), to what is not that user's", path.display())]
    Turned {
        /// The path.
        path: PathBuf,
        /// The user id of the owner of the link.
        owner: u32,
    },
    /// A secret that other users of the machine can read, or own.
    #[error("`{}` holds a secret and others can read it (mode {mode:04o}, owner {owner})", path.display())]
    Exposed {
        /// The path.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The user id of its owner.
        owner: u32,
    },
    /// Anything else.
    #[error("cannot {act} `{}`", path.display())]
    Other {
        /// The path.
        path: PathBuf,
        /// What was tried.
        act: FileAct,
        /// What the system said.
        source: io::Error,
    },
}

impl FileError {
    /// Sorts what the system said into the kinds above.
    #[must_use]
    pub fn new(act: FileAct, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match Errno::from_io_error(&source) {
            Some(Errno::EXIST) => Self::Exists { path },
            Some(Errno::NOENT) => Self::Missing { path, act },
            Some(Errno::ACCESS | Errno::PERM) => Self::Permission { path, act, source },
            Some(Errno::NOSPC | Errno::DQUOT) => Self::DiskFull { path, act, source },
            Some(Errno::ROFS) => Self::ReadOnly { path, act, source },
            Some(Errno::ISDIR) => Self::NotAFile { path, found: "a directory" },
            _ => Self::Other { path, act, source },
        }
    }

    /// The file in question; `-` is the standard input.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Exists { path }
            | Self::Missing { path, .. }
            | Self::Permission { path, .. }
            | Self::DiskFull { path, .. }
            | Self::ReadOnly { path, .. }
            | Self::TooLarge { path, .. }
            | Self::NotAFile { path, .. }
            | Self::NoName { path }
            | Self::Turned { path, .. }
            | Self::Exposed { path, .. }
            | Self::Other { path, .. } => path,
        }
    }

    /// Whether there is nothing at the path.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }

    /// Whether there is something at the path already.
    #[must_use]
    pub fn is_exists(&self) -> bool {
        matches!(self, Self::Exists { .. })
    }
}
