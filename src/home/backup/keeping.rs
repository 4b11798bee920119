//! Backups in a directory: each is called by the CA and the time, and older ones of the same CA give way to newer ones.

use std::{
    io::Read,
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use time::{PrimitiveDateTime, format_description::FormatItem, macros::format_description};

use super::{error::BackupError, making::Backup};
use crate::{
    authority::IssuerRole,
    home::{error::HomeError, opened::Home},
    system::files::{
        self,
        directory::{self, Entry},
    },
};

/// The backups of a CA that lay in a directory before another one was begun, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierBackups(Vec<PathBuf>);

impl Home {
    /// What a backup of now is called.
    ///
    /// # Errors
    /// A ledger without a root.
    pub fn backup_name(&self) -> Result<String, BackupError> {
        let stamp = self.authority.doors().clock.now().format(STAMP).unwrap_or_default();
        Ok(format!("{}{stamp}{END}", self.backup_prefix()?))
    }

    /// The backups of this CA that lie in a directory, but for the `next` one. What is called otherwise, is no plain file, or was not
    /// sealed, is somebody else's.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn earlier_backups(&self, directory: &Path, next: &str) -> Result<EarlierBackups, BackupError> {
        let prefix = self.backup_prefix()?;
        let mut names = directory::entries(directory)?;
        names.retain(|name| name != next && is_ours(name, &prefix) && is_sealed(&directory.join(name)));
        // Their names are times. One that is later than the next was made while the clock was ahead: before all that followed
        // when it had been set back.
        names.sort_by_key(|name| (name.as_str() < next, name.clone()));
        Ok(EarlierBackups(names.into_iter().map(|name| directory.join(name)).collect()))
    }

    /// By its first root, which no change of root takes away.
    fn backup_prefix(&self) -> Result<String, BackupError> {
        let first = self.authority.cas().iter().find(|ca| ca.role() == IssuerRole::Root);
        let directory = self.layout.directory().to_owned();
        let root = first.ok_or(HomeError::NoCa { directory })?.certificate().fingerprint();
        Ok(format!("{BEGIN}{}-", root.get(..8).unwrap_or(&root)))
    }
}

impl EarlierBackups {
    /// Removes the oldest until so many are left with the one that was made since, and tells which. Nothing is removed that others
    /// made meanwhile, nor anything for a backup that is not sound: an older one may be the last that is.
    ///
    /// # Errors
    /// One cannot be removed.
    pub fn give_way(self, newer: &Backup, keep: NonZeroU32) -> Result<Vec<PathBuf>, BackupError> {
        if !newer.is_sound() {
            return Ok(Vec::new());
        }
        let Self(mut paths) = self;
        let keep = usize::try_from(keep.get()).unwrap_or(usize::MAX);
        paths.truncate((paths.len() + 1).saturating_sub(keep));
        let mut removed = Vec::new();
        for path in paths {
            match files::remove(&path) {
                Ok(()) => removed.push(path),
                // Another one gave way to it as well.
                Err(error) if error.is_missing() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(removed)
    }
}

fn is_ours(name: &str, prefix: &str) -> bool {
    let stamp = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(END));
    stamp.is_some_and(|stamp| PrimitiveDateTime::parse(stamp, STAMP).is_ok())
}

fn is_sealed(path: &Path) -> bool {
    let mut begin = [0; SEAL.len()];
    let is_file = matches!(directory::entry_at(path), Ok(Some(Entry::File)));
    is_file && files::open_regular(path).is_ok_and(|mut file| file.read_exact(&mut begin).is_ok()) && begin == *SEAL
}

/// How a file that age has sealed begins.
const SEAL: &[u8; 22] = b"age-encryption.org/v1\n";
const BEGIN: &str = "hubca-";
const END: &str = ".tar.age";
const STAMP: &[FormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_called_as_a_backup_of_this_ca_is_ours() {
        let prefix = "hubca-0123abcd-";
        assert!(is_ours("hubca-0123abcd-20261129T191300Z.tar.age", prefix));
        for name in [
            "hubca-0123abcd-20261129T191300Z.tar.age.asc",
            "hubca-0123abcd-mine.tar.age",
            "hubca-0123abcd-20261399T191300Z.tar.age",
            "hubca-ffffffff-20261129T191300Z.tar.age",
            "old hubca-0123abcd-20261129T191300Z.tar.age",
        ] {
            assert!(!is_ours(name, prefix), "{name}");
        }
    }
}
