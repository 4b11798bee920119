//! Writing over a file of somebody else, which stays theirs.

use std::{fs::File, io, io::Write, path::Path};

use rustix::{
    fs::{AtFlags, FileType, Gid, Mode, OFlags, Stat, Uid, fchmod, fchown, fsync, openat, renameat, statat},
    io::Errno,
};

use super::{
    error::{FileAct, FileError},
    mode::FileMode,
    write::{Place, temporary_name},
};

/// Writes a file anew that is there; owner, group and mode stay. At every moment there is the old one or the new one.
///
/// # Errors
/// [`FileError::NotAFile`] where it is a link, or no file; else what the system refused: the old file is untouched then.
pub fn rewrite(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let fail = |error: io::Error| FileError::new(FileAct::Write, path, error);
    let refused = |error: Errno| fail(error.into());
    let place = Place::of(path, FileAct::Write)?;
    let was = statat(&place.directory, &place.name, AtFlags::SYMLINK_NOFOLLOW).map_err(refused)?;
    match FileType::from_raw_mode(was.st_mode) {
        FileType::RegularFile => {}
        FileType::Symlink => return Err(FileError::NotAFile { path: path.to_owned(), found: "a symbolic link" }),
        _ => return Err(FileError::NotAFile { path: path.to_owned(), found: "something else" }),
    }
    let temporary = temporary_name().map_err(fail)?;
    let written = fill(&place, &temporary, content, &was)
        .and_then(|()| Ok(renameat(&place.directory, &temporary, &place.directory, &place.name)?));
    written.map_err(|error| {
        place.forget(&temporary);
        fail(error)
    })?;
    fsync(&place.directory).map_err(refused)
}

/// Narrow first, then its content, then whose it is, and who may read it last.
fn fill(place: &Place, temporary: &std::ffi::OsStr, content: &[u8], was: &Stat) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = openat(&place.directory, temporary, flags, FileMode::Secret.bits())?;
    let mut file = File::from(handle);
    file.write_all(content)?;
    let ours = rustix::fs::fstat(&file)?;
    if (ours.st_uid, ours.st_gid) != (was.st_uid, was.st_gid) {
        fchown(&file, Some(Uid::from_raw(was.st_uid)), Some(Gid::from_raw(was.st_gid)))?;
    }
    fchmod(&file, Mode::from_raw_mode(was.st_mode))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::files::write_new;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn a_file_that_is_written_over_stays_whose_it_was() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("config.py");
        write_new(&path, b"old", FileMode::Public).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o604)).unwrap();
        let is_root = rustix::process::geteuid().is_root();
        if is_root {
            rustix::fs::chown(&path, Some(Uid::from_raw(4321)), Some(Gid::from_raw(1234))).unwrap();
        }
        let before = std::fs::metadata(&path).unwrap();
        rewrite(&path, b"new").unwrap();
        let after = std::fs::metadata(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!((after.uid(), after.gid(), after.mode()), (before.uid(), before.gid(), before.mode()));
        assert_ne!(after.ino(), before.ino());
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn links_and_what_is_missing_are_refused() {
        let place = tempfile::tempdir().unwrap();
        let (path, link) = (place.path().join("config.py"), place.path().join("link.py"));
        assert!(rewrite(&path, b"new").unwrap_err().is_missing());
        write_new(&path, b"old", FileMode::Public).unwrap();
        symlink(&path, &link).unwrap();
        assert!(matches!(rewrite(&link, b"new"), Err(FileError::NotAFile { found: "a symbolic link", .. })));
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }
}
