//! Who runs the timer, and where such timers lie.

use std::path::PathBuf;

/// Who runs the timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// The machine itself, as root.
    System,
    /// A user, as long as the machine lets their programs run.
    User {
        /// Where their settings are: `~/.config`.
        config: PathBuf,
        /// Their own directory.
        directory: PathBuf,
    },
}

impl Account {
    /// Where the units of systemd lie (systemd.unit(5)).
    pub(super) fn units(&self) -> PathBuf {
        match self {
            Self::System => PathBuf::from("/etc/systemd/system"),
            Self::User { config, .. } => config.join("systemd/user"),
        }
    }

    /// Where the jobs of launchd lie (launchd.plist(5)).
    pub(super) fn agents(&self) -> PathBuf {
        match self {
            Self::System => PathBuf::from("/Library/LaunchDaemons"),
            Self::User { directory, .. } => directory.join("Library/LaunchAgents"),
        }
    }
}
