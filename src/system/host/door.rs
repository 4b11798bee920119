//! The door to a machine: its files are looked at, and its programs run.

use std::path::{Path, PathBuf};

use crate::system::{files::FileError, processes::Processes};

/// A machine whose files are looked at and whose programs are run.
pub trait Host: Processes {
    /// Where it is.
    fn whereabouts(&self) -> Whereabouts;

    /// What lies at each of these paths, symbolic links followed. What cannot be looked at counts as nothing.
    fn look(&self, paths: &[PathBuf]) -> Vec<Lying>;

    /// The content of a regular file of at most `limit` bytes.
    ///
    /// # Errors
    /// It cannot be read, is larger, or is no regular file.
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, FileError>;

    /// The names of what lies in a directory, sorted.
    ///
    /// # Errors
    /// It cannot be read.
    fn entries(&self, path: &Path) -> Result<Vec<String>, FileError>;

    /// A path without symbolic links in it.
    ///
    /// # Errors
    /// There is nothing at it, or it cannot be looked at.
    fn resolve(&self, path: &Path) -> Result<PathBuf, FileError>;

    /// The number of the user whose something is, symbolic links followed; none where nobody can say.
    fn owner(&self, path: &Path) -> Option<u32>;

    /// Whether a file lies there.
    fn is_file(&self, path: &Path) -> bool {
        self.look(&[path.to_owned()]).first().is_some_and(|lying| lying.is_file())
    }

    /// Whether a directory lies there.
    fn is_directory(&self, path: &Path) -> bool {
        self.look(&[path.to_owned()]) == [Lying::Directory]
    }

    /// Whether anything lies there.
    fn has_at(&self, path: &Path) -> bool {
        self.look(&[path.to_owned()]) != [Lying::Nothing]
    }
}

/// Where a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// It is this one.
    Here,
    /// It is another: programs alone change anything there.
    Elsewhere,
}

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lying {
    /// A regular file.
    File,
    /// One that we may run.
    Program,
    /// A directory.
    Directory,
    /// A device, a pipe or a socket.
    Special,
    /// Nothing.
    Nothing,
}

impl Lying {
    /// Whether it is a regular file, be it that we may run it.
    pub fn is_file(self) -> bool {
        matches!(self, Self::File | Self::Program)
    }
}
