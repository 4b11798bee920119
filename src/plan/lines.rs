//! Lines of ours in the files of others.

use std::path::Path;

use super::{
    block::{self, Rest},
    change::Change,
    error::StepError,
    held::Held,
    mark::Writer,
    outcome::Outcome,
};
use crate::system::{FileError, FileMode, files};

/// Writes a block into a text file, in place of those of its name and of its rival's.
pub(super) fn write(
    path: &Path,
    (name, text): (&str, &str),
    rival: Option<&str>,
    change: &mut Change,
) -> Result<Outcome, StepError> {
    let Some(held) = text_at(path)? else {
        let whole = block::with("", name, text);
        change.prepare(path, None, Held::File(whole.clone().into_bytes()))?;
        files::write_new(path, whole.as_bytes(), FileMode::Public)?;
        return Ok(Outcome::Done);
    };
    let without_rival = rival.map(|rival| without(path, &held, rival)).transpose()?;
    let rest = without(path, without_rival.as_ref().map_or(&held, |rest| &rest.text), name)?;
    let whole = block::with(&rest.text, name, text);
    let is_changed = rest.is_changed(Some(text)) || without_rival.is_some_and(|rest| rest.is_changed(None));
    rewrite(path, &held, &whole, is_changed, change)
}

/// Removes a block from a text file, and the file where nothing is left in it.
pub(super) fn remove(path: &Path, name: &str, change: &mut Change) -> Result<Outcome, StepError> {
    let Some(held) = text_at(path)? else { return Ok(Outcome::AlreadySo) };
    let rest = without(path, &held, name)?;
    let is_changed = rest.is_changed(None);
    rewrite(path, &held, &rest.text, is_changed, change)
}

fn rewrite(path: &Path, held: &str, whole: &str, is_changed: bool, change: &mut Change) -> Result<Outcome, StepError> {
    if whole == held {
        return Ok(Outcome::AlreadySo);
    }
    // What is around our lines stays where it is: only a change in them would be lost.
    let writer = if is_changed { Writer::UsAndThem } else { Writer::Us };
    if whole.is_empty() {
        change.prepare(path, Some(writer), Held::Nothing)?;
        files::remove(path)?;
    } else {
        change.prepare(path, Some(writer), Held::File(whole.as_bytes().to_owned()))?;
        files::rewrite(path, whole.as_bytes())?;
    }
    Ok(Outcome::Done)
}

fn without(path: &Path, text: &str, name: &str) -> Result<Rest, StepError> {
    block::without(text, name).ok_or_else(|| StepError::Torn { path: path.to_owned(), name: name.to_owned() })
}

fn text_at(path: &Path) -> Result<Option<String>, StepError> {
    match Held::at(path)? {
        Held::Nothing => Ok(None),
        Held::Link(_) => Err(FileError::NotAFile { path: path.to_owned(), found: "a symbolic link" }.into()),
        Held::File(text) => String::from_utf8(text).map(Some).map_err(|_| StepError::NoText { path: path.to_owned() }),
    }
}
