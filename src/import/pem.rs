//! A CA of no program: its certificate and its key, and those of a CA below it.

use std::path::{Path, PathBuf};

use super::places::{CaPlaces, Places, Tool};

/// The files that were named.
pub fn places(root_cert: &Path, root_key: Option<&Path>, issuing: Option<(&Path, Option<&Path>)>) -> Places {
    let ca = |cert: &Path, key: Option<&Path>| CaPlaces::of(cert.to_owned(), key.map(PathBuf::from));
    let below = issuing.map(|(cert, key)| ca(cert, key));
    let cas = std::iter::once(ca(root_cert, root_key)).chain(below).collect();
    Places::of(Tool::Pem, None, cas)
}
