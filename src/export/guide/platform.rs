//! The kinds of device that there are words for.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// A kind of device, or a browser that keeps its own list of roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Platform {
    /// iPhone and iPad.
    Ios,
    /// Mac.
    Macos,
    /// Android phones and tablets.
    Android,
    /// Windows.
    Windows,
    /// Linux.
    Linux,
    /// Firefox on a computer.
    Firefox,
}

/// There is no such platform.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{word}` is none of ios, macos, android, windows, linux, firefox")]
pub struct UnknownPlatform {
    /// What was asked for.
    pub word: String,
}

impl Platform {
    /// All of them, in the order a page shows them.
    pub const ALL: [Self; 6] = [Self::Ios, Self::Macos, Self::Android, Self::Windows, Self::Linux, Self::Firefox];

    /// The word for it in an address, on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Macos => "macos",
            Self::Android => "android",
            Self::Windows => "windows",
            Self::Linux => "linux",
            Self::Firefox => "firefox",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Platform {
    type Err = UnknownPlatform;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|platform| platform.as_str() == word);
        named.ok_or_else(|| UnknownPlatform { word: word.to_owned() })
    }
}
