//! How a preset is put in its place on a machine: where its first text stands, and the programs that are run around that.
//!
//! Only what has a place of its own is put there; for the others a person follows the instructions.

use std::path::{Path, PathBuf};

use crate::plan::Step;

/// Who puts a preset in its place on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installation {
    /// A person, for this reason.
    ByHand(&'static str),
    /// This program.
    Here(Setting),
}

/// Where the first text of a preset stands on a machine, and what is done before it is written there and after that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub(super) spot: Spot,
    pub(super) before: Vec<Step>,
    pub(super) after: Vec<Step>,
}

/// Where a text stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// In a file of its own.
    File(PathBuf),
    /// In lines of its own in a file of somebody else.
    Lines(PathBuf),
}

impl Setting {
    /// In a file of its own.
    pub(super) fn file(path: impl Into<PathBuf>) -> Self {
        Self { spot: Spot::File(path.into()), before: Vec::new(), after: Vec::new() }
    }

    /// In lines of a file of somebody else.
    pub(super) fn lines(path: impl Into<PathBuf>) -> Self {
        Self { spot: Spot::Lines(path.into()), before: Vec::new(), after: Vec::new() }
    }

    /// The same after this.
    #[must_use]
    pub(super) fn before_it(mut self, step: Step) -> Self {
        self.before.push(step);
        self
    }

    /// The same, and then this.
    #[must_use]
    pub(super) fn then(mut self, step: Step) -> Self {
        self.after.push(step);
        self
    }

    /// The same, and as the first thing after it this.
    #[must_use]
    pub(super) fn then_first(mut self, step: Step) -> Self {
        self.after.insert(0, step);
        self
    }

    /// The same, looked at by the server before it has to take it.
    #[must_use]
    pub(super) fn checked(self, name: &str, words: &[&str]) -> Self {
        self.then(Step::run(format!("see that {name} takes it"), words))
    }

    /// The same with a service that reads it anew.
    #[must_use]
    pub(super) fn reloading(self, service: &str) -> Self {
        self.then(Step::tell(format!("tell {service}"), &["systemctl", "reload-or-restart", service]))
    }

    /// The same with a service that reads it when it starts.
    #[must_use]
    pub(super) fn restarting(self, service: &str) -> Self {
        self.then(Step::tell(format!("tell {service} by starting it anew"), &["systemctl", "restart", service]))
    }
}

impl Spot {
    /// The file.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Lines(path) => path,
        }
    }
}

impl From<Setting> for Installation {
    fn from(setting: Setting) -> Self {
        Self::Here(setting)
    }
}

impl Installation {
    pub(super) fn setting(&self) -> Option<&Setting> {
        match self {
            Self::ByHand(_) => None,
            Self::Here(setting) => Some(setting),
        }
    }
}
