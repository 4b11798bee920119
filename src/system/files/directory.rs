//! Directories as a whole: what is in one, moving it, removing it, and holding it alone.

use std::{
    fs::{File, TryLockError},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use rustix::fs::{Mode, OFlags, open};

use super::{
    error::{FileAct, FileError},
    mode::DirectoryMode,
    write::create_directory,
};

/// The names of what lies in a directory, sorted.
///
/// # Errors
/// It cannot be read.
pub fn entries(path: &Path) -> Result<Vec<String>, FileError> {
    let name = |path: PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut names: Vec<String> = paths_in(path)?.into_iter().map(name).collect();
    names.sort();
    Ok(names)
}

/// The paths of what lies in a directory, sorted: a name need not be UTF-8.
///
/// # Errors
/// It cannot be read.
pub fn paths_in(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let fail = |error| FileError::new(FileAct::Read, path, error);
    let found = std::fs::read_dir(path).map_err(fail)?;
    let mut paths = found.map(|entry| Ok(entry.map_err(fail)?.path())).collect::<Result<Vec<_>, FileError>>()?;
    paths.sort();
    Ok(paths)
}

/// What lies at a path, symbolic links not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A directory.
    Directory,
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A device, a pipe or a socket.
    Special,
}

/// What lies at a path, if anything.
///
/// # Errors
/// The path cannot be looked at.
pub fn entry_at(path: &Path) -> Result<Option<Entry>, FileError> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(Some(Entry::Directory)),
        Ok(metadata) if metadata.is_file() => Ok(Some(Entry::File)),
        Ok(metadata) if metadata.is_symlink() => Ok(Some(Entry::Link)),
        Ok(_) => Ok(Some(Entry::Special)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::new(FileAct::Examine, path, error)),
    }
}

/// What a symbolic link says; nothing where there is none.
pub fn link_target(path: &Path) -> Option<PathBuf> {
    std::fs::read_link(path).ok()
}

/// A path without symbolic links in it.
///
/// # Errors
/// There is nothing at it, or it cannot be looked at.
pub fn resolve(path: &Path) -> Result<PathBuf, FileError> {
    std::fs::canonicalize(path).map_err(|error| FileError::new(FileAct::Examine, path, error))
}

/// Makes a directory and those above it that are missing, all private.
///
/// # Errors
/// One of them cannot be made; where it lies there already, nothing is done.
pub fn create_directories(path: &Path) -> Result<(), FileError> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        create_directories(parent)?;
    }
    match create_directory(path, DirectoryMode::Private) {
        Err(error) if error.is_exists() && path.is_dir() => Ok(()),
        made => made,
    }
}

/// Gives a file or directory another name in the same file system, and makes sure that both places say so.
///
/// # Errors
/// What the system refused.
pub fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    let fail = |error| FileError::new(FileAct::Write, to, error);
    std::fs::rename(from, to).map_err(fail)?;
    for place in [from, to] {
        if let Some(parent) = place.parent() {
            File::open(parent).and_then(|directory| directory.sync_all()).map_err(fail)?;
        }
    }
    Ok(())
}

/// Removes a directory with all that is in it; symbolic links in it are removed, not followed.
///
/// # Errors
/// What the system refused; a directory that is not there is no error.
pub fn remove_tree(path: &Path) -> Result<(), FileError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(FileError::new(FileAct::Remove, path, error)),
        _ => Ok(()),
    }
}

/// Removes a directory in which nothing is; one that holds something, or is not there, stays as it is.
pub fn remove_if_empty(path: &Path) {
    // The system refuses where something is in it, and that is all that is wanted.
    let _ = std::fs::remove_dir(path);
}

/// A directory that no other process of ours holds; let go when dropped, and when the process dies.
#[derive(Debug)]
pub struct DirectoryLock {
    directory: File,
}

impl DirectoryLock {
    /// Waits until nobody else holds the directory, and holds it.
    ///
    /// # Errors
    /// What the system refused.
    pub fn acquire(path: &Path) -> Result<Self, FileError> {
        let fail = |error| FileError::new(FileAct::Read, path, error);
        let directory = File::open(path).map_err(fail)?;
        directory.lock().map_err(fail)?;
        Ok(Self { directory })
    }

    /// Whether this directory is at a path still.
    #[must_use]
    pub fn is_of(&self, path: &Path) -> bool {
        let ours = self.directory.metadata().map(|ours| (ours.dev(), ours.ino()));
        let named = std::fs::symlink_metadata(path).map(|named| (named.dev(), named.ino()));
        matches!((ours, named), (Ok(ours), Ok(named)) if ours == named)
    }

    /// Holds the directory, if nobody else does.
    ///
    /// # Errors
    /// What the system refused.
    pub fn try_acquire(path: &Path) -> Result<Option<Self>, FileError> {
        let fail = |error| FileError::new(FileAct::Read, path, error);
        // What is no directory is refused at once: to open a pipe would be to wait for whoever writes into it.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = open(path, flags, Mode::empty()).map(File::from).map_err(|error| fail(error.into()))?;
        match directory.try_lock() {
            Ok(()) => Ok(Some(Self { directory })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(fail(error)),
        }
    }
}

/// Where a relative path lies, seen from the current directory.
///
/// # Errors
/// There is no current directory.
pub fn absolute(path: &Path) -> Result<PathBuf, FileError> {
    std::path::absolute(path).map_err(|error| FileError::new(FileAct::Read, path, error))
}
