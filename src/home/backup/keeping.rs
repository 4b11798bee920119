//! Backups in a directory: each is called by the CA and the time, and older ones of the same CA give way to newer ones.

use std::path::{Path, PathBuf};

use time::{PrimitiveDateTime, format_description::FormatItem, macros::format_description};

use super::error::BackupError;
use crate::{
    authority::IssuerRole,
    home::{error::HomeError, opened::Home},
    system::files::{
        self,
        directory::{self, Entry},
    },
};

impl Home {
    /// What a backup of now is called.
    ///
    /// # Errors
    /// A ledger without a root.
    pub fn backup_name(&self) -> Result<String, BackupError> {
        let stamp = self.authority.doors().clock.now().format(STAMP).unwrap_or_default();
        Ok(format!("{}{stamp}{END}", self.backup_prefix()?))
    }

    /// Removes the oldest backups of this CA in a directory until so many are left, and tells which. What is called
    /// otherwise, or is no plain file, is somebody else's.
    ///
    /// # Errors
    /// The directory cannot be read, or one not be removed.
    pub fn remove_old_backups(&self, directory: &Path, keep: u32) -> Result<Vec<PathBuf>, BackupError> {
        let prefix = self.backup_prefix()?;
        let mut ours = Vec::new();
        for name in directory::entries(directory)? {
            let path = directory.join(&name);
            if is_ours(&name, &prefix) && directory::entry_at(&path)? == Some(Entry::File) {
                ours.push(path);
            }
        }
        // By their names, which are times.
        let keep = usize::try_from(keep).unwrap_or(usize::MAX);
        ours.truncate(ours.len().saturating_sub(keep));
        for path in &ours {
            files::remove(path)?;
        }
        Ok(ours)
    }

    /// By its first root, which no change of root takes away.
    fn backup_prefix(&self) -> Result<String, BackupError> {
        let first = self.authority.cas().iter().find(|ca| ca.role() == IssuerRole::Root);
        let directory = self.layout.directory().to_owned();
        let root = first.ok_or(HomeError::NoCa { directory })?.certificate().fingerprint();
        Ok(format!("{BEGIN}{}-", root.get(..8).unwrap_or(&root)))
    }
}

fn is_ours(name: &str, prefix: &str) -> bool {
    let stamp = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(END));
    stamp.is_some_and(|stamp| PrimitiveDateTime::parse(stamp, STAMP).is_ok())
}

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
