//! What lies at a path.

use std::path::{Path, PathBuf};

use super::error::StepError;
use crate::system::files::{
    directory::{Entry, entry_at, link_target},
    read_bounded,
};

/// What lies at a path; a symbolic link is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing.
    Nothing,
    /// A symbolic link, and what it says.
    Link(Option<PathBuf>),
    /// A file, and what is in it.
    File(Vec<u8>),
}

impl Held {
    /// Looks.
    ///
    /// # Errors
    /// It cannot be read, is too large for a file that a person wrote, or is no file.
    pub(super) fn at(path: &Path) -> Result<Self, StepError> {
        match entry_at(path)? {
            None => Ok(Self::Nothing),
            Some(Entry::Link) => Ok(Self::Link(link_target(path))),
            Some(Entry::Directory | Entry::File | Entry::Special) => Ok(Self::File(read_bounded(path, MOST_BYTES)?)),
        }
    }
}

/// The largest file that is written over: each is one that a person could have written.
const MOST_BYTES: usize = 16 * 1024 * 1024;
