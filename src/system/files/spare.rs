//! A second name of a file: whatever takes its place, the file is still there as it was, with its owner, its mode and all.

use std::{
    ffi::OsStr,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, fsync, linkat, openat, readlinkat, statat, symlinkat},
    io::Errno,
};

use super::{
    error::{FileAct, FileError},
    rewrite::fill_as,
    temporary::{Temporary, hold, temporary_name},
    write::{Place, give_new_name},
};

/// A second name of a file or a symbolic link that is gone when this is dropped. Where the process is killed, the next
/// write in that directory removes it.
#[derive(Debug)]
pub struct Spare {
    path: PathBuf,
    /// Held, and so not taken for what a killed run has left. In layers of file systems the second name may be the first of
    /// a copy, which is another file than the one that was opened before.
    _held: [Option<File>; 2],
}

impl Spare {
    /// Gives a file or a symbolic link a second name in its directory.
    ///
    /// # Errors
    /// What the system refused.
    pub fn of(path: &Path) -> Result<Self, FileError> {
        let name = temporary_name().map_err(|error| FileError::new(FileAct::Link, path, error))?;
        let place = Place::of(path, FileAct::Link)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        // A symbolic link cannot be opened, and is never taken for something left.
        let held =
            |name: &OsStr| openat(&place.directory, name, flags, Mode::empty()).ok().map(File::from).filter(hold);
        let (first, second) = (held(&place.name), path.with_file_name(&name));
        let linked = link(path, &second);
        let spare = Self { path: second, _held: [first, held(&name)] };
        linked.map(|()| spare)
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        // It may have taken its place again.
        let _ = super::write::remove(&self.path);
    }
}

/// Gives a file or a symbolic link a second name in its directory, which must not exist yet. Where the file system knows no second
/// names it is a copy with the same owner, mode and attributes.
///
/// # Errors
/// [`FileError::Exists`] when something has that name; else what the system refused.
pub fn link(path: &Path, second: &Path) -> Result<(), FileError> {
    let fail = |error: io::Error| FileError::new(FileAct::Link, second, error);
    let (from, to) = (Place::of(path, FileAct::Link)?, Place::of(second, FileAct::Link)?);
    match linkat(&from.directory, &from.name, &to.directory, &to.name, AtFlags::empty()) {
        // Not every file system has second names, and the system gives none to what is somebody else's.
        Err(Errno::PERM | Errno::NOTSUP | Errno::NOSYS | Errno::MLINK) => copy(&from, &to).map_err(fail)?,
        linked => linked.map_err(|error| fail(error.into()))?,
    }
    fsync(&to.directory).map_err(|error| fail(error.into()))
}

fn copy(from: &Place, to: &Place) -> io::Result<()> {
    let was = statat(&from.directory, &from.name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(was.st_mode) == FileType::Symlink {
        let target = readlinkat(&from.directory, &from.name, Vec::new())?;
        return Ok(symlinkat(target, &to.directory, &to.name)?);
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let source = File::from(openat(&from.directory, &from.name, flags, Mode::empty())?);
    let mut temporary = Temporary::create(&to.directory)?;
    let copied = io::copy(&mut &source, &mut temporary.file)
        .and_then(|_| fill_as(&mut temporary.file, b"", &source))
        .and_then(|()| give_new_name(to, &temporary.name));
    if copied.is_err() {
        to.forget(&temporary.name);
    }
    copied
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn a_spare_is_the_file_itself_and_goes() {
        let place = tempfile::tempdir().unwrap();
        let (path, dangling) = (place.path().join("file"), place.path().join("dangling"));
        std::fs::write(&path, "theirs").unwrap();
        symlink("nowhere", &dangling).unwrap();
        let (spare, second) = (Spare::of(&path).unwrap(), Spare::of(&dangling).unwrap());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(std::fs::read(spare.path()).unwrap(), b"theirs");
        assert_eq!(std::fs::read_link(second.path()).unwrap(), Path::new("nowhere"));
        drop((spare, second));
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_copy_has_the_mode_and_the_attributes_and_takes_no_name_from_others() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| Place::of(&place.path().join(name), FileAct::Link).unwrap();
        let (path, copied) = (place.path().join("file"), place.path().join("copy"));
        std::fs::write(&path, "theirs").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o604)).unwrap();
        let file = File::open(&path).unwrap();
        let is_marked = rustix::fs::fsetxattr(&file, c"user.mark", b"1", rustix::fs::XattrFlags::empty()).is_ok();
        symlink("nowhere", place.path().join("dangling")).unwrap();
        copy(&at("file"), &at("copy")).unwrap();
        copy(&at("dangling"), &at("second")).unwrap();
        assert_eq!(std::fs::metadata(&copied).unwrap().mode() & 0o7777, 0o604);
        assert_eq!(std::fs::read(&copied).unwrap(), b"theirs");
        assert_eq!(std::fs::read_link(place.path().join("second")).unwrap(), Path::new("nowhere"));
        if is_marked {
            let mut value = [0; 1];
            rustix::fs::fgetxattr(File::open(&copied).unwrap(), c"user.mark", &mut value).unwrap();
            assert_eq!(&value, b"1");
        }
        assert!(copy(&at("file"), &at("copy")).is_err());
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 4);
    }
}
