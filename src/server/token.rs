//! How visitors are told apart: a word in a cookie that a device keeps, and a token in the page that its script uses.
//!
//! Both carry the tag of a key of this process, so that words which nobody was given are refused without keeping a list
//! of those which somebody was. Of a word only its hash goes further, as the key of the device.

use std::fmt::Write as _;

use crate::{
    authority::DeviceKey,
    keys::AuthenticationKey,
    system::{Random, RandomError},
};

/// What makes words and tokens, and knows its own again.
pub(super) struct Tokens {
    key: AuthenticationKey,
}

impl Tokens {
    pub(super) fn new(random: &dyn Random) -> Result<Self, RandomError> {
        Ok(Self { key: AuthenticationKey::generate(random)? })
    }

    /// A word for a device that has none yet.
    pub(super) fn new_word(&self, random: &dyn Random) -> Result<String, RandomError> {
        let mut nonce = [0; 16];
        random.fill(&mut nonce)?;
        Ok(self.tagged(COOKIE, &nonce))
    }

    /// Whether a cookie holds a word of this process.
    pub(super) fn is_own_word(&self, word: &str) -> bool {
        self.read::<16>(COOKIE, word).is_some()
    }

    /// The token of a visitor.
    pub(super) fn token(&self, visitor: &DeviceKey) -> String {
        self.tagged(PAGE, visitor.as_octets())
    }

    /// Whose token it is.
    pub(super) fn visitor(&self, token: &str) -> Option<DeviceKey> {
        self.read(PAGE, token).map(DeviceKey::from_octets)
    }

    fn tagged(&self, purpose: &[u8], message: &[u8]) -> String {
        let tag = self.key.tag(&[purpose, message].concat());
        let mut text = String::with_capacity(2 * (message.len() + tag.len()));
        for octet in message.iter().chain(&tag) {
            // Writing to a String cannot fail.
            let _ = write!(text, "{octet:02x}");
        }
        text
    }

    fn read<const N: usize>(&self, purpose: &[u8], text: &str) -> Option<[u8; N]> {
        let octets = from_hexadecimal(text, N + TAG)?;
        let (message, tag) = octets.split_at_checked(N)?;
        self.key.has_tagged(&[purpose, message].concat(), tag).then(|| message.try_into().ok())?
    }
}

/// Exactly so many octets, in lower-case digits only: one spelling for each token.
fn from_hexadecimal(text: &str, octets: usize) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * octets {
        return None;
    }
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

/// What the two kinds of words are tagged for: one is never taken for the other.
const COOKIE: &[u8] = b"cookie\0";
const PAGE: &[u8] = b"page\0";
/// The length of a tag.
const TAG: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    #[test]
    fn only_what_this_process_gave_out_comes_back() {
        let tokens = Tokens::new(&SystemRandom).unwrap();
        let word = tokens.new_word(&SystemRandom).unwrap();
        assert!(tokens.is_own_word(&word) && word.len() == 96);
        let visitor = DeviceKey::of(word.as_bytes());
        let token = tokens.token(&visitor);
        assert_eq!(tokens.visitor(&token), Some(visitor));
        assert!(tokens.visitor(&word).is_none() && !tokens.is_own_word(&token));
        let strangers = Tokens::new(&SystemRandom).unwrap();
        assert!(strangers.visitor(&token).is_none() && !strangers.is_own_word(&word));
        for bad in ["", "0", &token[1..], &token.to_uppercase(), &token.replace('0', "é"), &"0".repeat(128)] {
            assert_eq!(tokens.visitor(bad), None, "{bad}");
        }
    }
}
