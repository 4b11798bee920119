//! Files to hand out: what a device or a program wants in order to trust a CA, as bytes; nothing is written here.

mod anchor;
mod artifact;
pub mod mobileconfig;
pub mod pem;
mod read_profile;
mod slug;

pub use anchor::{Anchor, AnchorError, Contents};
pub use artifact::Artifact;
pub use read_profile::{ProfileReadError, ReadPayload, ReadProfile};
pub use slug::Slug;

use std::{fmt, str::FromStr};

use thiserror::Error;

/// For whom files are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// iPhones, iPads, and Macs as well: a configuration profile.
    Ios,
    /// Programs that read PEM.
    Pem,
    /// Programs that read DER.
    Der,
}

/// There is no such target.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{word}` is none of ios, pem, der")]
pub struct UnknownTarget {
    /// What was asked for.
    pub word: String,
}

impl Target {
    /// All of them, in the order a list shows them.
    pub const ALL: [Self; 3] = [Self::Ios, Self::Pem, Self::Der];

    /// The word for it on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Pem => "pem",
            Self::Der => "der",
        }
    }

    /// What the file for a CA of that name is called.
    pub fn file_name(self, slug: &Slug) -> String {
        match self {
            Self::Ios => mobileconfig::file_name(slug),
            Self::Pem => pem::pem_file_name(slug),
            Self::Der => pem::der_file_name(slug),
        }
    }

    /// The file for this target: the same bytes whenever it is asked for.
    pub fn artifact(self, anchor: &Anchor, contents: Contents) -> Artifact {
        match self {
            Self::Ios => mobileconfig::profile(anchor, contents),
            Self::Pem => pem::pem(anchor, contents),
            Self::Der => pem::der(anchor),
        }
    }

    /// What a person does with the file, in order.
    pub fn steps(self) -> &'static [&'static str] {
        match self {
            // devices.md 3.1: no file can turn the second switch.
            Self::Ios => &[
                "bring the .mobileconfig to the iPhone or iPad: AirDrop, a mail to yourself, or a download in Safari",
                "open it, then Settings > Profile Downloaded > Install (or General > VPN & Device Management)",
                "Settings > General > About > Certificate Trust Settings: switch the root on, or Safari will not trust it",
            ],
            Self::Pem => &["give the file to whatever asks for a CA certificate in PEM"],
            Self::Der => &["give the file to whatever asks for a CA certificate in DER"],
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Target {
    type Err = UnknownTarget;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|target| target.as_str() == word)
            .ok_or_else(|| UnknownTarget { word: word.to_owned() })
    }
}
