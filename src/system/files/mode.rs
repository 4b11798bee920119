//! Modes: who may read what we make. There are few, each with a name, and no caller thinks in octal.

use std::str::FromStr;

use rustix::fs::Mode;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileMode {
    /// 0600: its owner.
    Secret,
    /// 0400: its owner, who cannot write over it by mistake.
    SecretReadOnly,
    /// 0640: its owner and its group.
    Group,
    /// 0440: its owner and its group, and nobody writes over it by mistake.
    GroupReadOnly,
    /// 0644: everybody.
    Public,
}

impl FileMode {
    /// Those of a file with a key in it.
    pub const FOR_KEYS: [Self; 4] = [Self::SecretReadOnly, Self::Secret, Self::GroupReadOnly, Self::Group];

    /// As `chmod` takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "0600",
            Self::SecretReadOnly => "0400",
            Self::Group => "0640",
            Self::GroupReadOnly => "0440",
            Self::Public => "0644",
        }
    }

    /// Whether the group of a file may read it.
    pub fn is_for_group(self) -> bool {
        matches!(self, Self::Group | Self::GroupReadOnly | Self::Public)
    }

    pub(super) fn bits(self) -> Mode {
        Mode::from_raw_mode(match self {
            Self::Secret => 0o600,
            Self::SecretReadOnly => 0o400,
            Self::Group => 0o640,
            Self::GroupReadOnly => 0o440,
            Self::Public => 0o644,
        })
    }
}

impl FromStr for FileMode {
    type Err = ();

    /// One of a file with a key in it, with or without the leading zero.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::FOR_KEYS.into_iter().find(|mode| mode.as_str() == word || mode.as_str().get(1..) == Some(word)).ok_or(())
    }
}

/// Who may enter a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryMode {
    /// 0700: its owner.
    Private,
    /// 0750: its owner and its group.
    Group,
    /// 0755: everybody.
    Public,
}

impl DirectoryMode {
    pub(super) fn bits(self) -> Mode {
        Mode::from_raw_mode(match self {
            Self::Private => 0o700,
            Self::Group => 0o750,
            Self::Public => 0o755,
        })
    }
}
