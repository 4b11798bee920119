//! What every trust store has: a kind, a place, plans, and an answer to whether a root is trusted in it.

use std::{fmt, path::PathBuf, str::FromStr};

use super::{error::TrustError, root::Root};
use crate::{plan::Plan, system::Host};

/// A trust store.
pub trait Store {
    /// Of which kind it is.
    fn kind(&self) -> Kind;

    /// Where it is, for a person: a directory or a file.
    fn place(&self) -> String;

    /// The plan that puts a root there.
    ///
    /// # Errors
    /// Something that it takes is not there.
    fn installation(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError>;

    /// The plan that takes it away, under whatever name the store has it.
    ///
    /// # Errors
    /// Something that it takes is not there, or the store cannot be asked.
    fn removal(&self, root: &Root, host: &dyn Host) -> Result<Plan, TrustError>;

    /// The plan that takes away what was made there for roots, once these are gone and it holds nothing more. A run that was stopped
    /// may have left it, or somebody who took the root out by themselves. Most make nothing.
    ///
    /// # Errors
    /// The store cannot be asked.
    fn clearing(&self, _going: &[&Root], _host: &dyn Host) -> Result<Plan, TrustError> {
        Ok(Plan::default())
    }

    /// The file that has the name of the root's there, and is somebody else's: it stays.
    ///
    /// # Errors
    /// The store cannot be asked.
    fn foreign(&self, _root: &Root, _host: &dyn Host) -> Result<Option<PathBuf>, TrustError> {
        Ok(None)
    }

    /// Whether a root is trusted there.
    ///
    /// # Errors
    /// The store cannot be asked.
    fn standing(&self, root: &Root, host: &dyn Host) -> Result<Standing, TrustError>;

    /// Whose it is, where runs of this program have to change it in turns, because its own programs do not.
    fn in_turns(&self) -> Option<Owner> {
        None
    }

    /// When it is changed and asked.
    fn when_used(&self) -> Use {
        Use::Always
    }

    /// Whether what is put into stores of another kind comes into this one by itself.
    fn is_fed_by(&self, _other: Kind) -> bool {
        false
    }
}

/// Whose a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Root's, and everybody trusts it.
    System,
    /// A person's own.
    Person,
}

/// When a store is changed and asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Unless others are named.
    Always,
    /// Only where it is named.
    Named,
}

/// Whether a root is trusted in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Trusted,
    /// It lies there, and nothing follows from that.
    Idle,
    /// It is not there.
    Absent,
    /// It is not there, and somebody wants nobody to trust it there.
    Blocked,
}

/// The kind of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the programs of the system share: curl, wget, Python, git.
    System,
    /// The keychain of all users of a Mac.
    Macos,
    /// What Chromium and its kin trust on Linux.
    Chromium,
    /// A profile of Firefox.
    Firefox,
    /// The policy of Firefox, for all profiles.
    FirefoxPolicy,
    /// The keystore of a Java.
    Java,
    /// What a user of Windows trusts, around the Linux that runs in it.
    Windows,
    /// What all users of that Windows trust.
    WindowsMachine,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::System,
        Self::Macos,
        Self::Chromium,
        Self::Firefox,
        Self::FirefoxPolicy,
        Self::Java,
        Self::Windows,
        Self::WindowsMachine,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Macos => "macos",
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::FirefoxPolicy => "firefox-policy",
            Self::Java => "java",
            Self::Windows => "windows",
            Self::WindowsMachine => "windows-machine",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or("no kind of trust store")
    }
}
