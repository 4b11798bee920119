//! Temporary files: what is written has such a name first. Each is held while it is written, so that one which a killed
//! run has left is known by being held by nobody.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, Dir, FileType, FlockOperation, Mode, OFlags, flock, fstat, open, openat, statat, unlinkat},
    io::Errno,
};

use super::{
    error::{FileAct, FileError},
    mode::FileMode,
};

/// A file that has only its temporary name.
pub(super) struct Temporary {
    pub(super) name: OsString,
    /// Open until it has its own name: nobody takes it for one that was left.
    pub(super) file: File,
}

impl Temporary {
    /// Makes one that only we can read.
    pub(super) fn create(directory: &OwnedFd) -> io::Result<Self> {
        loop {
            let name = temporary_name()?;
            let file = create_file(directory, &name)?;
            // Between the two calls another run may have taken it for one that was left.
            if hold(&file) && has_name(directory, &name, &file)? {
                return Ok(Self { name, file });
            }
        }
    }
}

/// Makes a file that must not exist yet, and that only we can read.
pub(super) fn create_file(directory: &OwnedFd, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(openat(directory, name, flags, FileMode::Secret.bits())?))
}

/// A name nobody can guess, so that nobody can put something there first.
pub(super) fn temporary_name() -> io::Result<OsString> {
    let number = getrandom::u64().map_err(|error| io::Error::other(error.to_string()))?;
    Ok(OsString::from(format!("{BEGIN}{number:016x}{END}")))
}

/// Holds a file, so that it is not taken for one that was left; false where somebody else holds it.
pub(super) fn hold(file: &File) -> bool {
    // Where a file system knows no such locks, nobody takes anything for left either.
    !matches!(flock(file, FlockOperation::NonBlockingLockExclusive), Err(Errno::WOULDBLOCK))
}

/// Sees whether anything can be written in a directory, by making a file and removing it. If we are killed between the two, the
/// next write there removes it.
///
/// # Errors
/// What the system refused.
pub fn try_writing_in(directory: &Path) -> Result<(), FileError> {
    let fail = |error: io::Error| FileError::new(FileAct::Write, directory, error);
    let opened = open_to_list(directory).map_err(fail)?;
    let made = Temporary::create(&opened).map_err(fail)?;
    unlinkat(&opened, &made.name, AtFlags::empty()).map_err(|error| fail(error.into()))
}

/// Removes what killed runs have left in a directory. What cannot be removed stays.
pub fn clear_left(directory: &Path) {
    if let Ok(directory) = open_to_list(directory) {
        clear_left_at(&directory);
    }
}

/// What killed runs have left in a directory.
#[must_use]
pub fn left_in(directory: &Path) -> Vec<PathBuf> {
    let Ok(opened) = open_to_list(directory) else { return Vec::new() };
    let mut names = temporary_names(&opened);
    names.retain(|name| matches!(take_left(&opened, name), Ok(Some(_))));
    names.into_iter().map(|name| directory.join(name)).collect()
}

/// As [`clear_left`], in a directory that is open.
pub(super) fn clear_left_at(directory: &OwnedFd) {
    for name in temporary_names(directory) {
        let _ = remove_left(directory, &name);
    }
}

fn temporary_names(directory: &OwnedFd) -> Vec<OsString> {
    let Ok(entries) = Dir::read_from(directory) else { return Vec::new() };
    let names = entries.flatten().map(|entry| OsString::from(entry.file_name().to_string_lossy().into_owned()));
    names.filter(|name| is_temporary(name)).collect()
}

fn open_to_list(directory: &Path) -> io::Result<OwnedFd> {
    Ok(open(directory, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

fn remove_left(directory: &OwnedFd, name: &OsStr) -> io::Result<()> {
    if let Some(_held) = take_left(directory, name)? {
        unlinkat(directory, name, AtFlags::empty())?;
    }
    Ok(())
}

/// Holds a file that nobody else does; none where it is no file, or somebody is writing it.
fn take_left(directory: &OwnedFd, name: &OsStr) -> io::Result<Option<File>> {
    // Without NONBLOCK a pipe of that name would hold us for ever.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(directory, name, flags, Mode::empty())?);
    let is_file = FileType::from_raw_mode(fstat(&file)?.st_mode) == FileType::RegularFile;
    let is_left = is_file && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
    Ok((is_left && has_name(directory, name, &file)?).then_some(file))
}

fn has_name(directory: &OwnedFd, name: &OsStr, file: &File) -> io::Result<bool> {
    let ours = fstat(file)?;
    match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(named) => Ok((named.st_dev, named.st_ino) == (ours.st_dev, ours.st_ino)),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn is_temporary(name: &OsStr) -> bool {
    let number = name.to_str().and_then(|name| name.strip_prefix(BEGIN)?.strip_suffix(END));
    number.is_some_and(|number| number.len() == 16 && number.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

const BEGIN: &str = ".hubca-";
const END: &str = ".tmp";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::files::{
        FileError, FileMode, Ownership, Placed, directory, replace, replace_together, rewrite, write_new,
    };
    use std::os::unix::fs::symlink;

    fn write(path: &Path) {
        write_new(path, b"k", FileMode::Secret).unwrap();
    }

    type Way<'a> = &'a dyn Fn(&Path) -> Result<(), FileError>;

    #[test]
    fn what_a_killed_run_left_goes_with_the_next_write_and_nothing_else_does() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let (left, written) = (".hubca-0123456789abcdef.tmp", at("written"));
        let strange = [".hubca-0123456789abcde.tmp", ".hubca-0123456789abcdef.tmp~", "hubca-0123456789abcdef.tmp"];
        strange.iter().for_each(|name| write(&at(name)));
        symlink("nowhere", at(".hubca-1123456789abcdef.tmp")).unwrap();
        let held = Temporary::create(&open(place.path(), OFlags::RDONLY, Mode::empty()).unwrap()).unwrap();
        write(&written);
        let together = |path: &Path| {
            let file = Placed { path, content: b"new" };
            replace_together(&[file], FileMode::Public, Ownership::default())
        };
        let ways: [Way<'_>; 3] =
            [&|path| replace(path, b"new", FileMode::Public), &|path| rewrite(path, b"new"), &together];
        for write_again in ways {
            write(&at(left));
            write_again(&written).unwrap();
            let names = directory::entries(place.path()).unwrap();
            assert!(!names.iter().any(|name| name == left), "{names:?}");
            assert!(names.iter().any(|name| held.name == **name), "{names:?}");
            assert_eq!(names.len(), strange.len() + 3, "{names:?}");
        }
    }
}
