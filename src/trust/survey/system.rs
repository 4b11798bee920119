//! What belongs to the system as a whole: its name, its anchors, and the libraries of mbedTLS.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    system::files::{directory, read_bounded},
    trust::{
        layout::{Layout, SystemStore},
        machine::Programs,
    },
};

/// The store that its programs share.
pub(super) fn store(programs: &Programs) -> Option<SystemStore> {
    let there = || Layout::DIRECTORIES.into_iter().filter(|(_, directory)| Path::new(directory).is_dir());
    let has_program = |layout: Layout| programs.get(layout.program()).is_some();
    let found = there().find(|(layout, _)| has_program(*layout)).or_else(|| there().next());
    let found = found.or_else(|| has_program(Layout::P11Kit).then_some((Layout::P11Kit, "/run")));
    found.map(|(layout, directory)| SystemStore { layout, directory: PathBuf::from(directory) })
}

/// What it calls itself: os-release(5).
pub(super) fn name() -> Option<String> {
    let text = ["/etc/os-release", "/usr/lib/os-release"].iter();
    let text = text.map(Path::new).find_map(|path| read_bounded(path, MOST_OF_RELEASE).ok())?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(line.trim_matches(['"', '\'']).to_owned())
}

/// The libraries of mbedTLS that programs of this machine may be linked with.
pub(super) fn mbedtls() -> Vec<PathBuf> {
    let multiarch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let places = ["/usr/lib", "/usr/lib64", "/usr/local/lib", &multiarch];
    let found = places.iter().flat_map(|place| {
        let names = directory::entries(Path::new(place)).unwrap_or_default();
        names.into_iter().filter(|name| name.starts_with("libmbedx509.so")).map(|name| Path::new(place).join(name))
    });
    // One library has several names.
    let found: BTreeSet<PathBuf> = found.filter_map(|path| directory::resolve(&path).ok()).collect();
    found.into_iter().collect()
}

const MOST_OF_RELEASE: usize = 64 * 1024;
