//! The platforms on which a certificate has to work: those whose rules are written down, each judging by itself.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use thiserror::Error;

/// Whose verifier looks at a chain. Chrome on iOS is `Ios`: every browser there uses Apple's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Platform {
    /// Safari and the apps of iPhones and iPads.
    Ios,
    /// Safari and the apps of a Mac.
    Macos,
    /// Apps on Android: Conscrypt.
    Android,
    /// Chrome and its relatives on anything but iOS.
    Chrome,
    /// Firefox on anything but iOS.
    Firefox,
    /// Programs in Java: the JDK's PKIX.
    Java,
    /// Windows' own programs: CryptoAPI and Schannel.
    Windows,
}

/// A word that names no platform.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is none of {names}", names = Platform::list(&Platform::ALL))]
pub struct UnknownPlatform(String);

impl Platform {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 7] =
        [Self::Ios, Self::Macos, Self::Android, Self::Chrome, Self::Firefox, Self::Java, Self::Windows];

    /// The word on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Macos => "macos",
            Self::Android => "android",
            Self::Chrome => "chrome",
            Self::Firefox => "firefox",
            Self::Java => "java",
            Self::Windows => "windows",
        }
    }

    /// Several words, with commas.
    pub fn list(platforms: &[Self]) -> String {
        platforms.iter().map(|platform| platform.name()).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Platform {
    type Err = UnknownPlatform;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|platform| platform.name().eq_ignore_ascii_case(text));
        named.ok_or_else(|| UnknownPlatform(text.to_owned()))
    }
}

impl Serialize for Platform {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_read_back_from_its_own_word() {
        for platform in Platform::ALL {
            assert_eq!(platform.to_string().parse(), Ok(platform));
        }
        assert_eq!("iOS".parse(), Ok(Platform::Ios));
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let error = "symbian".parse::<Platform>().unwrap_err();
        assert_eq!(error.to_string(), "`symbian` is none of ios, macos, android, chrome, firefox, java, windows");
    }
}
