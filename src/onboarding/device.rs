//! Which device a browser says it runs on: a first guess, from its User-Agent (RFC 9110 10.1.5).

use crate::export::guide::Platform;

/// The device behind a User-Agent, or `None` where it does not say, or says one that there are no words for.
///
/// An iPad says that it is a Mac. Nothing in the header tells them apart, so a guess of a Mac is an iPad as well until
/// the page's script has looked.
pub fn platform_of(user_agent: &str) -> Option<Platform> {
    let says = Words::of(user_agent);
    // These name Android, Linux or iPhone as well, in order to be treated like one.
    let is_other =
        says.any(&["Windows Phone", "CrOS", "Tizen", "SMART-TV", "SmartTV", "Web0S", "KAIOS", "PlayStation"]);
    if !says.begins("Mozilla/") || is_other {
        return None;
    }
    // A browser for iOS on an iPad says Mac, and its own name.
    if says.any(&["iPhone", "iPad", "iPod"]) || says.any(OTHERS_ON_IOS) {
        return Some(Platform::Ios);
    }
    if says.any(&["Android"]) {
        return Some(Platform::Android);
    }
    if says.any(&["Windows NT"]) {
        return Some(Platform::Windows);
    }
    if says.any(&["Macintosh"]) {
        return Some(Platform::Macos);
    }
    if says.any(&["Linux", "X11;", "FreeBSD", "OpenBSD"]) {
        // On Windows and on a Mac Firefox follows the system; here it does not.
        return Some(if says.any(&["Firefox/"]) { Platform::Firefox } else { Platform::Linux });
    }
    None
}

/// Whether it is a browser on an iPhone or iPad other than Safari, or a window inside an app: it names no version of
/// Safari, or adds a name of its own. On a real Mac other browsers say so.
pub(super) fn is_beside_safari(user_agent: &str) -> bool {
    let says = Words::of(user_agent);
    let is_apple = match platform_of(user_agent) {
        Some(Platform::Ios) => true,
        Some(Platform::Macos) => !says.any(&["Chrome/", "Firefox/"]),
        _ => false,
    };
    let names_safari = says.any(&["Version/"]) && says.any(&["Safari/"]);
    is_apple && (!names_safari || says.any(OTHERS_ON_IOS) || says.any(INSIDE_APPS))
}

struct Words(String);

impl Words {
    fn of(user_agent: &str) -> Self {
        Self(user_agent.chars().take(LONGEST).collect())
    }

    fn begins(&self, word: &str) -> bool {
        self.0.starts_with(word)
    }

    fn any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.0.contains(word))
    }
}

/// Chrome, Firefox, Firefox Focus, Edge, the Google app and Opera, as they call themselves on iOS.
const OTHERS_ON_IOS: &[&str] = &["CriOS/", "FxiOS/", "Focus/", "EdgiOS/", "GSA/", "OPiOS/", "OPT/"];
const INSIDE_APPS: &[&str] = &[
    "DuckDuckGo/",
    "Ddg/",
    "Brave/",
    "YaBrowser/",
    "UCBrowser/",
    "FBAN/",
    "FBAV/",
    "Instagram",
    "Line/",
    "MicroMessenger/",
];
/// Browsers keep to a few hundred characters.
const LONGEST: usize = 512;

#[cfg(test)]
#[path = "device_tests.rs"]
mod tests;
