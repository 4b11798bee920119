//! Findings about the backup of the home: what the ledger and a setting say of when it was last made.

use std::path::{Path, PathBuf};

use time::{Duration, OffsetDateTime};

use super::{finding::Finding, kind::FindingKind};
use crate::system::{FileError, files::modified};

/// When the home was last backed up, as far as one knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LastBackup {
    /// Nothing says.
    Unknown,
    /// What would say it is not there.
    Missing(PathBuf),
    /// Then.
    At(OffsetDateTime),
}

impl LastBackup {
    /// The later of two times: when the ledger says a backup was made, and when a file was written last, which is a copy
    /// that something else makes, or lies beside it.
    pub(super) fn of(stamp: Option<&Path>, noted: Option<OffsetDateTime>) -> Result<Self, FileError> {
        let Some(stamp) = stamp else { return Ok(noted.map_or(Self::Unknown, Self::At)) };
        match modified(stamp) {
            Ok(at) => Ok(Self::At(noted.map_or(at, |noted| noted.max(at)))),
            Err(error) if error.is_missing() => Ok(noted.map_or_else(|| Self::Missing(stamp.to_owned()), Self::At)),
            Err(error) => Err(error),
        }
    }
}

pub(super) fn backup(last: &LastBackup, days: u32, now: OffsetDateTime) -> Option<Finding> {
    let told = |kind, due: Option<OffsetDateTime>, message: String| Some(Finding::new(kind, "backup", due, message));
    match last {
        LastBackup::Unknown => {
            let message = "there is no backup of this home that one knows of: without it every device starts anew";
            told(FindingKind::BackupUnknown, None, message.to_owned())
        }
        LastBackup::Missing(path) => {
            told(FindingKind::BackupMissing, None, format!("there is no backup: `{}` is not there", path.display()))
        }
        LastBackup::At(at) if now - *at > Duration::days(i64::from(days)) => {
            let old = (now - *at).whole_days();
            told(FindingKind::BackupOld, Some(*at), format!("the newest backup is {old} days old"))
        }
        LastBackup::At(_) => None,
    }
}
