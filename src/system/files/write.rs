//! Writing: a temporary file in the same directory, its mode, its content, the disk, then its name.
//!
//! Every step goes through one open handle of the directory, so that a directory swapped under our feet does not
//! redirect the write; a symbolic link in place of the file is replaced, never followed.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, chmodat, fchmod, fsync, linkat, mkdirat, open, openat, renameat,
    renameat_with, statat, symlinkat, unlinkat,
};
use rustix::io::Errno;

use super::error::{FileAct, FileError};
use super::mode::{DirectoryMode, FileMode};
use super::temporary::{Temporary, clear_left_at, create_file, temporary_name};
use super::way::open_directory;

/// Writes a file that must not exist yet; what lies there already stays as it is.
///
/// # Errors
///
/// [`FileError::Exists`] when there is anything at `path`, be it a dangling link; else what the system refused.
pub fn write_new(path: &Path, content: &[u8], mode: FileMode) -> Result<(), FileError> {
    write(path, content, mode, Collision::Refuse, Durability::Now)
}

/// As [`write_new`], but safe on the disk only after [`sync_file_system`]: for batches.
///
/// # Errors
///
/// As [`write_new`].
pub fn write_new_unsynced(path: &Path, content: &[u8], mode: FileMode) -> Result<(), FileError> {
    write(path, content, mode, Collision::Refuse, Durability::Later)
}

/// Writes a file in place of what has this name, if anything; at every moment there is the old one or the new one.
///
/// # Errors
///
/// What the system refused; the old file is untouched then.
pub fn replace(path: &Path, content: &[u8], mode: FileMode) -> Result<(), FileError> {
    write(path, content, mode, Collision::Replace, Durability::Now)
}

/// As [`replace`], but safe on the disk only after [`sync_file_system`]: for batches.
///
/// # Errors
///
/// As [`replace`].
pub fn replace_unsynced(path: &Path, content: &[u8], mode: FileMode) -> Result<(), FileError> {
    write(path, content, mode, Collision::Replace, Durability::Later)
}

/// Points the symbolic link `link` at `target` in one step, making it if there is none.
///
/// # Errors
///
/// What the system refused; the old link is untouched then.
pub fn swap_symlink(link: &Path, target: &Path) -> Result<(), FileError> {
    link_to(link, target, Durability::Now)
}

/// As [`swap_symlink`], but safe on the disk only after [`sync_file_system`]: for batches.
///
/// # Errors
///
/// As [`swap_symlink`].
pub fn swap_symlink_unsynced(link: &Path, target: &Path) -> Result<(), FileError> {
    link_to(link, target, Durability::Later)
}

/// Makes a directory; at no moment has it more rights than `mode`, and in the end exactly those, whatever the umask.
///
/// # Errors
///
/// [`FileError::Exists`] when there is anything at `path`; else what the system refused.
pub fn create_directory(path: &Path, mode: DirectoryMode) -> Result<(), FileError> {
    make_directory(path, mode, Durability::Now)
}

/// As [`create_directory`], but safe on the disk only after [`sync_file_system`]: for batches.
///
/// # Errors
///
/// As [`create_directory`].
pub fn create_directory_unsynced(path: &Path, mode: DirectoryMode) -> Result<(), FileError> {
    make_directory(path, mode, Durability::Later)
}

/// Makes a directory that must not exist yet, mode 0700, with these files in it, all of one mode.
///
/// The files are written under their own names: nobody else can enter the directory, and it is worth nothing to anyone
/// before the caller says so.
///
/// # Errors
///
/// [`FileError::Exists`] when there is anything at `path`; else what the system refused.
pub fn create_filled(path: &Path, files: &[(&str, &[u8])], mode: FileMode) -> Result<(), FileError> {
    fill_directory(path, files, mode, Durability::Now)
}

/// As [`create_filled`], but safe on the disk only after [`sync_file_system`]: for batches.
///
/// # Errors
///
/// As [`create_filled`].
pub fn create_filled_unsynced(path: &Path, files: &[(&str, &[u8])], mode: FileMode) -> Result<(), FileError> {
    fill_directory(path, files, mode, Durability::Later)
}

/// Removes a file or a symbolic link (not what it points at).
///
/// # Errors
///
/// What the system refused.
pub fn remove(path: &Path) -> Result<(), FileError> {
    let fail = |error: Errno| FileError::new(FileAct::Remove, path, error.into());
    let place = Place::of(path, FileAct::Remove)?;
    unlinkat(&place.directory, &place.name, AtFlags::empty()).map_err(fail)?;
    fsync(&place.directory).map_err(fail)
}

/// Brings everything written to the file system that holds `path` to the disk: one call for a whole batch.
///
/// # Errors
///
/// What the system refused.
pub fn sync_file_system(path: &Path) -> Result<(), FileError> {
    let fail = |error: Errno| FileError::new(FileAct::Sync, path, error.into());
    let handle = open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map_err(fail)?;
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(&handle).map_err(fail)?;
    // Elsewhere there is no call for one file system; `sync` is the nearest thing to it.
    #[cfg(not(target_os = "linux"))]
    {
        rustix::fs::sync();
        fsync(&handle).map_err(fail)?;
    }
    Ok(())
}

/// What to do with what has the name already.
#[derive(Clone, Copy)]
enum Collision {
    Refuse,
    Replace,
}

/// When it must be safe on the disk.
#[derive(Clone, Copy)]
enum Durability {
    Now,
    Later,
}

/// An open directory and a name in it.
pub(super) struct Place {
    pub(super) directory: OwnedFd,
    pub(super) name: OsString,
}

impl Place {
    pub(super) fn of(path: &Path, act: FileAct) -> Result<Self, FileError> {
        let name = path.file_name().ok_or_else(|| FileError::NoName { path: path.to_owned() })?;
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        Ok(Self { directory: open_directory(parent, act, path)?, name: name.to_owned() })
    }

    pub(super) fn forget(&self, name: &OsStr) {
        // The first error is the one to tell; a temporary file left behind harms nobody.
        let _ = unlinkat(&self.directory, name, AtFlags::empty());
    }
}

fn write(
    path: &Path,
    content: &[u8],
    mode: FileMode,
    collision: Collision,
    durability: Durability,
) -> Result<(), FileError> {
    let fail = |error: io::Error| FileError::new(FileAct::Write, path, error);
    let place = Place::of(path, FileAct::Write)?;
    if let Collision::Replace = collision {
        refuse_special(&place, path)?;
        // A batch writes into a directory of its own, and would look through it once a file.
        if let Durability::Now = durability {
            clear_left_at(&place.directory);
        }
    }
    let mut temporary = Temporary::create(&place.directory).map_err(fail)?;
    let written = fill(&mut temporary.file, content, mode, durability).and_then(|()| match collision {
        Collision::Replace => Ok(renameat(&place.directory, &temporary.name, &place.directory, &place.name)?),
        Collision::Refuse => give_new_name(&place, &temporary.name),
    });
    if let Err(error) = written {
        place.forget(&temporary.name);
        return Err(fail(error));
    }
    sync_directory(&place, durability).map_err(fail)
}

/// Fills a file that was made narrow: its mode, then its content.
fn fill(file: &mut File, content: &[u8], mode: FileMode, durability: Durability) -> io::Result<()> {
    fchmod(&*file, mode.bits())?;
    file.write_all(content)?;
    match durability {
        Durability::Now => file.sync_all(),
        Durability::Later => Ok(()),
    }
}

/// Only a file, or a link to one, is ever replaced: a device, pipe or socket of that name is not ours to remove.
pub(super) fn refuse_special(place: &Place, path: &Path) -> Result<(), FileError> {
    let refused = |found| Err(FileError::NotAFile { path: path.to_owned(), found });
    let examine = |flags| {
        let found = statat(&place.directory, &place.name, flags).map(|stat| FileType::from_raw_mode(stat.st_mode));
        found.ok()
    };
    // The link itself, and what it points at: `/dev/stdout` is a link.
    for flags in [AtFlags::SYMLINK_NOFOLLOW, AtFlags::empty()] {
        match examine(flags) {
            Some(FileType::RegularFile | FileType::Symlink | FileType::Unknown) | None => {}
            Some(FileType::Directory) => return refused("a directory"),
            Some(_) => return refused("a device, a pipe or a socket"),
        }
    }
    Ok(())
}

/// Gives the temporary file its name unless something has it.
pub(super) fn give_new_name(place: &Place, temporary: &OsStr) -> io::Result<()> {
    let directory = &place.directory;
    let renamed = renameat_with(directory, temporary, directory, &place.name, RenameFlags::NOREPLACE);
    match renamed {
        // Some file systems know no exclusive rename; a hard link refuses an existing name as well.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            linkat(directory, temporary, directory, &place.name, AtFlags::empty())?;
            place.forget(temporary);
            Ok(())
        }
        result => Ok(result?),
    }
}

fn fill_directory(
    path: &Path,
    files: &[(&str, &[u8])],
    mode: FileMode,
    durability: Durability,
) -> Result<(), FileError> {
    make_directory(path, DirectoryMode::Private, durability)?;
    write_into(path, files, mode, durability).inspect_err(|_| {
        // The first error is the one to tell; the directory was made a moment ago and is ours alone.
        let _ = std::fs::remove_dir_all(path);
    })
}

fn write_into(path: &Path, files: &[(&str, &[u8])], mode: FileMode, durability: Durability) -> Result<(), FileError> {
    let fail = |error: io::Error| FileError::new(FileAct::Write, path, error);
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = openat(CWD, path, flags, Mode::empty()).map_err(|error| fail(error.into()))?;
    let place = Place { directory, name: OsString::new() };
    for (name, content) in files {
        let mut file = create_file(&place.directory, OsStr::new(name)).map_err(fail)?;
        fill(&mut file, content, mode, durability).map_err(fail)?;
    }
    sync_directory(&place, durability).map_err(fail)
}

fn link_to(link: &Path, target: &Path, durability: Durability) -> Result<(), FileError> {
    let fail = |error: io::Error| FileError::new(FileAct::Link, link, error);
    let place = Place::of(link, FileAct::Link)?;
    let temporary = temporary_name().map_err(fail)?;
    let directory = &place.directory;
    symlinkat(target, directory, &temporary).map_err(|error| fail(error.into()))?;
    if let Err(error) = renameat(directory, &temporary, directory, &place.name) {
        place.forget(&temporary);
        return Err(fail(error.into()));
    }
    sync_directory(&place, durability).map_err(fail)
}

fn make_directory(path: &Path, mode: DirectoryMode, durability: Durability) -> Result<(), FileError> {
    let fail = |error: io::Error| FileError::new(FileAct::CreateDirectory, path, error);
    let place = Place::of(path, FileAct::CreateDirectory)?;
    mkdirat(&place.directory, &place.name, DirectoryMode::Private.bits()).map_err(|error| fail(error.into()))?;
    set_directory_mode(&place, mode).map_err(|error| fail(error.into()))?;
    sync_directory(&place, durability).map_err(fail)
}

fn set_directory_mode(place: &Place, mode: DirectoryMode) -> Result<(), Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(&place.directory, &place.name, flags, Mode::empty()) {
        Ok(handle) => fchmod(handle, mode.bits()),
        // A umask of 0700 made a directory that its owner cannot open; only its path is left to name it.
        Err(Errno::ACCESS) => chmodat(&place.directory, &place.name, mode.bits(), AtFlags::empty()),
        Err(error) => Err(error),
    }
}

fn sync_directory(place: &Place, durability: Durability) -> io::Result<()> {
    match durability {
        Durability::Now => Ok(fsync(&place.directory)?),
        Durability::Later => Ok(()),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
#[path = "write_tests.rs"]
mod tests;
