//! Between two places: a CA that is finished and not yet where it belongs.

use super::{error::HomeError, guard, layout, layout::Layout, outside_key};
use crate::system::{
    FileError,
    files::{self, DirectoryLock, directory},
};

/// Makes a CA in a directory that holds none: `make` makes all of it in a directory of its own, which then moves to its place.
/// Where that fails, nothing is left.
pub(super) fn erect<E: From<HomeError> + From<FileError>>(
    layout: &Layout,
    make: impl FnOnce(&Layout) -> Result<(), E>,
) -> Result<(), E> {
    let is_new = !layout.directory().exists();
    directory::create_directories(layout.directory())?;
    erect_in(layout, make).inspect_err(|_| {
        if is_new {
            directory::remove_if_empty(layout.directory());
        }
    })
}

fn erect_in<E: From<HomeError> + From<FileError>>(
    layout: &Layout,
    make: impl FnOnce(&Layout) -> Result<(), E>,
) -> Result<(), E> {
    guard::check(layout).map_err(|error| match error {
        HomeError::Exposed { directory, mode } => HomeError::Shared { directory, mode },
        other => other,
    })?;
    let lock = DirectoryLock::acquire(layout.directory())?;
    finish(layout)?;
    refuse_occupied(layout)?;
    let staging = layout.unfinished();
    // What lies there is of a command that was stopped: nobody was ever told of that CA.
    outside_key::forget(&staging)?;
    directory::remove_tree(staging.directory())?;
    let made = make(&staging).and_then(|()| Ok(directory::rename(staging.directory(), layout.finished().directory())?));
    if let Err(error) = made {
        // The first error is the one to tell; the next such command removes what could not be removed now.
        let _ = outside_key::forget(&staging);
        let _ = directory::remove_tree(staging.directory());
        return Err(error);
    }
    finish(layout)?;
    drop(lock);
    Ok(())
}

/// Takes away what a restore that was killed has left beside its place: keys lie in it. One that is under way holds it.
pub(super) fn clear_restoring(layout: &Layout) {
    // A home that is called by a link lies elsewhere, and so does what was left beside it.
    let place = directory::resolve(layout.directory()).map_or_else(|_| layout.clone(), Layout::new);
    // What cannot be removed now the next command removes.
    let _ = files::remove_left(place.restoring().directory());
}

/// Moves a finished CA to its place, the ledger last: a home is one by its ledger. Does nothing where there is none.
pub(super) fn finish(layout: &Layout) -> Result<(), HomeError> {
    let finished = layout.finished();
    if !finished.directory().is_dir() {
        return Ok(());
    }
    let entries =
        [layout::ROOT, layout::ISSUING, layout::CRLS, layout::ARCHIVE, layout::LIVE, "hubca.toml", layout::LEDGER];
    for entry in entries {
        let (from, to) = (finished.directory().join(entry), layout.directory().join(entry));
        if !from.exists() {
            continue;
        }
        // An operator's own settings stay.
        if entry == "hubca.toml" && to.exists() {
            continue;
        }
        directory::rename(&from, &to)?;
    }
    Ok(directory::remove_tree(finished.directory())?)
}

/// A CA whose ledger was lost is no empty place: its keys must not be buried under a new one.
fn refuse_occupied(layout: &Layout) -> Result<(), HomeError> {
    let directory = layout.directory().to_owned();
    if layout.ledger().exists() {
        return Err(HomeError::AlreadyThere { directory });
    }
    let allowed = ["hubca.toml", "profiles"];
    let entries = directory::entries(&directory)?;
    let other = entries
        .into_iter()
        .find(|entry| !allowed.contains(&entry.as_str()) && !entry.starts_with(".init-") && !is_remnant(entry));
    match other {
        Some(entry) => Err(HomeError::NotEmpty { directory, entry: format!("`{entry}`") }),
        None => Ok(()),
    }
}

/// A temporary file of a write that was stopped.
fn is_remnant(entry: &str) -> bool {
    entry.starts_with(".hubca-") && entry.ends_with(".tmp")
}
