//! Writing over a file of somebody else, which stays theirs.

use std::{fs::File, io, io::Write, path::Path};

use rustix::{
    fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid, fchmod, fchown, fstat, fsync, openat, renameat, statat},
    io::Errno,
};

use super::{
    attributes,
    error::{FileAct, FileError},
    temporary::{Temporary, clear_left_at},
    write::Place,
};

/// Writes a file anew that is there; owner, group, mode and attributes stay. At every moment there is the old one or the
/// new one.
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
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let old = File::from(openat(&place.directory, &place.name, flags, Mode::empty()).map_err(refused)?);
    clear_left_at(&place.directory);
    let mut temporary = Temporary::create(&place.directory).map_err(fail)?;
    let written = fill_as(&mut temporary.file, content, &old)
        .and_then(|()| Ok(renameat(&place.directory, &temporary.name, &place.directory, &place.name)?));
    written.map_err(|error| {
        place.forget(&temporary.name);
        fail(error)
    })?;
    fsync(&place.directory).map_err(refused)
}

/// Narrow first, then its content, then whose it is, and who may read it last: all as with another file.
pub(super) fn fill_as(file: &mut File, content: &[u8], other: &File) -> io::Result<()> {
    file.write_all(content)?;
    let (ours, was) = (fstat(&*file)?, fstat(other)?);
    if (ours.st_uid, ours.st_gid) != (was.st_uid, was.st_gid) {
        fchown(&*file, Some(Uid::from_raw(was.st_uid)), Some(Gid::from_raw(was.st_gid)))?;
    }
    fchmod(&*file, Mode::from_raw_mode(was.st_mode))?;
    attributes::copy(other, file)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::files::{FileMode, write_new};
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
    fn who_was_let_in_by_a_list_stays_let_in() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("config.py");
        write_new(&path, b"old", FileMode::Secret).unwrap();
        // acl(5): the owner rw, user 33 r, the group nothing, the mask r, others nothing.
        let entries = [(1, 6, u32::MAX), (2, 4, 33), (4, 0, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)];
        let mut list = 2_u32.to_le_bytes().to_vec();
        for (tag, rights, number) in entries {
            let words = [u16::to_le_bytes(tag), u16::to_le_bytes(rights)].concat();
            list.extend([words, u32::to_le_bytes(number).to_vec()].concat());
        }
        let name = c"system.posix_acl_access";
        let file = File::open(&path).unwrap();
        if rustix::fs::fsetxattr(&file, name, &list, rustix::fs::XattrFlags::empty()).is_err() {
            return;
        }
        rewrite(&path, b"new").unwrap();
        let mut found = vec![0; list.len()];
        rustix::fs::fgetxattr(File::open(&path).unwrap(), name, &mut found[..]).unwrap();
        assert_eq!(found, list);
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
