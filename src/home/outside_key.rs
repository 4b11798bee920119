//! The root's key in a directory outside of the home, from the first moment: a USB stick, another disk.
//!
//! A stopped command must not leave a key there that nobody was told of, and must never remove one that is somebody
//! else's. So before the key is written the staging directory gets a note of where it will lie and of its hash.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{error::HomeError, layout::Layout};
use crate::{
    keys::{KeyFile, KeyPurpose, PrivateKey, Protection},
    system::{
        FileMode, Random,
        files::{self, directory, read_bounded},
    },
    x509::certificate::sha256,
};

/// Where the root's key of an unfinished CA will lie, and whose it is.
#[derive(Deserialize, Serialize)]
struct Note {
    path: PathBuf,
    /// SHA-256 of the file: nothing else at that path is ours.
    sha256: Vec<u8>,
}

/// Writes the key to a path outside, after a note of it inside.
pub(super) fn write(
    staging: &Layout,
    path: &Path,
    key: &PrivateKey,
    protection: Protection<'_>,
    random: &dyn Random,
) -> Result<(), HomeError> {
    let file = KeyFile::new(directory::absolute(path)?, KeyPurpose::Root);
    let text = file.encode(key, protection, random)?;
    let note = Note { path: file.path().to_owned(), sha256: sha256(text.as_bytes()).to_vec() };
    let note = serde_json::to_vec(&note).unwrap_or_default();
    files::write_new(&note_path(staging), &note, FileMode::Secret)?;
    files::write_new(file.path(), text.as_bytes(), FileMode::Secret)?;
    Ok(())
}

/// Removes what an unfinished CA wrote outside, if it lies there still as it was written.
pub(super) fn forget(staging: &Layout) -> Result<(), HomeError> {
    let Some(note) = read_bounded(&note_path(staging), MOST_BYTES).ok() else { return Ok(()) };
    let Ok(Note { path, sha256: expected }) = serde_json::from_slice(&note) else { return Ok(()) };
    let is_ours = read_bounded(&path, MOST_BYTES).is_ok_and(|content| sha256(&content).to_vec() == expected);
    if is_ours {
        files::remove(&path)?;
    }
    Ok(())
}

/// Takes the note away, for the CA of that key is one now: the key stays where it lies.
pub(super) fn keep(staging: &Layout) -> Result<(), HomeError> {
    match files::remove(&note_path(staging)) {
        Err(error) if !error.is_missing() => Err(error.into()),
        _ => Ok(()),
    }
}

fn note_path(staging: &Layout) -> PathBuf {
    staging.directory().join("root-key-out.json")
}

/// Room for the longest key, and for the note.
const MOST_BYTES: usize = 64 * 1024;
