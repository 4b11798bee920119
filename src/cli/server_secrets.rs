//! The secrets of a server, beside its configuration: made where there are none, and kept where they are, for with another one
//! everybody would be logged out.

use std::path::{Path, PathBuf};

use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    failure::{Failure, FailureKind},
    page::{Page, Tone},
};
use crate::{
    preset::Secret,
    system::{
        FileError, FileMode, Random,
        files::{access, read_bounded, remove, write_new},
    },
};

/// A secret of a server: where it lies, and never what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct ServerSecret {
    path: PathBuf,
    purpose: &'static str,
    /// Whether it is made by this command; one that was there already stays.
    made: bool,
}

/// The secrets of a server as they are in a directory, which need not be there yet.
///
/// # Errors
/// Something else has the name of one, others can read it, or the file system says no.
pub(super) fn look(secrets: &[Secret], directory: &Path) -> Result<Vec<ServerSecret>, Failure> {
    let found = secrets.iter().map(|secret| {
        let path = directory.join(secret.file_name);
        Ok(ServerSecret { made: !is_there(&path)?, path, purpose: secret.purpose })
    });
    found.collect()
}

/// Makes those that are not there: 0600 from the first moment.
///
/// # Errors
/// The file system says no, or the system has no randomness to give.
pub(super) fn make(secrets: &[ServerSecret], random: &dyn Random) -> Result<(), Failure> {
    for secret in secrets.iter().filter(|secret| secret.made) {
        let drawn = Secret::draw(random).map_err(|error| Failure::of(FailureKind::Internal, &error))?;
        write_new(&secret.path, &drawn, FileMode::Secret)?;
    }
    Ok(())
}

/// Removes those that were made, for a server that was not set up after all.
///
/// # Errors
/// The file system says no.
pub(super) fn take_back(secrets: &[ServerSecret]) -> Result<(), FileError> {
    secrets.iter().filter(|secret| secret.made && secret.path.exists()).try_for_each(|secret| remove(&secret.path))
}

impl ServerSecret {
    /// Tells where it is and whose it should be.
    pub(super) fn tell(&self, page: &mut Page) {
        page.command(&self.path.display().to_string());
        let what = if self.made { "a new one, 0600" } else { "was there already, and stays as it is" };
        page.paragraph("      ", Tone::Plain, &format!("{}: {what}", self.purpose));
    }

    /// Tells what is to be done about it; one that is there stays, and there is nothing to tell.
    pub(super) fn tell_step(&self, page: &mut Page) {
        if self.made {
            page.marked(Tone::Strong, "step:", &format!("make {}, 0600", self.purpose));
            page.command(&self.path.display().to_string());
        }
    }
}

fn is_there(path: &Path) -> Result<bool, Failure> {
    let contents = match read_bounded(path, Secret::LONGEST).map(Zeroizing::new) {
        // A link that leads nowhere has the name all the same.
        Err(FileError::Missing { .. }) if !path.is_symlink() => return Ok(false),
        Err(FileError::Missing { .. } | FileError::TooLarge { .. }) => return Err(no_secret(path)),
        contents => contents?,
    };
    if !Secret::is_held_by(&contents) {
        return Err(no_secret(path));
    }
    let access = access(path)?;
    // JupyterHub's own rule for its cookie secret; whose it is depends on who runs it.
    if access.mode & 0o007 != 0 {
        return Err(FileError::Exposed { path: path.to_owned(), mode: access.mode, owner: access.owner }.into());
    }
    Ok(true)
}

fn no_secret(path: &Path) -> Failure {
    let message = format!("`{}` holds something else than a secret of 64 hexadecimal digits", path.display());
    Failure::new(FailureKind::Exists, message).hint("move it away, or name another directory")
}
