//! Between two places: a CA that is finished and not yet where it belongs.

use super::{error::HomeError, layout, layout::Layout};
use crate::system::files::directory;

/// Moves a finished CA to its place, the ledger last: a home is one by its ledger. Does nothing where there is none.
pub(super) fn finish(layout: &Layout) -> Result<(), HomeError> {
    let finished = layout.finished();
    if !finished.directory().is_dir() {
        return Ok(());
    }
    for entry in [layout::ROOT, layout::ISSUING, layout::CRLS, "hubca.toml", layout::LEDGER] {
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
pub(super) fn refuse_occupied(layout: &Layout) -> Result<(), HomeError> {
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
