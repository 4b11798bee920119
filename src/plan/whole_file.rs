//! Files of their own: written whole, removed, and brought back as they were.

use std::path::Path;

use super::{aside, change::Change, error::StepError, held::Held, mark::Writer, outcome::Outcome};
use crate::system::{
    FileMode,
    files::{self, directory::entry_at},
};

/// Writes a file whole. What somebody else wrote there, or changed in it, is kept beside it.
pub(super) fn write(
    path: &Path,
    content: &[u8],
    mode: FileMode,
    written: Option<&[u8]>,
    change: &mut Change,
) -> Result<Outcome, StepError> {
    let held = Held::at(path)?;
    let wanted = Held::File(content.to_owned());
    if held == wanted {
        return Ok(Outcome::AlreadySo);
    }
    let last = written.filter(|written| held == Held::File((*written).to_owned()));
    change.prepare(path, writer(&held, last.or(Some(content))), wanted)?;
    files::replace(path, content, mode)?;
    Ok(Outcome::Done)
}

/// Removes a file. What somebody else wrote there, or changed in it, is kept beside it.
pub(super) fn remove(path: &Path, written: Option<&[u8]>, change: &mut Change) -> Result<Outcome, StepError> {
    let held = Held::at(path)?;
    if held == Held::Nothing {
        return Ok(Outcome::AlreadySo);
    }
    change.prepare(path, writer(&held, written), Held::Nothing)?;
    files::remove(path)?;
    Ok(Outcome::Done)
}

/// Brings back what was there before a file was written or removed; where there was nothing, removes it.
pub(super) fn restore(path: &Path, written: Option<&[u8]>, change: &mut Change) -> Result<Outcome, StepError> {
    let (held, copy) = (Held::at(path)?, aside::before(path));
    let was = entry_at(&copy)?;
    match writer(&held, written) {
        Some(Writer::Them) => return Err(StepError::Changed { path: path.to_owned() }),
        None if was.is_none() => return Ok(Outcome::AlreadySo),
        None => {}
        by_us => {
            change.prepare(path, by_us, Held::Nothing)?;
            if was.is_none() {
                files::remove(path)?;
            }
        }
    }
    if was.is_some() {
        change.rename(&copy, path)?;
    }
    Ok(Outcome::Done)
}

/// Who wrote what lies there; nobody where nothing does. We make no links.
fn writer(held: &Held, written: Option<&[u8]>) -> Option<Writer> {
    match held {
        Held::Nothing => None,
        Held::Link(_) => Some(Writer::Them),
        Held::File(text) => Some(Writer::of(text, written)),
    }
}
