//! Files that belong together, for somebody else: all are whole on the disk before the first gets its name.

use std::{io, io::Write, path::Path};

use rustix::{
    fs::{Gid, OFlags, Uid, fchmod, fchown, fsync, openat, renameat},
    io::Errno,
};

use super::{
    error::{FileAct, FileError},
    mode::{DirectoryMode, FileMode},
    temporary::{Temporary, clear_left_at},
    write::{Place, create_directory, refuse_special},
};

/// Whose a file is, where it is not ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ownership {
    /// The number of the user.
    pub user: Option<u32>,
    /// The number of the group.
    pub group: Option<u32>,
}

/// A file and where it is to lie.
#[derive(Clone, Copy)]
pub struct Placed<'a> {
    /// Where.
    pub path: &'a Path,
    /// What is in it.
    pub content: &'a [u8],
}

/// Writes several files in place of what has their names. At no moment can anybody read one who shall not, and no name
/// is given before all are written; between the first name and the last lie a few system calls, in the order given.
///
/// # Errors
/// What the system refused; where that was before the first name, the old files are untouched.
pub fn replace_together(files: &[Placed<'_>], mode: FileMode, ownership: Ownership) -> Result<(), FileError> {
    let mut ready: Vec<(Place, Temporary, &Path)> = Vec::new();
    let written = files.iter().try_for_each(|file| {
        let place = Place::of(file.path, FileAct::Write)?;
        refuse_special(&place, file.path)?;
        if ready.is_empty() {
            clear_left_at(&place.directory);
        }
        let temporary = Temporary::create(&place.directory);
        let temporary = temporary.map_err(|error| FileError::new(FileAct::Write, file.path, error))?;
        ready.push((place, temporary, file.path));
        let Some((_, temporary, _)) = ready.last_mut() else { return Ok(()) };
        fill(temporary, file, mode, ownership)
    });
    // After all are filled: what the first has to wait for, the disk does for the others along with it.
    let written = written.and_then(|()| {
        ready.iter().try_for_each(|(_, temporary, path)| {
            temporary.file.sync_all().map_err(|error| FileError::new(FileAct::Write, path, error))
        })
    });
    let mut given = 0;
    let named = written.and_then(|()| {
        ready.iter().try_for_each(|(place, temporary, path)| {
            renameat(&place.directory, &temporary.name, &place.directory, &place.name)
                .map_err(|error| FileError::new(FileAct::Write, path, error.into()))?;
            given += 1;
            Ok(())
        })
    });
    for (place, temporary, _) in ready.iter().skip(given) {
        place.forget(&temporary.name);
    }
    named?;
    ready.iter().try_for_each(|(place, _, path)| {
        fsync(&place.directory).map_err(|error| FileError::new(FileAct::Write, path, error.into()))
    })
}

/// Narrow first, then its content, then whose it is, and who may read it last: each step lets in nobody who shall stay
/// out.
fn fill(temporary: &mut Temporary, file: &Placed<'_>, mode: FileMode, ownership: Ownership) -> Result<(), FileError> {
    let fail = |act, error: io::Error| FileError::new(act, file.path, error);
    let refused = |act| move |error: Errno| fail(act, error.into());
    let handle = &mut temporary.file;
    fchmod(&*handle, FileMode::Secret.bits()).map_err(refused(FileAct::Write))?;
    handle.write_all(file.content).map_err(|error| fail(FileAct::Write, error))?;
    if ownership != Ownership::default() {
        let (user, group) = numbers(ownership);
        fchown(&*handle, user, group).map_err(refused(FileAct::GiveAway))?;
    }
    fchmod(&*handle, mode.bits()).map_err(refused(FileAct::Write))
}

/// Makes a directory for somebody else, who cannot enter it before it is theirs.
///
/// # Errors
/// [`FileError::Exists`] when there is anything at `path`; else what the system refused.
pub fn create_directory_for(path: &Path, mode: DirectoryMode, ownership: Ownership) -> Result<(), FileError> {
    create_directory(path, DirectoryMode::Private)?;
    let fail = |error: Errno| FileError::new(FileAct::GiveAway, path, error.into());
    let place = Place::of(path, FileAct::CreateDirectory)?;
    // A directory was made a moment ago: a link in its place is somebody's doing, and is not followed.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let handle = openat(&place.directory, &place.name, flags, rustix::fs::Mode::empty()).map_err(fail)?;
    let given = if ownership == Ownership::default() {
        Ok(())
    } else {
        let (user, group) = numbers(ownership);
        fchown(&handle, user, group)
    };
    let made = given.and_then(|()| fchmod(&handle, mode.bits()));
    if made.is_err() {
        // It was made for nobody: an empty directory that its owner cannot use would only be in the way.
        super::directory::remove_if_empty(path);
    }
    made.map_err(fail)
}

fn numbers(ownership: Ownership) -> (Option<Uid>, Option<Gid>) {
    (ownership.user.map(Uid::from_raw), ownership.group.map(Gid::from_raw))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::files::directory;
    use std::os::unix::fs::{MetadataExt, symlink};

    fn names_in(path: &Path) -> Vec<String> {
        directory::entries(path).unwrap()
    }

    #[test]
    fn all_files_are_replaced_with_the_mode_and_owner_that_are_asked_for() {
        let place = tempfile::tempdir().unwrap();
        let (key, cert) = (place.path().join("key"), place.path().join("cert"));
        symlink("/etc/passwd", &cert).unwrap();
        let files = [Placed { path: &key, content: b"k" }, Placed { path: &cert, content: b"c" }];
        // Only root gives files to others; everybody can give them to themselves.
        let us = std::fs::metadata(place.path()).unwrap();
        let (user, group) = if us.uid() == 0 { (4321, 1234) } else { (us.uid(), us.gid()) };
        let ownership = Ownership { user: Some(user), group: Some(group) };
        replace_together(&files, FileMode::Group, ownership).unwrap();
        for path in [&key, &cert] {
            let found = std::fs::symlink_metadata(path).unwrap();
            assert!(found.is_file());
            assert_eq!((found.uid(), found.gid(), found.mode() & 0o7777), (user, group, 0o640));
        }
        replace_together(&files, FileMode::SecretReadOnly, Ownership::default()).unwrap();
        assert_eq!(std::fs::metadata(&key).unwrap().mode() & 0o7777, 0o400);
        assert_eq!(names_in(place.path()), ["cert", "key"]);
    }

    #[test]
    fn where_one_cannot_be_written_none_is() {
        let place = tempfile::tempdir().unwrap();
        let (key, cert) = (place.path().join("key"), place.path().join("cert"));
        let old = [Placed { path: &key, content: b"old" }];
        replace_together(&old, FileMode::Secret, Ownership::default()).unwrap();
        std::fs::create_dir(&cert).unwrap();
        let files = [Placed { path: &key, content: b"new" }, Placed { path: &cert, content: b"c" }];
        let error = replace_together(&files, FileMode::Secret, Ownership::default()).unwrap_err();
        assert!(matches!(error, FileError::NotAFile { .. }), "{error}");
        assert_eq!(std::fs::read(&key).unwrap(), b"old");
        assert_eq!(names_in(place.path()), ["cert", "key"]);
    }

    #[test]
    fn a_directory_for_a_group_is_its_own() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("tls");
        let group = std::fs::metadata(place.path()).unwrap().gid();
        let ownership = Ownership { user: None, group: Some(group) };
        create_directory_for(&path, DirectoryMode::Group, ownership).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o750);
        assert!(create_directory_for(&path, DirectoryMode::Group, ownership).unwrap_err().is_exists());
    }
}
