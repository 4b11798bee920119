//! The name of a CA as part of a file name: lower-case letters, digits and hyphens.

use std::fmt;

/// A word made of `a-z`, `0-9` and single hyphens, neither at its start nor its end; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// The word for a CA of this name; `ca` where the name has no letter or digit of ASCII.
    pub fn of(name: &str) -> Self {
        let mut word = String::new();
        for character in name.chars() {
            if character.is_ascii_alphanumeric() {
                word.push(character.to_ascii_lowercase());
            } else if !word.is_empty() && !word.ends_with('-') {
                word.push('-');
            }
            if word.len() >= MOST_LETTERS {
                break;
            }
        }
        let word = word.trim_end_matches('-');
        if word.is_empty() {
            return Self("ca".to_owned());
        }
        Self(if is_device(word) { format!("{word}-ca") } else { word.to_owned() })
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Windows keeps these names for devices, whatever ending a file has.
fn is_device(word: &str) -> bool {
    let is_port = |port: &str| {
        word.strip_prefix(port).is_some_and(|rest| rest.len() == 1 && rest.as_bytes().iter().all(u8::is_ascii_digit))
    };
    matches!(word, "con" | "prn" | "aux" | "nul") || is_port("com") || is_port("lpt")
}

/// Short enough for any file system with a suffix behind it.
const MOST_LETTERS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_word_that_is_safe_in_a_path() {
        let word = |name: &str| Slug::of(name).to_string();
        assert_eq!(word("Home Hub"), "home-hub");
        assert_eq!(word("  <Lab> & \"Co\" / 2026 "), "lab-co-2026");
        assert_eq!(word("../../etc/passwd"), "etc-passwd");
        assert_eq!(word("Bücher-CA"), "b-cher-ca");
        assert_eq!(word("家"), "ca");
        assert_eq!(word(""), "ca");
        assert_eq!(word("-.-"), "ca");
        assert_eq!(word(&"a".repeat(500)), "a".repeat(64));
        assert_eq!(
            [word("CON"), word("lpt1"), word("com10"), word("Console")],
            ["con-ca", "lpt1-ca", "com10", "console"]
        );
    }
}
