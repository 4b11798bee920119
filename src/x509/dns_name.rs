//! The name of a host as it stands in a dNSName, RFC 5280 4.2.1.6: lower-case letters, digits and hyphens.

use std::{fmt, str::FromStr};

use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};
use thiserror::Error;

/// A host name in A-labels, lower case, without a trailing dot; its left-most label may be `*`.
///
/// Whatever a program somewhere would read as an address (`10.1`, `0x7f.1`, `3232235521`) is none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DnsName(String);

/// Why text is no host name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DnsNameError {
    /// Nothing was given.
    #[error("the name is empty")]
    Empty,
    /// The text is an address, or some resolver reads it as one.
    #[error("`{0}` is an address, not a name")]
    Address(String),
    /// A character that no host name has.
    #[error("`{name}` has the character {character:?}, and names are made of letters, digits and hyphens")]
    Character {
        /// The text as given.
        name: String,
        /// The character.
        character: char,
    },
    /// Two dots in a row, or one at an end.
    #[error("`{0}` has an empty label: two dots in a row, or a dot at an end")]
    EmptyLabel(String),
    /// A label of more than 63 octets.
    #[error("a label of `{0}` has more than 63 letters")]
    LongLabel(String),
    /// More than 253 octets.
    #[error("the name has {0} letters, more than 253")]
    Long(usize),
    /// A label that starts or ends with a hyphen.
    #[error("a label of `{0}` starts or ends with a hyphen")]
    Hyphen(String),
    /// Punycode that decodes to nothing, or not back to itself.
    #[error("`{0}` is not a valid international name (RFC 5891)")]
    Punycode(String),
    /// A star elsewhere than as the whole first label.
    #[error("`{0}` has a star that is not its whole first label")]
    Star(String),
    /// A wildcard that stands directly under a top-level name.
    #[error("`{0}` is a wildcard right under a top-level name, and Apple devices reject the whole certificate for it")]
    ShallowWildcard(String),
}

impl DnsName {
    /// Reads a name as a person types it: any case, international letters, one wildcard label at the left.
    ///
    /// # Errors
    /// Each rule it may break has its own variant; the text is in it.
    pub fn parse(text: &str) -> Result<Self, DnsNameError> {
        if text.is_empty() {
            return Err(DnsNameError::Empty);
        }
        // A bound before any work: the longest sensible spelling is far shorter.
        if text.len() > 1024 {
            return Err(DnsNameError::Long(text.chars().count()));
        }
        if is_written_as_address(text) {
            return Err(DnsNameError::Address(text.to_owned()));
        }
        let (wildcard, host) = match text.strip_prefix("*.") {
            Some(host) => (true, host),
            None => (false, text),
        };
        if host.contains('*') {
            return Err(DnsNameError::Star(text.to_owned()));
        }
        let ascii = to_ascii(text, host)?;
        check_labels(text, &ascii)?;
        if wildcard && !ascii.contains('.') {
            return Err(DnsNameError::ShallowWildcard(text.to_owned()));
        }
        let name = if wildcard { format!("*.{ascii}") } else { ascii };
        if name.len() > 253 {
            return Err(DnsNameError::Long(name.len()));
        }
        Ok(Self(name))
    }

    /// The name in A-labels, as it stands in a certificate.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in the letters a person would type.
    pub fn to_unicode(&self) -> String {
        idna::domain_to_unicode(&self.0).0
    }

    /// Whether its first label is `*`.
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// Whether this name is `ancestor` or lies below it (RFC 5280 4.2.1.10: labels added to the left).
    pub fn is_within(&self, ancestor: &str) -> bool {
        self.0.strip_suffix(ancestor).is_some_and(|left| left.is_empty() || left.ends_with('.'))
    }
}

/// Whether a text is an address, or what people write for one: in brackets, with a port or a zone behind it.
fn is_written_as_address(text: &str) -> bool {
    let before_zone = text.split('%').next().unwrap_or_default();
    let is_of_one = |letter: char| letter.is_ascii_hexdigit() || ":.[]".contains(letter);
    text.contains([':', '[']) && before_zone.chars().all(is_of_one) || text.parse::<std::net::IpAddr>().is_ok()
}

/// Whether some resolver reads the text as an IPv4 address: its last label is a number (the URL standard's
/// "ends in a number"), which covers the decimal, octal, hexadecimal and short forms of `inet_aton`.
pub fn looks_like_address(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let last = text.rsplit('.').next().unwrap_or(text);
    let hexadecimal = last
        .strip_prefix("0x")
        .or_else(|| last.strip_prefix("0X"))
        .is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    hexadecimal || (!last.is_empty() && last.bytes().all(|digit| digit.is_ascii_digit()))
}

fn to_ascii(text: &str, host: &str) -> Result<String, DnsNameError> {
    let ascii = if host.is_ascii() {
        host.to_ascii_lowercase()
    } else {
        Uts46::new()
            .to_ascii(host.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore)
            .map_err(|_| DnsNameError::Punycode(text.to_owned()))?
            .into_owned()
    };
    // After the mapping: full-width digits become plain ones there.
    if looks_like_address(&ascii) {
        return Err(DnsNameError::Address(text.to_owned()));
    }
    Ok(ascii)
}

fn check_labels(text: &str, ascii: &str) -> Result<(), DnsNameError> {
    for label in ascii.split('.') {
        if label.is_empty() {
            return Err(DnsNameError::EmptyLabel(text.to_owned()));
        }
        if let Some(character) = label
            .chars()
            .find(|character| !(character.is_ascii_lowercase() || character.is_ascii_digit() || *character == '-'))
        {
            return Err(DnsNameError::Character { name: text.to_owned(), character });
        }
        if label.len() > 63 {
            return Err(DnsNameError::LongLabel(text.to_owned()));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(DnsNameError::Hyphen(text.to_owned()));
        }
        if label.get(2..4) == Some("--") && !round_trips(label) {
            return Err(DnsNameError::Punycode(text.to_owned()));
        }
    }
    Ok(())
}

/// An A-label is one only if it decodes, and encodes back to itself (RFC 5891 5.4).
fn round_trips(label: &str) -> bool {
    if !label.starts_with("xn--") {
        return false;
    }
    let (unicode, decoded) = Uts46::new().to_unicode(label.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    decoded.is_ok()
        && !unicode.is_ascii()
        && Uts46::new()
            .to_ascii(unicode.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
            .is_ok_and(|again| again == label)
}

impl fmt::Display for DnsName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for DnsName {
    type Err = DnsNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stored_in_lower_case_a_labels() {
        let stored = |text: &str| DnsName::parse(text).unwrap().as_str().to_owned();
        assert_eq!(stored("Hub.LAN"), "hub.lan");
        assert_eq!(stored("bücher.lan"), "xn--bcher-kva.lan");
        assert_eq!(stored("XN--BCHER-KVA.lan"), "xn--bcher-kva.lan");
        assert_eq!(stored("*.Hub.lan"), "*.hub.lan");
        assert_eq!(DnsName::parse("bücher.lan").unwrap().to_unicode(), "bücher.lan");
    }

    #[test]
    fn sixty_spellings_of_addresses_are_no_names() {
        let spellings = [
            "192.168.0.1",
            "192.168.0.1.",
            "192.168.1",
            "192.168",
            "192",
            "3232235521",
            "0xc0a80001",
            "0XC0A80001",
            "030052000001",
            "0300.0250.0.1",
            "0xc0.0xa8.0x0.0x1",
            "0xc0.168.0.01",
            "192.0xa80001",
            "0x7f.1",
            "127.1",
            "127.0.1",
            "0",
            "00",
            "0x0",
            "0x",
            "1.1",
            "256.256.256.256",
            "999",
            "1.2.3.4.5",
            "a.1",
            "hub.0x1f",
            "hub.lan.7",
            "*.1",
            "*.168.0.1",
            "*.0x1",
            "192.168.000.001",
            "0192.168.0.1",
            "192.168.0.0001",
            "::1",
            "::",
            "[::1]",
            "fe80::1",
            "fe80::1%eth0",
            "FE80::1",
            "2001:db8::1",
            "2001:0db8:0000:0000:0000:0000:0000:0001",
            "::ffff:192.168.0.1",
            "::192.168.0.1",
            "0:0:0:0:0:ffff:c0a8:1",
            "[fd00::1]:443",
            "192.168.0.1:443",
            "1:2",
            "１９２.１６８.０.１",
            "192。168。0。1",
            "１２７．１",
            "①",
            "192.168.0.①",
            "٣",
            "127.0.0.1%25",
            "0x7F000001",
            "2130706433",
            "017700000001",
            "0177.0.0.01",
            "10.0.0.256",
            "4294967295",
            "4294967296",
            "1e1.08",
            "00000.0",
        ];
        assert!(spellings.len() >= 60);
        for spelling in spellings {
            assert!(DnsName::parse(spelling).is_err(), "{spelling}");
        }
    }

    #[test]
    fn each_bad_name_is_refused_for_its_own_defect() {
        let error = |text: &str| DnsName::parse(text).unwrap_err();
        assert_eq!(error(""), DnsNameError::Empty);
        assert!(matches!(error("hub..lan"), DnsNameError::EmptyLabel(_)));
        assert!(matches!(error("hub.lan."), DnsNameError::EmptyLabel(_)));
        assert!(matches!(error(".lan"), DnsNameError::EmptyLabel(_)));
        assert!(matches!(error("my_hub.lan"), DnsNameError::Character { character: '_', .. }));
        assert!(matches!(error("hub\0.lan"), DnsNameError::Character { character: '\0', .. }));
        assert!(matches!(error("hub.lan:8443"), DnsNameError::Character { character: ':', .. }));
        assert!(matches!(error("\u{1b}[31mred"), DnsNameError::Character { character: '\u{1b}', .. }));
        assert!(matches!(error("[fd00::1]:443"), DnsNameError::Address(_)));
        assert!(matches!(error("fe80::1%eth0"), DnsNameError::Address(_)));
        assert!(matches!(error("hub lan"), DnsNameError::Character { character: ' ', .. }));
        assert!(matches!(error("-hub.lan"), DnsNameError::Hyphen(_)));
        assert!(matches!(error("xn--a.lan"), DnsNameError::Punycode(_)));
        assert!(matches!(error("ab--c.lan"), DnsNameError::Punycode(_)));
        assert!(matches!(error("a.*.lan"), DnsNameError::Star(_)));
        assert!(matches!(error("*"), DnsNameError::Star(_)));
        assert!(matches!(error("h*.hub.lan"), DnsNameError::Star(_)));
        assert!(matches!(error("*.lan"), DnsNameError::ShallowWildcard(_)));
        assert!(matches!(error(&format!("{}.lan", "a".repeat(64))), DnsNameError::LongLabel(_)));
        assert!(matches!(error(&["a".repeat(60).as_str(); 5].join(".")), DnsNameError::Long(304)));
    }

    #[test]
    fn a_name_lies_within_itself_and_its_parents_only() {
        let name = DnsName::parse("a.hub.lan").unwrap();
        assert!(name.is_within("lan") && name.is_within("hub.lan") && name.is_within("a.hub.lan"));
        assert!(!name.is_within("ub.lan") && !name.is_within("b.a.hub.lan"));
    }
}
