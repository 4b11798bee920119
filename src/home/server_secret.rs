//! The secrets of a server, beside its configuration: made where there are none, and kept where they are, for with another one
//! everybody would be logged out.

use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    preset::Secret,
    system::{
        FileError, FileMode, Random, RandomError,
        files::{access, read_bounded, remove, write_new},
    },
};

/// A secret of a server: where it lies, and never what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerSecret {
    path: PathBuf,
    purpose: &'static str,
    made: bool,
}

/// Why a server has no secret.
#[derive(Debug, Error)]
pub enum ServerSecretError {
    /// Something else has its name.
    #[error("`{0}` holds something else than a secret of 64 hexadecimal digits")]
    Foreign(PathBuf),
    /// The file system says no, or others can read it.
    #[error(transparent)]
    File(#[from] FileError),
    /// The system has no randomness to give.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl ServerSecret {
    /// The secrets of a server as they are in a directory, which need not be there yet.
    ///
    /// # Errors
    /// Something else has the name of one, others can read it, or the file system says no.
    pub fn look(secrets: &[Secret], directory: &Path) -> Result<Vec<Self>, ServerSecretError> {
        let found = secrets.iter().map(|secret| {
            let path = directory.join(secret.file_name);
            Ok(Self { made: !is_there(&path)?, path, purpose: secret.purpose })
        });
        found.collect()
    }

    /// Makes those that are not there: 0600 from the first moment.
    ///
    /// # Errors
    /// The file system says no, or the system has no randomness to give.
    pub fn make(secrets: &[Self], random: &dyn Random) -> Result<(), ServerSecretError> {
        for secret in secrets.iter().filter(|secret| secret.made) {
            write_new(&secret.path, &Secret::draw(random)?, FileMode::Secret)?;
        }
        Ok(())
    }

    /// Removes those that were made, for a server that was not set up after all.
    ///
    /// # Errors
    /// The file system says no.
    pub fn take_back(secrets: &[Self]) -> Result<(), FileError> {
        secrets.iter().filter(|secret| secret.made && secret.path.exists()).try_for_each(|secret| remove(&secret.path))
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is for.
    pub fn purpose(&self) -> &'static str {
        self.purpose
    }

    /// Whether it is made anew; one that was there already stays.
    pub fn is_made(&self) -> bool {
        self.made
    }
}

fn is_there(path: &Path) -> Result<bool, ServerSecretError> {
    let contents = match read_bounded(path, Secret::LONGEST).map(Zeroizing::new) {
        // A link that leads nowhere has the name all the same.
        Err(FileError::Missing { .. }) if !path.is_symlink() => return Ok(false),
        Err(FileError::Missing { .. } | FileError::TooLarge { .. }) => {
            return Err(ServerSecretError::Foreign(path.to_owned()));
        }
        contents => contents?,
    };
    if !Secret::is_held_by(&contents) {
        return Err(ServerSecretError::Foreign(path.to_owned()));
    }
    let access = access(path)?;
    // JupyterHub's own rule for its cookie secret; whose it is depends on who runs it.
    if access.mode & 0o007 != 0 {
        return Err(FileError::Exposed { path: path.to_owned(), mode: access.mode, owner: access.owner }.into());
    }
    Ok(true)
}
