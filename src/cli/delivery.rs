//! Files written where a person asked for them: whole, and never over something else without a word.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::failure::{Failure, FailureKind};
use crate::{
    export::Artifact,
    system::{
        DirectoryMode, FileError, FileMode,
        files::{self, create_directory, read_bounded},
    },
};

/// What to do with a file that is there already and holds something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Leave it, and say so.
    Keep,
    /// Put the new one in its place: `--force`.
    Replace,
}

/// A file that was written, as `export` reports it.
#[derive(Clone, Debug, Serialize)]
pub struct DeliveredFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is.
    pub media_type: &'static str,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

impl Existing {
    /// What `--force` says.
    pub fn of_force(force: bool) -> Self {
        if force { Self::Replace } else { Self::Keep }
    }
}

/// Writes a file; one that holds these very bytes already is left as it is.
///
/// # Errors
/// Something else has that name, or the file system says no.
pub fn deliver(path: &Path, bytes: &[u8], mode: FileMode, existing: Existing) -> Result<(), Failure> {
    if existing == Existing::Replace {
        return Ok(files::replace(path, bytes, mode)?);
    }
    match files::write_new(path, bytes, mode) {
        Err(FileError::Exists { .. }) if holds(path, bytes) => Ok(()),
        Err(error @ FileError::Exists { .. }) => Err(occupied(&error)),
        written => Ok(written?),
    }
}

/// Writes a file to hand out.
///
/// # Errors
/// As [`deliver`].
pub fn deliver_artifact(artifact: &Artifact, path: PathBuf, existing: Existing) -> Result<DeliveredFile, Failure> {
    deliver(&path, artifact.contents(), artifact.mode(), existing)?;
    Ok(DeliveredFile { path, media_type: artifact.media_type(), sha256: artifact.sha256() })
}

/// Refuses files that are there, before work is done that would be for nothing.
///
/// # Errors
/// One of them is there.
pub fn refuse_existing<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Result<(), Failure> {
    for path in paths {
        match files::access(path) {
            Ok(_) => return Err(occupied(&FileError::Exists { path: path.to_owned() })),
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Makes a directory for files to hand out, if it is not there.
///
/// # Errors
/// Something else has that name, or the file system says no.
pub fn make_directory(path: &Path, mode: DirectoryMode) -> Result<(), Failure> {
    match create_directory(path, mode) {
        Err(FileError::Exists { .. }) if path.is_dir() => Ok(()),
        made => Ok(made?),
    }
}

fn holds(path: &Path, bytes: &[u8]) -> bool {
    read_bounded(path, bytes.len()).is_ok_and(|held| held == bytes)
}

fn occupied(error: &FileError) -> Failure {
    Failure::of(FailureKind::Exists, error).hint("write somewhere else with --out, or over it with --force")
}
