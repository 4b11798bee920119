//! What belongs to the system as a whole: its name, its anchors, and the libraries of mbedTLS.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    system::{Host, host::Lying},
    trust::{
        layout::{Layout, SystemStore},
        machine::Programs,
    },
};

/// The store that its programs share.
pub(super) fn store(programs: &Programs, host: &dyn Host) -> Option<SystemStore> {
    let lying = host.look(&Layout::DIRECTORIES.map(|(_, directory)| PathBuf::from(directory)));
    let there = || {
        Layout::DIRECTORIES
            .into_iter()
            .zip(&lying)
            .filter(|(_, lying)| **lying == Lying::Directory)
            .map(|(store, _)| store)
    };
    let has_program = |layout: Layout| programs.get(layout.program()).is_some();
    let found = there().find(|(layout, _)| has_program(*layout)).or_else(|| there().next());
    let found = found.or_else(|| has_program(Layout::P11Kit).then_some((Layout::P11Kit, "/run")));
    found.map(|(layout, directory)| SystemStore { layout, directory: PathBuf::from(directory) })
}

/// What it calls itself: os-release(5).
pub(super) fn name(host: &dyn Host) -> Option<String> {
    let text = ["/etc/os-release", "/usr/lib/os-release"].iter();
    let text = text.map(Path::new).find_map(|path| host.read(path, MOST_OF_RELEASE).ok())?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(line.trim_matches(['"', '\'']).to_owned())
}

/// The libraries of mbedTLS that programs of this machine may be linked with.
pub(super) fn mbedtls(host: &dyn Host) -> Vec<PathBuf> {
    let names_in = |place: &Path| host.entries(place).unwrap_or_default();
    // Debian has a directory for each kind of processor.
    let usual = Path::new("/usr/lib");
    let others = names_in(usual).into_iter().filter(|name| name.contains("-linux-")).map(|name| usual.join(name));
    let places = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from).into_iter().chain(others);
    let found = places.flat_map(|place| {
        let names = names_in(&place).into_iter().filter(|name| name.starts_with("libmbedx509.so"));
        names.map(|name| place.join(name)).collect::<Vec<_>>()
    });
    // One library has several names.
    let found: BTreeSet<PathBuf> = found.filter_map(|path| host.resolve(&path).ok()).collect();
    found.into_iter().collect()
}

const MOST_OF_RELEASE: usize = 64 * 1024;
