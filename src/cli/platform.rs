//! The kind of a device, as people call it.

use crate::export::guide::{Guide, Language, Platform};

/// What people call a device of that kind, if it is one that there are words for.
pub(super) fn platform_name(word: &str) -> Option<&'static str> {
    let platform: Platform = word.parse().ok()?;
    Some(match platform {
        // The guide names both, whose steps are the same; here it is one of them.
        Platform::Ios => "iPhone or iPad",
        other => Guide::in_language(Language::English).platform(other).name(),
    })
}
