//! A lock that nobody but us and root can hold: it lies on a directory that others cannot open. Whoever may open one may hold it for as long
//! as they like, and keep from their work all who wait for it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    access::access,
    directory::{self, DirectoryLock, Entry},
    error::FileError,
    mode::DirectoryMode,
    scratch::hold,
    write::create_directory_unsynced,
};
use crate::system::clock::{Clock, SystemClock};

/// A private directory that no other process of ours holds; let go when dropped, and when the process dies.
#[derive(Debug)]
pub struct PrivateLock {
    lock: DirectoryLock,
    /// What was made for it.
    made: Option<PathBuf>,
}

impl PrivateLock {
    /// Waits until nobody else holds a directory, but not longer than `patience`; none where somebody still does.
    ///
    /// # Errors
    /// [`FileError::Exposed`] where others can open it; else what the system refused.
    pub fn acquire(path: &Path, patience: Duration) -> Result<Option<Self>, FileError> {
        let found = access(path)?;
        if found.mode & 0o077 != 0 {
            return Err(FileError::Exposed { path: path.to_owned(), mode: found.mode, owner: found.owner });
        }
        let lock = wait(patience, || hold(path))?;
        Ok(lock.map(|lock| Self { lock, made: None }))
    }

    /// The same with a directory that is made for it, and goes with this value. One that a killed run has left serves as well.
    ///
    /// # Errors
    /// [`FileError::Exists`] where something lies there that is not ours alone; else what the system refused.
    pub fn acquire_made(path: &Path, patience: Duration) -> Result<Option<Self>, FileError> {
        let lock = wait(patience, || {
            make(path)?;
            hold(path)
        })?;
        Ok(lock.map(|lock| Self { lock, made: Some(path.to_owned()) }))
    }
}

impl Drop for PrivateLock {
    fn drop(&mut self) {
        // It goes while it is held. Who has opened it by then finds that it is the one of that name no more, and looks again.
        if let Some(path) = self.made.as_ref().filter(|path| self.lock.is_of(path)) {
            directory::remove_if_empty(path);
        }
    }
}

/// Makes the directory, unless it is there.
fn make(path: &Path) -> Result<(), FileError> {
    match create_directory_unsynced(path, DirectoryMode::Private) {
        Err(error) if error.is_exists() => match directory::entry_at(path)? {
            Some(Entry::Directory) if access(path).is_ok_and(|access| !access.is_private_to_us()) => Err(error),
            // Where it is gone meanwhile, it is made at the next look.
            Some(Entry::Directory) | None => Ok(()),
            Some(Entry::File | Entry::Link | Entry::Special) => Err(error),
        },
        made => made,
    }
}

/// Looks again and again.
fn wait(
    patience: Duration,
    mut look: impl FnMut() -> Result<Option<DirectoryLock>, FileError>,
) -> Result<Option<DirectoryLock>, FileError> {
    let watch = SystemClock.stopwatch();
    loop {
        let held = look()?;
        if held.is_some() || watch.elapsed() >= patience {
            return Ok(held);
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// How often one that somebody holds is asked for again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests {
    use super::*;
    use std::{
        fs::{self, Permissions},
        os::unix::fs::{PermissionsExt as _, symlink},
        thread,
    };

    const SOON: Duration = Duration::from_millis(120);

    #[test]
    fn one_that_is_made_is_held_by_one_alone_and_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("lock");
        // A killed run has left it.
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
        let held = PrivateLock::acquire_made(&path, Duration::ZERO).unwrap().unwrap();
        assert!(PrivateLock::acquire_made(&path, SOON).unwrap().is_none());
        let next = thread::spawn({
            let path = path.clone();
            move || PrivateLock::acquire_made(&path, Duration::from_secs(20)).unwrap().unwrap()
        });
        thread::sleep(SOON);
        drop(held);
        let next = next.join().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o700);
        assert!(PrivateLock::acquire_made(&path, Duration::ZERO).unwrap().is_none());
        drop(next);
        assert!(!path.exists());
    }

    #[test]
    fn what_others_can_open_is_no_place_for_a_lock() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        for (name, mode) in [("ours", 0o700), ("open", 0o755), ("of a group", 0o740)] {
            fs::create_dir(at(name)).unwrap();
            fs::set_permissions(at(name), Permissions::from_mode(mode)).unwrap();
        }
        fs::write(at("file"), "").unwrap();
        symlink("ours", at("link")).unwrap();
        assert!(PrivateLock::acquire(&at("ours"), Duration::ZERO).unwrap().is_some());
        assert!(at("ours").exists());
        for name in ["open", "of a group"] {
            let refused = PrivateLock::acquire(&at(name), Duration::ZERO);
            assert!(matches!(refused, Err(FileError::Exposed { .. })), "{refused:?}");
        }
        for name in ["open", "of a group", "file", "link"] {
            let refused = PrivateLock::acquire_made(&at(name), Duration::ZERO);
            assert!(matches!(refused, Err(FileError::Exists { .. })), "{refused:?}");
        }
        assert!(at("ours").exists() && fs::symlink_metadata(at("link")).is_ok());
    }
}
