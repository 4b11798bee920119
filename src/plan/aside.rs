//! Copies of what somebody else wrote, kept beside the file that took its place: `.NAME.before-hubca`, then
//! `.NAME.before-hubca.2` and so on. A dot begins the name, so that no program that reads a whole directory reads it.

use std::path::{Path, PathBuf};

use super::error::StepError;
use crate::system::{
    FileMode,
    files::{self, directory},
};

/// A copy that was kept.
pub(super) struct Aside(PathBuf);

/// Keeps a copy; one that says the same is enough.
pub(super) fn keep(path: &Path, held: &[u8]) -> Result<(), StepError> {
    for number in 1..=MOST {
        let copy = named(path, number);
        match files::write_new(&copy, held, FileMode::Secret) {
            Err(error) if error.is_exists() => {
                if files::read_bounded(&copy, held.len()).is_ok_and(|kept| kept == held) {
                    return Ok(());
                }
            }
            written => return Ok(written?),
        }
    }
    Err(StepError::Copies { path: path.to_owned(), most: MOST })
}

impl Aside {
    /// The copy that was kept last.
    pub(super) fn newest(path: &Path) -> Option<Self> {
        (1..=MOST).map(|number| named(path, number)).take_while(|copy| copy.exists()).last().map(Self)
    }

    /// Gives it the place of the file again.
    pub(super) fn bring_back(&self, path: &Path) -> Result<(), StepError> {
        Ok(directory::rename(&self.0, path)?)
    }
}

fn named(path: &Path, number: u32) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".before-hubca");
    if number > 1 {
        name.push(format!(".{number}"));
    }
    path.with_file_name(name)
}

/// How many copies are kept of one file.
const MOST: u32 = 100;
