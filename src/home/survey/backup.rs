//! Findings about the copy of the home: what a setting says of when it was last made.

use std::path::{Path, PathBuf};

use time::{Duration, OffsetDateTime};

use super::{finding::Finding, kind::FindingKind};
use crate::system::{FileError, files::modified};

/// When the home was last copied, as far as one knows.
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
    /// The time at which a file was written last, which is the end of the copy itself or of a file beside it.
    pub(super) fn of(stamp: Option<&Path>) -> Result<Self, FileError> {
        let Some(stamp) = stamp else { return Ok(Self::Unknown) };
        match modified(stamp) {
            Ok(at) => Ok(Self::At(at)),
            Err(error) if error.is_missing() => Ok(Self::Missing(stamp.to_owned())),
            Err(error) => Err(error),
        }
    }
}

pub(super) fn backup(last: &LastBackup, days: u32, now: OffsetDateTime) -> Option<Finding> {
    let told = |kind, due: Option<OffsetDateTime>, message: String| Some(Finding::new(kind, "backup", due, message));
    match last {
        LastBackup::Unknown => {
            let message = "nothing says whether this home is copied anywhere: without it every device starts anew";
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
