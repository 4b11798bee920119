//! Why there is no timer.

use std::path::PathBuf;

use thiserror::Error;

use crate::{keys::KeyError, system::ProcessError};

/// There can be no such timer.
#[derive(Debug, Error)]
pub enum TimerError {
    /// A path that a unit, a table or a list cannot hold.
    #[error("`{}` cannot stand in a timer: {reason}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// Why not.
        reason: &'static str,
    },
    /// Nobody is there at night to open the issuing key.
    #[error("the issuing key has a passphrase, and a timer cannot type it")]
    Locked,
    /// The root issues by itself, and no timer gets what opens a root's key.
    #[error("the root issues by itself, and the passphrase of its key is given to no timer")]
    RootLocked,
    /// The key cannot be looked at.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The table of cron cannot be read.
    #[error("the crontab cannot be read: {0}")]
    Crontab(String),
    /// The table of cron is longer than what is changed by a program.
    #[error("the crontab is longer than what is changed here")]
    LongCrontab,
    /// The table of cron holds bytes that are no text, and what cannot be read cannot be kept.
    #[error("the crontab is not UTF-8")]
    ForeignCrontab,
    /// There is no `crontab`.
    #[error(transparent)]
    Process(#[from] ProcessError),
}
