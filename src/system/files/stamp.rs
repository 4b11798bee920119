//! Whether a file is still the one that was read: what the system says of it without reading it.

use std::{fs::metadata, os::unix::fs::MetadataExt, path::Path};

use time::OffsetDateTime;

use super::error::{FileAct, FileError};

/// What changes when a file is replaced or written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: i64,
    modified_nanoseconds: i64,
}

impl Stamp {
    /// Whether it is that file still, whatever was written to it since.
    #[must_use]
    pub fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// How many bytes it has.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// When it was written, in whole seconds.
    #[must_use]
    pub fn modified(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.modified).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// The stamp of what is at a path; symbolic links are followed.
///
/// # Errors
///
/// When there is nothing, or it may not be looked at.
pub fn stamp(path: &Path) -> Result<Stamp, FileError> {
    let metadata = metadata(path).map_err(|error| FileError::new(FileAct::Examine, path, error))?;
    Ok(Stamp {
        device: metadata.dev(),
        inode: metadata.ino(),
        length: metadata.len(),
        modified: metadata.mtime(),
        modified_nanoseconds: metadata.mtime_nsec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::files::{FileMode, replace};

    #[test]
    fn a_file_that_was_replaced_has_another_stamp() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("list");
        assert!(stamp(&path).unwrap_err().is_missing());
        replace(&path, b"one", FileMode::Public).unwrap();
        let first = stamp(&path).unwrap();
        assert_eq!(stamp(&path).unwrap(), first);
        replace(&path, b"two", FileMode::Public).unwrap();
        let second = stamp(&path).unwrap();
        assert_ne!(second, first);
        assert!(!second.is_same_file(&first));
        let written_to = Stamp { length: second.length + 1, ..second };
        assert_ne!(written_to, second);
        assert!(written_to.is_same_file(&second));
        assert!(first.modified() > OffsetDateTime::UNIX_EPOCH);
    }
}
