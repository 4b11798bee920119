//! Reading with a limit: a file named on the command line may be a directory, a pipe that never speaks or ten gigabytes.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, open};
use zeroize::Zeroizing;

use super::access::Access;
use super::error::{FileAct, FileError};

/// The content of a regular file of at most `limit` bytes.
///
/// # Errors
///
/// When it cannot be read, is larger, or is no regular file; a pipe is refused at once instead of waited for.
pub fn read_bounded(path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
    let (file, metadata) = open_examined(path)?;
    read_to_limit(file, path, limit, expected_length(metadata.len(), limit))
}

/// A regular file, open for reading: for what is too long to be held.
///
/// # Errors
///
/// When it cannot be opened or is no regular file; a pipe is refused at once instead of waited for.
pub fn open_regular(path: &Path) -> Result<File, FileError> {
    open_examined(path).map(|(file, _)| file)
}

fn open_examined(path: &Path) -> Result<(File, Metadata), FileError> {
    // Without NONBLOCK, opening a pipe without a writer would wait for ever.
    let file = open_file(path, OFlags::NONBLOCK)?;
    let metadata = file.metadata().map_err(|error| failed(path, error))?;
    match kind_of(&metadata) {
        FileType::RegularFile => Ok((file, metadata)),
        other => Err(FileError::NotAFile { path: path.to_owned(), found: name_of(other) }),
    }
}

/// The content of a file, pipe or descriptor that holds a secret of at most `limit` bytes.
///
/// A pipe or an inherited descriptor (`/dev/fd/3`, `/proc/self/fd/3`, `/dev/stdin`) is read as it is: whoever passed it has
/// chosen who sees it.
///
/// # Errors
///
/// As [`read_bounded`], and when other users can read the file.
pub fn read_secret(path: &Path, limit: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let file = open_file(path, OFlags::empty())?;
    let metadata = file.metadata().map_err(|error| failed(path, error))?;
    let kind = kind_of(&metadata);
    match kind {
        FileType::Fifo | FileType::CharacterDevice | FileType::Socket => {}
        FileType::RegularFile if is_inherited_descriptor(path) => {}
        FileType::RegularFile => {
            let access = Access::of(&metadata);
            if !access.is_secret() {
                return Err(FileError::Exposed { path: path.to_owned(), mode: access.mode, owner: access.owner });
            }
        }
        other => {
            return Err(FileError::NotAFile { path: path.to_owned(), found: name_of(other) });
        }
    }
    // The whole limit is allocated at once: a buffer that grows leaves copies of the secret behind.
    read_to_limit(file, path, limit, limit.saturating_add(1)).map(Zeroizing::new)
}

/// A regular file that nobody else can read, at most `limit` bytes of it, in a buffer that is wiped.
///
/// # Errors
///
/// As [`read_bounded`], and when other users can read the file.
pub fn read_private(path: &Path, limit: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let (file, metadata) = open_examined(path)?;
    let access = Access::of(&metadata);
    if !access.is_secret() {
        return Err(FileError::Exposed { path: path.to_owned(), mode: access.mode, owner: access.owner });
    }
    read_to_limit(file, path, limit, limit.saturating_add(1)).map(Zeroizing::new)
}

/// The standard input, at most `limit` bytes of it.
///
/// # Errors
///
/// When it cannot be read or is longer; the error names it `-`.
pub fn read_stdin_bounded(limit: usize) -> Result<Vec<u8>, FileError> {
    read_to_limit(io::stdin().lock(), Path::new("-"), limit, 0)
}

fn open_file(path: &Path, more: OFlags) -> Result<File, FileError> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | more;
    open(path, flags, Mode::empty()).map(File::from).map_err(|error| failed(path, error.into()))
}

fn read_to_limit(source: impl Read, path: &Path, limit: usize, capacity: usize) -> Result<Vec<u8>, FileError> {
    let mut content = Vec::with_capacity(capacity);
    let one_more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    source.take(one_more).read_to_end(&mut content).map_err(|error| failed(path, error))?;
    if content.len() > limit {
        return Err(FileError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(content)
}

/// One more byte than the file says, so that reading to its end needs no second buffer.
fn expected_length(size: u64, limit: usize) -> usize {
    usize::try_from(size).unwrap_or(0).min(limit).saturating_add(1)
}

/// `/dev/fd/3` and its like: a directory of descriptors and a number, nothing that leads out of it again.
fn is_inherited_descriptor(path: &Path) -> bool {
    let is_number = |name: &std::ffi::OsStr| name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    let in_descriptors = matches!(path.parent().and_then(Path::to_str), Some("/dev/fd" | "/proc/self/fd"));
    (in_descriptors && path.file_name().is_some_and(is_number)) || path == Path::new("/dev/stdin")
}

fn kind_of(metadata: &Metadata) -> FileType {
    // The raw mode is narrower on macOS than what the standard library shows.
    FileType::from_raw_mode(metadata.mode() as rustix::fs::RawMode)
}

fn name_of(kind: FileType) -> &'static str {
    match kind {
        FileType::Directory => "a directory",
        FileType::Fifo => "a pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        FileType::Symlink => "a symbolic link",
        FileType::RegularFile | FileType::Unknown => "of an unknown kind",
    }
}

fn failed(path: &Path, error: io::Error) -> FileError {
    FileError::new(FileAct::Read, path, error)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    fn file_with(directory: &Path, content: &[u8], mode: u32) -> PathBuf {
        let path = directory.join("file");
        std::fs::write(&path, content).unwrap();
        set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }

    fn pipe_in(directory: &Path) -> PathBuf {
        let path = directory.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        path
    }

    #[test]
    fn a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = file_with(directory.path(), b"12345", 0o644);
        assert_eq!(read_bounded(&path, 5).unwrap(), b"12345");
        let error = read_bounded(&path, 4).unwrap_err();
        assert!(matches!(error, FileError::TooLarge { limit: 4, .. }));
        assert!(error.to_string().contains("file` is larger than 4 bytes"));
    }

    #[test]
    fn a_device_without_end_is_refused_and_a_pipe_is_not_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = pipe_in(directory.path());
        for (path, what) in
            [(Path::new("/dev/zero"), "a device"), (directory.path(), "a directory"), (pipe.as_path(), "a pipe")]
        {
            let error = read_bounded(path, 10).unwrap_err();
            assert!(matches!(error, FileError::NotAFile { found, .. } if found == what));
        }
        assert!(read_secret(Path::new("/dev/zero"), 10).is_err());
    }

    #[test]
    fn a_secret_others_can_read_is_refused_with_its_mode() {
        let directory = tempfile::tempdir().unwrap();
        let path = file_with(directory.path(), b"secret", 0o604);
        let error = read_secret(&path, 100).unwrap_err();
        assert!(matches!(error, FileError::Exposed { mode: 0o604, .. }));
        set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        assert_eq!(read_secret(&path, 100).unwrap().as_slice(), b"secret");
    }

    #[test]
    fn a_secret_comes_through_a_pipe() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = pipe_in(directory.path());
        let writer = pipe.clone();
        let thread = std::thread::spawn(move || std::fs::write(writer, b"secret").unwrap());
        assert_eq!(read_secret(&pipe, 100).unwrap().as_slice(), b"secret");
        thread.join().unwrap();
    }
}
