//! The languages of the guide, and which of them a visitor reads best, RFC 9110 12.5.4.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// A language that there are words in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, which everybody gets who asks for nothing that we have.
    English,
    /// German.
    German,
}

/// There are no words in that language.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{tag}` is none of en, de")]
pub struct UnknownLanguage {
    /// What was asked for.
    pub tag: String,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its tag, RFC 5646.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Its own name for itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// The one that an `Accept-Language` header likes best; the first of equals, English where it likes none of ours.
    pub fn negotiate(accept_language: &str) -> Self {
        let mut best = (Self::English, 0);
        for range in accept_language.split(',').take(MOST_RANGES) {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let primary = tag.split('-').next().unwrap_or_default();
            let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
            let known = Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary));
            // `*` is anything at all, so it is what we speak first.
            let language = known.or((tag == "*").then_some(Self::English));
            if let Some(language) = language.filter(|_| quality > best.1) {
                best = (language, quality);
            }
        }
        best.0
    }

    pub(super) fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("texts/en.toml"),
            Self::German => include_str!("texts/de.toml"),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.tag())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|language| language.tag() == tag);
        named.ok_or_else(|| UnknownLanguage { tag: tag.to_owned() })
    }
}

/// A quality between 0 and 1 with at most three decimals, in thousandths; what is none counts for nothing.
fn thousandths(text: &str) -> u32 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = decimals.len() <= 3 && decimals.bytes().all(|digit| digit.is_ascii_digit());
    match (whole, digits) {
        ("1", true) => 1000,
        ("0", true) => format!("{decimals:0<3}").parse().unwrap_or_default(),
        _ => 0,
    }
}

/// A browser sends a handful.
const MOST_RANGES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visitor_gets_what_it_likes_best_of_what_there_is() {
        for (header, language) in [
            ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", Language::German),
            ("de-AT", Language::German),
            ("DE", Language::German),
            ("en-GB,en;q=0.9,de;q=0.8", Language::English),
            ("fr-FR,fr;q=0.9,de;q=0.5,en;q=0.4", Language::German),
            ("fr,de;q=0.123,en;q=0.124", Language::English),
            ("fr", Language::English),
            ("", Language::English),
            ("*", Language::English),
            ("de;q=0", Language::English),
            ("de;q=9,en;q=0.1", Language::English),
            ("de;q=0.1234,en;q=0.1", Language::English),
            ("den;q=1", Language::English),
            (";;;,,,q=", Language::English),
        ] {
            assert_eq!(Language::negotiate(header), language, "{header}");
        }
        assert_eq!(Language::negotiate(&"x,".repeat(1_000_000)), Language::English);
    }
}
