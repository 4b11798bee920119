//! Which devices a profile is for.

use plist::Dictionary;

use super::{super::slug::Slug, payload::dictionary};

/// Which devices a profile is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// iPhones, iPads and Macs: one file serves them all, so it names no device.
    Everybody,
    /// Macs alone.
    Macs,
}

/// Whose a profile is on a Mac.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The Mac's: what it brings is for all who use it.
    System,
    /// The person's who installs it.
    User,
}

impl Audience {
    /// The keys of `TopLevel` that say so.
    pub(super) fn keys(self, scope: Scope) -> Dictionary {
        match self {
            Self::Everybody => Dictionary::new(),
            Self::Macs => dictionary([
                ("PayloadScope", scope.as_str().into()),
                // 5 is a Mac: an iPhone that gets the file says that it is for another device.
                ("TargetDeviceType", 5.into()),
            ]),
        }
    }

    /// What the profile of a CA is called: `<ca-slug>.mobileconfig`, and another name for Macs alone, so that both can lie
    /// in one directory.
    pub fn file_name(self, slug: &Slug) -> String {
        match self {
            Self::Everybody => format!("{slug}.mobileconfig"),
            Self::Macs => format!("{slug}-macos.mobileconfig"),
        }
    }
}

impl Scope {
    fn as_str(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::User => "User",
        }
    }
}
