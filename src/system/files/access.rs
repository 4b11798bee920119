//! Who owns a file and who may touch it.

use std::fs::{Metadata, metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::geteuid;
use time::OffsetDateTime;

use super::error::{FileAct, FileError};

/// The owner and the permission bits of a file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// The user id of the owner.
    pub owner: u32,
    /// The group id.
    pub group: u32,
    /// The permission bits, as `chmod` counts them.
    pub mode: u32,
}

impl Access {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self { owner: metadata.uid(), group: metadata.gid(), mode: metadata.mode() & 0o7777 }
    }

    /// Whether it is ours and nobody else may read, write or enter.
    #[must_use]
    pub fn is_private_to_us(&self) -> bool {
        self.owner == geteuid().as_raw() && self.mode & 0o077 == 0
    }

    /// Whether only we and root can read it.
    ///
    /// Group bits of root's own group are granted: systemd shows the access list of a credential that way.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        let owner_is_trusted = self.owner == geteuid().as_raw() || self.owner == 0;
        let group_is_shut = self.mode & 0o070 == 0 || (self.group == 0 && self.mode & 0o020 == 0);
        owner_is_trusted && group_is_shut && self.mode & 0o007 == 0
    }
}

/// The number of the user that this process acts as.
#[must_use]
pub fn current_user() -> u32 {
    geteuid().as_raw()
}

/// The owner and mode of what lies at `path`, through symbolic links.
///
/// # Errors
///
/// When there is nothing, or it may not be looked at.
pub fn access(path: &Path) -> Result<Access, FileError> {
    metadata(path).map(|metadata| Access::of(&metadata)).map_err(|error| FileError::new(FileAct::Examine, path, error))
}

/// How many bytes the content of what lies at `path` has.
///
/// # Errors
///
/// When there is nothing, or it may not be looked at.
pub fn size(path: &Path) -> Result<u64, FileError> {
    metadata(path).map(|metadata| metadata.len()).map_err(|error| FileError::new(FileAct::Examine, path, error))
}

/// When the content of what lies at `path` was changed last, in UTC and whole seconds.
///
/// # Errors
///
/// When there is nothing, or it may not be looked at.
pub fn modified(path: &Path) -> Result<OffsetDateTime, FileError> {
    let metadata = metadata(path).map_err(|error| FileError::new(FileAct::Examine, path, error))?;
    // A file system may hold any number there.
    Ok(OffsetDateTime::from_unix_timestamp(metadata.mtime()).unwrap_or(OffsetDateTime::UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_directory_is_private_only_without_bits_for_others() {
        let directory = tempfile::tempdir().unwrap();
        for (mode, private) in [(0o700, true), (0o500, true), (0o750, false), (0o701, false)] {
            set_permissions(directory.path(), Permissions::from_mode(mode)).unwrap();
            let access = access(directory.path()).unwrap();
            assert_eq!(access.mode, mode);
            assert_eq!(access.is_private_to_us(), private, "{mode:o}");
        }
        set_permissions(directory.path(), Permissions::from_mode(0o700)).unwrap();
    }

    #[test]
    fn a_secret_of_a_stranger_is_none() {
        let ours = geteuid().as_raw();
        let of = |owner, group, mode| Access { owner, group, mode };
        assert!(of(ours, 1000, 0o600).is_secret());
        assert!(of(0, 0, 0o440).is_secret());
        assert!(!of(ours, 1000, 0o640).is_secret());
        assert!(!of(ours, 0, 0o660).is_secret());
        assert!(!of(ours, 0, 0o604).is_secret());
        assert!(!of(ours + 1, 1000, 0o600).is_secret());
    }

    #[test]
    fn nothing_has_no_owner() {
        let directory = tempfile::tempdir().unwrap();
        let error = access(&directory.path().join("none")).unwrap_err();
        assert!(error.is_missing());
    }
}
