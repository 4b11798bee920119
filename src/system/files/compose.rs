//! Writing what is too long to be held: piece by piece into a temporary file, which gets its name when it is whole and safe
//! on the disk.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use rustix::fs::{fchmod, fsync, renameat};

use super::error::{FileAct, FileError};
use super::mode::FileMode;
use super::temporary::{Temporary, clear_left_at};
use super::write::{Place, give_new_name, refuse_special};

/// Writes a file that must not exist yet, as `work` writes it.
///
/// # Errors
///
/// [`FileError::Exists`] when there is anything at `path`; else what `work` returns or the system refused. Nothing is left
/// then.
pub fn compose_new<T, E: From<FileError>>(
    path: &Path,
    mode: FileMode,
    work: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<T, E> {
    compose_at(path, mode, work, give_new_name)
}

/// Writes a file in place of what has this name, if anything; at every moment there is the old one or the new one.
///
/// # Errors
///
/// What `work` returns, or the system refused; the old file is untouched then.
pub fn compose<T, E: From<FileError>>(
    path: &Path,
    mode: FileMode,
    work: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<T, E> {
    let place = Place::of(path, FileAct::Write)?;
    refuse_special(&place, path)?;
    compose_at(path, mode, work, |place, temporary| {
        Ok(renameat(&place.directory, temporary, &place.directory, &place.name)?)
    })
}

fn compose_at<T, E: From<FileError>>(
    path: &Path,
    mode: FileMode,
    work: impl FnOnce(&mut dyn Write) -> Result<T, E>,
    name: impl FnOnce(&Place, &std::ffi::OsStr) -> io::Result<()>,
) -> Result<T, E> {
    let fail = |error: io::Error| FileError::new(FileAct::Write, path, error);
    let place = Place::of(path, FileAct::Write)?;
    clear_left_at(&place.directory);
    let temporary = Temporary::create(&place.directory).map_err(fail)?;
    let made = fill(&temporary, mode, work, fail).and_then(|made| {
        name(&place, &temporary.name).map_err(fail)?;
        Ok(made)
    });
    if made.is_err() {
        place.forget(&temporary.name);
    }
    let made = made?;
    fsync(&place.directory).map_err(|error| fail(error.into()))?;
    Ok(made)
}

fn fill<T, E: From<FileError>>(
    temporary: &Temporary,
    mode: FileMode,
    work: impl FnOnce(&mut dyn Write) -> Result<T, E>,
    fail: impl Fn(io::Error) -> FileError,
) -> Result<T, E> {
    fchmod(&temporary.file, mode.bits()).map_err(|error| fail(error.into()))?;
    let mut buffered = BufWriter::with_capacity(BUFFER, &temporary.file);
    let made = work(&mut buffered)?;
    buffered.flush().map_err(&fail)?;
    drop(buffered);
    temporary.file.sync_all().map_err(fail)?;
    Ok(made)
}

const BUFFER: usize = 64 * 1024;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests {
    use super::*;
    use crate::system::files::directory;
    use std::os::unix::fs::PermissionsExt;

    fn text(file: &mut dyn Write) -> Result<(), FileError> {
        file.write_all(b"whole").map_err(|error| FileError::new(FileAct::Write, Path::new("x"), error))
    }

    fn stopped(file: &mut dyn Write) -> Result<(), FileError> {
        text(file)?;
        Err(FileError::NoName { path: "stopped".into() })
    }

    #[test]
    fn a_file_has_its_name_when_it_is_whole_and_not_before() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("file");
        assert!(compose_new(&path, FileMode::Secret, stopped).is_err());
        assert!(directory::entries(place.path()).unwrap().is_empty());
        compose_new(&path, FileMode::Secret, text).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert!(compose_new(&path, FileMode::Secret, text).unwrap_err().is_exists());
        std::fs::write(&path, "old").unwrap();
        assert!(compose(&path, FileMode::Secret, stopped).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        compose(&path, FileMode::Secret, text).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert_eq!(directory::entries(place.path()).unwrap(), ["file"]);
        let error = compose(place.path(), FileMode::Secret, text).unwrap_err();
        assert!(matches!(error, FileError::NotAFile { .. }), "{error}");
    }
}
