//! The SHA-256 fingerprint of a root in the forms that people compare: groups of digits, and words.

use std::{array, str::FromStr};

use bip0039::English;

use crate::x509::{
    Certificate,
    hexadecimal::{hexadecimal, octets},
};

/// What tells one root from every other: SHA-256 over its DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// That of a certificate.
    pub fn of(certificate: &Certificate) -> Self {
        Self(certificate.sha256())
    }

    /// All of it: 64 lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        hexadecimal(&self.0)
    }

    /// All of it, in sixteen groups of four digits.
    pub fn groups(&self) -> Vec<String> {
        self.0.chunks(2).map(hexadecimal).collect()
    }

    /// Its first 132 bits as twelve English words, eleven bits each, from the list of BIP 39: easy to read aloud
    /// across a room, and more than anybody can make a second root agree with.
    pub fn words(&self) -> [&'static str; WORDS] {
        array::from_fn(|position| {
            let index = self.bits(position * BITS_A_WORD);
            English::words().get(index).copied().unwrap_or_default()
        })
    }

    /// The number in the eleven bits from that one on.
    fn bits(&self, from: usize) -> usize {
        (from..from + BITS_A_WORD).fold(0, |number, bit| {
            let octet = self.0.get(bit / 8).copied().unwrap_or_default();
            number << 1 | usize::from(octet >> (7 - bit % 8) & 1)
        })
    }
}

/// Digits as people write them: in either case, with colons or spaces between them or not.
impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: String = text.chars().filter(|letter| !matches!(letter, ':' | ' ')).collect();
        let octets = octets(digits.as_bytes()).ok_or(NoFingerprint)?;
        octets.try_into().map(Self).map_err(|_| NoFingerprint)
    }
}

/// What is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 64 hexadecimal digits")]
pub struct NoFingerprint;

const WORDS: usize = 12;
const BITS_A_WORD: usize = 11;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_digits_are_the_same_number() {
        let fingerprint = Fingerprint(array::from_fn(|index| index as u8 * 7));
        assert_eq!(fingerprint.groups().len(), 16);
        assert_eq!(fingerprint.groups().concat(), fingerprint.hex());
        assert_eq!(fingerprint.groups()[1], "0e15");
    }

    #[test]
    fn it_is_read_however_people_write_it() {
        let fingerprint = Fingerprint(array::from_fn(|index| index as u8 * 7));
        let colons = fingerprint
            .hex()
            .as_bytes()
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair))
            .collect::<Vec<_>>()
            .join(":");
        for written in [fingerprint.hex(), colons.to_uppercase(), fingerprint.groups().join(" ")] {
            assert_eq!(written.parse(), Ok(fingerprint), "{written}");
        }
        for other in ["", "0f", &fingerprint.hex()[1..], &"0g".repeat(32), &"0f".repeat(33), &"é".repeat(32)] {
            assert_eq!(other.parse::<Fingerprint>(), Err(NoFingerprint), "{other}");
        }
    }

    #[test]
    fn the_words_are_those_of_bip_39() {
        // The list begins with `abandon` and ends with `zoo`.
        assert_eq!(Fingerprint([0; 32]).words(), ["abandon"; 12]);
        assert_eq!(Fingerprint([0xff; 32]).words(), ["zoo"; 12]);
        // Entropy 7f7f… of the standard's own test vectors: its mnemonic begins so; only the last word has the checksum.
        let words = Fingerprint([0x7f; 32]).words();
        let standard = "legal winner thank year wave sausage worth useful legal winner thank";
        assert_eq!(words[..11].join(" "), standard);
    }

    #[test]
    fn every_one_of_the_first_132_bits_counts() {
        for bit in 0..132 {
            let mut octets = [0; 32];
            octets[bit / 8] |= 0x80 >> (bit % 8);
            assert_ne!(Fingerprint(octets).words(), ["abandon"; 12], "{bit}");
        }
    }
}
