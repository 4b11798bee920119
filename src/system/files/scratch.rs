//! Directories for a while. Each is held while it is used, so that one which a killed run has left is known by being held by
//! nobody, and goes with the next of its kind.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{
    access::access,
    directory::{self, DirectoryLock, Entry},
    error::{FileAct, FileError},
    mode::DirectoryMode,
    write::create_directory,
};

/// A directory that only we can enter; gone with this value, with all that is in it.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    _lock: DirectoryLock,
}

impl Scratch {
    /// Makes an empty one, whose name begins with its kind, and takes away what killed runs have left of that kind.
    ///
    /// # Errors
    /// What the system refused.
    pub fn create(parent: &Path, kind: &str) -> Result<Self, FileError> {
        clear_left(parent, kind);
        let mut tries = 0;
        loop {
            let number = getrandom::u64();
            let number =
                number.map_err(|error| FileError::new(FileAct::Write, parent, io::Error::other(error.to_string())))?;
            let path = parent.join(format!("{kind}{number:016x}"));
            // Until it is held, another run may take it for one that was left.
            match create_directory(&path, DirectoryMode::Private) {
                Err(error) if error.is_missing() && tries < MOST_TRIES => tries += 1,
                made => {
                    made?;
                    if let Some(lock) = hold(&path)? {
                        return Ok(Self { path, _lock: lock });
                    }
                }
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next one.
        let _ = directory::remove_tree(&self.path);
    }
}

/// What cannot be removed harms nobody, and stays.
fn clear_left(parent: &Path, kind: &str) {
    for name in directory::entries(parent).unwrap_or_default() {
        let number = name.strip_prefix(kind).unwrap_or_default();
        if number.len() == 16 && number.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            let _ = remove_left(&parent.join(name));
        }
    }
}

/// Takes away a private directory that a killed run has left: one that nobody holds. Where there is none, nothing is done.
///
/// # Errors
/// What the system refused.
pub fn remove_left(path: &Path) -> Result<(), FileError> {
    // In a directory that all may write to, anything may have such a name.
    if directory::entry_at(path)? != Some(Entry::Directory) || !access(path)?.is_private_to_us() {
        return Ok(());
    }
    match hold(path)? {
        Some(_lock) => directory::remove_tree(path),
        None => Ok(()),
    }
}

/// Holds a directory; none where somebody else does, or it is gone.
///
/// # Errors
/// What the system refused.
pub fn hold(path: &Path) -> Result<Option<DirectoryLock>, FileError> {
    match DirectoryLock::try_acquire(path) {
        Ok(lock) => Ok(lock.filter(|lock| lock.is_of(path))),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

/// How often one is made anew that is gone before it was whole: by others now and then, or because nothing can be made there.
const MOST_TRIES: u32 = 100;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests {
    use super::*;
    use std::{
        fs::{self, Permissions},
        os::unix::fs::{PermissionsExt, symlink},
    };

    const KIND: &str = "hubca-backup-";

    #[test]
    fn those_that_are_made_at_once_are_not_taken_for_left_ones() {
        let place = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..60 {
                        let scratch = Scratch::create(place.path(), "kind-").unwrap();
                        assert!(scratch.path().is_dir());
                    }
                });
            }
        });
        let nowhere = place.path().join("nowhere");
        assert!(Scratch::create(&nowhere, "kind-").unwrap_err().is_missing());
    }

    #[test]
    fn what_a_killed_run_left_goes_with_the_next_and_nothing_else_does() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let make = |name: &str, mode| {
            fs::create_dir(at(name)).unwrap();
            fs::write(at(name).join("ledger.db"), "half").unwrap();
            fs::set_permissions(at(name), Permissions::from_mode(mode)).unwrap();
        };
        let left = "hubca-backup-0123456789abcdef";
        make(left, 0o700);
        let strange = ["hubca-backup-0123456789abcde", "hubca-backup-0123456789abcdeg", "other-0123456789abcdef"];
        strange.iter().for_each(|name| make(name, 0o700));
        make("hubca-backup-1123456789abcdef", 0o755);
        fs::write(at("hubca-backup-2123456789abcdef"), "a file").unwrap();
        symlink(strange[0], at("hubca-backup-3123456789abcdef")).unwrap();
        let running = Scratch::create(place.path(), KIND).unwrap();
        assert!(!at(left).exists());
        fs::write(running.path().join("ledger.db"), "whole").unwrap();
        let next = Scratch::create(place.path(), KIND).unwrap();
        assert!(running.path().join("ledger.db").exists() && next.path() != running.path());
        assert_eq!(fs::metadata(next.path()).unwrap().permissions().mode() & 0o7777, 0o700);
        drop((running, next));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), strange.len() + 3);
        assert!(at(strange[0]).join("ledger.db").exists());
    }
}
