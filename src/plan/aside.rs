//! Copies beside a file. What somebody else wrote there before an installation is `.NAME.before-hubca`, and comes back with
//! its removal; those of earlier installations are `.NAME.before-hubca.2` and so on. What somebody changed in a file of ours is
//! `.NAME.edited`, `.NAME.edited.2` and so on. A dot begins each name, so that no program that reads a whole directory
//! reads it.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::error::StepError;
use crate::system::files::directory::entry_at;

/// Where what was there before the installation is kept, or is to be.
pub(super) fn before(path: &Path) -> PathBuf {
    named(path, BEFORE, 1)
}

/// Whether something that was there before the installation is kept beside a file.
pub fn has_copy_of_before(path: &Path) -> bool {
    before(path).symlink_metadata().is_ok()
}

/// A free name for what was there before an earlier installation.
///
/// # Errors
/// There are too many already, or nobody can say.
pub(super) fn before_earlier(path: &Path) -> Result<PathBuf, StepError> {
    free(path, BEFORE, 2)
}

/// A free name for a file of ours that somebody changed.
///
/// # Errors
/// There are too many already, or nobody can say.
pub(super) fn edited(path: &Path) -> Result<PathBuf, StepError> {
    free(path, EDITED, 1)
}

fn free(path: &Path, word: &str, first: u32) -> Result<PathBuf, StepError> {
    for number in first..=MOST {
        let copy = named(path, word, number);
        if entry_at(&copy)?.is_none() {
            return Ok(copy);
        }
    }
    Err(StepError::Copies { path: path.to_owned(), most: MOST })
}

fn named(path: &Path, word: &str, number: u32) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(word);
    if number > 1 {
        name.push(format!(".{number}"));
    }
    path.with_file_name(name)
}

const BEFORE: &str = ".before-hubca";
const EDITED: &str = ".edited";
/// How many copies of a kind are kept of one file.
const MOST: u32 = 100;
