//! What a server is told already: its configuration as text.

use std::path::Path;

use crate::system::{FileError, files::read_bounded};

/// What a file says, where there is one.
///
/// # Errors
/// It cannot be read.
pub(super) fn text(path: &Path) -> Result<Option<String>, FileError> {
    match read_bounded(path, MOST_BYTES) {
        Ok(held) => Ok(Some(String::from_utf8_lossy(&held).into_owned())),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

/// More than anybody writes into a configuration.
const MOST_BYTES: usize = 4 * 1024 * 1024;
