//! A device as the ledger knows it, and how it comes to the onboarding page.

use time::OffsetDateTime;

use crate::x509::{
    certificate::sha256,
    hexadecimal::{hexadecimal, octets},
    name::is_unprintable,
};

/// What a device is known by: the SHA-256 of the random word in its cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceKey([u8; 32]);

/// A device that came to the onboarding page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// What it is known by.
    pub key: DeviceKey,
    /// From which address it came.
    pub address: String,
    /// What kind of device it is, as far as it says.
    pub platform: String,
    /// What its browser calls itself.
    pub user_agent: String,
}

/// A device of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRecord {
    /// Its place in the ledger; newer devices have higher ones.
    pub place: i64,
    /// The name that its owner gave it.
    pub name: Option<String>,
    /// From which address it came last.
    pub address: String,
    /// What kind of device it is.
    pub platform: String,
    /// What its browser calls itself.
    pub user_agent: String,
    /// When it came first.
    pub first_seen: OffsetDateTime,
    /// When it came last.
    pub last_seen: OffsetDateTime,
    /// What it did about which root.
    pub roots: Vec<DeviceRoot>,
}

/// What a device did about a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRoot {
    /// The SHA-256 of the root's certificate in hexadecimal digits.
    pub sha256: String,
    /// When it first fetched the root.
    pub fetched_at: Option<OffsetDateTime>,
    /// When it first proved that it trusts the root.
    pub trusted_at: Option<OffsetDateTime>,
}

impl DeviceKey {
    /// Of the word in a cookie.
    pub fn of(word: &[u8]) -> Self {
        Self(sha256(word))
    }

    /// From its bytes.
    pub fn from_octets(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// As it stands in the ledger.
    pub(super) fn hexadecimal(&self) -> String {
        hexadecimal(&self.0)
    }

    /// From how it stands in the ledger.
    pub(super) fn from_hexadecimal(text: &str) -> Option<Self> {
        octets(text.as_bytes())?.try_into().ok().map(Self)
    }

    /// The bytes.
    pub fn as_octets(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Words by others as the ledger keeps them: what can be seen, in one line, and not too much of it.
pub(super) fn kept_text(text: &str, most: usize) -> String {
    let seen: String = text
        .chars()
        .take(MOST_READ)
        .map(|character| if character.is_whitespace() { ' ' } else { character })
        .filter(|character| !is_unprintable(*character))
        .collect();
    let line = seen.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars().take(most).collect::<String>().trim_end().to_owned()
}

/// No more of any text is looked at.
const MOST_READ: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_can_be_seen_and_is_one_short_line() {
        assert_eq!(kept_text(" Anna's\n\tiPad\u{202e}\u{1b}[31m ", 60), "Anna's iPad[31m");
        assert_eq!(kept_text(&"a ".repeat(5000), 7), "a a a a");
        assert_eq!(kept_text("\u{0}\u{200b}\r\n", 60), "");
        assert_eq!(kept_text("家のiPad", 3), "家のi");
    }

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let key = DeviceKey::of(b"word");
        assert_eq!(DeviceKey::from_hexadecimal(&key.hexadecimal()), Some(key));
        for bad in ["", "00", "zz", &"0".repeat(63), &"é".repeat(32)] {
            assert_eq!(DeviceKey::from_hexadecimal(bad), None, "{bad}");
        }
    }
}
