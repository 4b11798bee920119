//! The directories in which a plan writes: as long as it is taken, no other one writes there.

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::error::StepError;
use crate::system::{
    Interruption,
    files::{DirectoryLock, clear_left, directory::resolve},
};

/// Directories that no other plan holds.
#[derive(Debug, Default)]
pub(super) struct Directories(Vec<(PathBuf, DirectoryLock)>);

impl Directories {
    /// Holds the directory of a file as well, and removes what killed runs have left in it. One that is not there yet is held by
    /// nobody.
    ///
    /// # Errors
    /// Another plan holds it for too long, or it cannot be opened.
    pub(super) fn hold(&mut self, file: &Path) -> Result<(), StepError> {
        let Some(directory) = file.parent().filter(|directory| directory.is_dir()) else { return Ok(()) };
        let directory = resolve(directory)?;
        if self.0.iter().any(|(held, _)| *held == directory) {
            return Ok(());
        }
        for _ in 0..TRIES {
            if Interruption::is_asked() {
                return Err(StepError::Interrupted);
            }
            if let Some(lock) = DirectoryLock::try_acquire(&directory)? {
                clear_left(&directory);
                self.0.push((directory, lock));
                return Ok(());
            }
            thread::sleep(TRY_AGAIN);
        }
        Err(StepError::Busy { path: directory })
    }
}

const TRY_AGAIN: Duration = Duration::from_millis(50);
/// Two hundred seconds: longer than a program of a plan may run.
const TRIES: u32 = 4000;
