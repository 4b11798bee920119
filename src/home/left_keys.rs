//! What a command leaves that was killed while it changed how a CA's key is protected: the key under a name for a while, which may
//! be without its passphrase already.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::layout::{FIRST, Layout};
use crate::system::files::{self, directory};

/// Takes it away. What a command that is under way has stays, and so does what cannot be removed.
pub(super) fn clear(layout: &Layout) {
    for place in places(layout) {
        files::clear_left(&place);
    }
}

/// What could not be taken away.
pub(super) fn stubborn(layout: &Layout) -> Vec<PathBuf> {
    places(layout).iter().flat_map(|place| files::left_in(place)).collect()
}

/// The directories of the CAs' keys, and those to which a link in the place of a key leads.
fn places(layout: &Layout) -> BTreeSet<PathBuf> {
    let roots = [FIRST].into_iter().chain(numbers(&layout.root())).map(|ordinal| layout.root_key(ordinal));
    let issuing = numbers(&layout.issuing()).into_iter().map(|ordinal| layout.issuing_key(ordinal));
    let of_key = |key: PathBuf| {
        let beside = key.parent().and_then(|parent| directory::resolve(parent).ok());
        let behind = directory::resolve(&key).ok().and_then(|key| key.parent().map(Path::to_owned));
        beside.into_iter().chain(behind)
    };
    roots.chain(issuing).flat_map(of_key).collect()
}

fn numbers(directory: &Path) -> Vec<i64> {
    let entries = directory::entries(directory).unwrap_or_default();
    entries.iter().filter_map(|entry| entry.parse().ok()).collect()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests {
    use super::super::{opened::Home, test_ca::TestCa};
    use super::*;
    use std::{
        fs::{self, File},
        os::unix::fs::symlink,
    };

    const LEFT: &str = ".hubca-0123456789abcdef.tmp";

    #[test]
    fn a_key_that_a_killed_command_left_goes_when_the_home_is_opened_wherever_the_key_lies() {
        let ca = TestCa::new();
        let layout = ca.home.layout().clone();
        let stick = tempfile::tempdir().unwrap();
        let key = stick.path().join("key.pem");
        fs::rename(layout.root_key(1), &key).unwrap();
        symlink(&key, layout.root_key(1)).unwrap();
        fs::create_dir(layout.root_of(2)).unwrap();
        let beside = |key: PathBuf| key.with_file_name(LEFT);
        let left = [layout.root_key(1), layout.root_key(2), layout.issuing_key(1), key].map(beside);
        for path in &left {
            fs::write(path, "a key").unwrap();
        }
        assert_eq!(stubborn(&layout).len(), 4);
        drop(Home::open(layout.clone(), ca.doors()).unwrap());
        assert!(!left.iter().any(|path| path.exists()));
        // A command that is under way holds what it writes.
        let held = File::create(&left[2]).unwrap();
        held.lock().unwrap();
        drop(Home::open(layout.clone(), ca.doors()).unwrap());
        assert!(left[2].exists() && stubborn(&layout).is_empty());
    }
}
