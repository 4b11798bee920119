//! What a command leaves that was killed while it changed how a CA's key is protected: the key under a name for a while, which may
//! be without its passphrase already.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::layout::{FIRST, Layout};
use crate::system::files::{self, directory};

/// Takes it away. What a command that is under way has stays, and so does what cannot be removed. Where a link in the place of a root's
/// key leads is not looked at: it may be a stick, or a disk far away that does not answer.
pub(super) fn clear(layout: &Layout) {
    let roots = root_keys(layout).into_iter().filter_map(|key| beside(&key));
    let issuing = issuing_keys(layout).into_iter().flat_map(|key| beside(&key).into_iter().chain(behind(&key)));
    roots.chain(issuing).collect::<BTreeSet<_>>().iter().for_each(|place| files::clear_left(place));
}

/// What could not be taken away, after that was tried where those links lead as well.
pub(super) fn stubborn(layout: &Layout) -> Vec<PathBuf> {
    let roots = root_keys(layout).into_iter().filter_map(|key| behind(&key)).collect::<BTreeSet<_>>();
    roots.iter().for_each(|place| files::clear_left(place));
    let keys = [root_keys(layout), issuing_keys(layout)].concat();
    let places: BTreeSet<_> = keys.iter().flat_map(|key| beside(key).into_iter().chain(behind(key))).collect();
    places.iter().flat_map(|place| files::left_in(place)).collect()
}

fn root_keys(layout: &Layout) -> Vec<PathBuf> {
    [FIRST].into_iter().chain(numbers(&layout.root())).map(|ordinal| layout.root_key(ordinal)).collect()
}

fn issuing_keys(layout: &Layout) -> Vec<PathBuf> {
    numbers(&layout.issuing()).into_iter().map(|ordinal| layout.issuing_key(ordinal)).collect()
}

/// The directory in which a key lies.
fn beside(key: &Path) -> Option<PathBuf> {
    directory::resolve(key.parent()?).ok()
}

/// The one to which a link in its place leads.
fn behind(key: &Path) -> Option<PathBuf> {
    directory::resolve(key).ok()?.parent().map(Path::to_owned)
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
    fn a_key_that_a_killed_command_left_goes_when_the_home_is_opened_and_from_a_stick_when_it_is_looked_at() {
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
        let home = Home::open(layout.clone(), ca.doors()).unwrap();
        assert_eq!(left.each_ref().map(|path| path.exists()), [false, false, false, true], "the stick may be away");
        assert!(home.examine(None, &mut |_| ()).unwrap().flaws.is_empty());
        assert!(!left[3].exists());
        // A command that is under way holds what it writes.
        let held = File::create(&left[2]).unwrap();
        held.lock().unwrap();
        drop(Home::open(layout.clone(), ca.doors()).unwrap());
        assert!(left[2].exists() && stubborn(&layout).is_empty());
    }
}
