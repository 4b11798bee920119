//! The serial number of a certificate, RFC 5280 4.1.2.2: a positive integer of at most 20 octets.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// A serial number: positive, without leading zeros, at most 20 octets when encoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SerialNumber(Vec<u8>);

/// Why octets are no serial number.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SerialNumberError {
    /// Zero is not positive.
    #[error("the serial number is zero")]
    Zero,
    /// The top bit makes the INTEGER negative.
    #[error("the serial number is negative")]
    Negative,
    /// More than 20 octets.
    #[error("the serial number has {0} octets, more than 20")]
    TooLong(usize),
    /// Text that is not hexadecimal.
    #[error("`{0}` is not a serial number in hexadecimal digits")]
    NotHex(String),
}

impl SerialNumber {
    /// A new serial: the epoch octet, then 16 octets that the caller took from the random door.
    ///
    /// The epoch is raised by every restore from a backup, so that serials made after the backup are never met again.
    pub fn from_epoch(epoch: Epoch, random: [u8; 16]) -> Self {
        let mut octets = Vec::with_capacity(17);
        octets.push(epoch.0);
        octets.extend_from_slice(&random);
        Self(octets)
    }

    /// Reads the content octets of a DER INTEGER.
    ///
    /// # Errors
    /// Zero, negative or too long a number.
    pub fn from_octets(octets: &[u8]) -> Result<Self, SerialNumberError> {
        if octets.first().is_some_and(|first| first & 0x80 != 0) {
            return Err(SerialNumberError::Negative);
        }
        if octets.len() > LONGEST {
            return Err(SerialNumberError::TooLong(octets.len()));
        }
        let start = octets.iter().position(|octet| *octet != 0);
        match start.and_then(|start| octets.get(start..)) {
            Some(significant) => Ok(Self(significant.to_vec())),
            None => Err(SerialNumberError::Zero),
        }
    }

    /// The number's octets, most significant first, without leading zeros.
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A CRL has a hundred thousand of these: two letters at a time, and no formatting machinery.
        let mut letters = [0; 2 * LONGEST];
        let pairs = letters.chunks_exact_mut(2).zip(&self.0);
        for (pair, octet) in pairs {
            pair.copy_from_slice(&[letter(octet >> 4), letter(octet & 15)]);
        }
        let written = letters.get(..2 * self.0.len()).and_then(|letters| std::str::from_utf8(letters).ok());
        formatter.write_str(written.ok_or(fmt::Error)?)
    }
}

impl FromStr for SerialNumber {
    type Err = SerialNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let not_hex = || SerialNumberError::NotHex(text.to_owned());
        let nibbles: Option<Vec<u8>> = text.bytes().filter(|octet| *octet != b':').map(nibble).collect();
        let nibbles = nibbles.filter(|nibbles| (1..=64).contains(&nibbles.len())).ok_or_else(not_hex)?;
        // The text is the number, not its encoding: a top bit is no sign here.
        let octets = nibbles.rchunks(2).rev().map(|pair| pair.iter().fold(0, |octet, nibble| octet << 4 | nibble));
        let significant: Vec<u8> = octets.skip_while(|octet| *octet == 0).collect();
        match significant.len() {
            0 => Err(SerialNumberError::Zero),
            length if length > LONGEST => Err(SerialNumberError::TooLong(length)),
            _ => Ok(Self(significant)),
        }
    }
}

/// The letter of four bits.
fn letter(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

/// The four bits of a letter.
fn nibble(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// RFC 5280 4.1.2.2.
const LONGEST: usize = 20;

/// The first octet of our serials, 0x01 to 0x7f: with its top bit clear the number is positive and 17 octets long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(u8);

impl Epoch {
    /// The epoch of a new CA.
    pub const FIRST: Self = Self(0x01);

    /// An epoch, if the octet lies between 0x01 and 0x7f.
    pub fn new(octet: u8) -> Option<Self> {
        (0x01..=0x7f).contains(&octet).then_some(Self(octet))
    }

    /// The octet.
    pub fn octet(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_serial_has_seventeen_octets_and_starts_with_its_epoch() {
        let serial = SerialNumber::from_epoch(Epoch::FIRST, [0xff; 16]);
        assert_eq!(serial.to_string(), format!("01{}", "ff".repeat(16)));
        assert_eq!(serial.to_string().parse::<SerialNumber>(), Ok(serial));
    }

    #[test]
    fn zero_negative_and_long_serials_are_refused() {
        assert_eq!(SerialNumber::from_octets(&[0]), Err(SerialNumberError::Zero));
        assert_eq!(SerialNumber::from_octets(&[]), Err(SerialNumberError::Zero));
        assert_eq!(SerialNumber::from_octets(&[0x80]), Err(SerialNumberError::Negative));
        assert_eq!(SerialNumber::from_octets(&[1; 21]), Err(SerialNumberError::TooLong(21)));
    }

    #[test]
    fn text_is_read_with_colons_and_in_either_case() {
        let serial: SerialNumber = "01:AB:cd".parse().unwrap();
        assert_eq!(serial.as_octets(), [1, 0xab, 0xcd]);
        assert!("hub".parse::<SerialNumber>().is_err());
    }

    #[test]
    fn an_epoch_keeps_serials_positive() {
        assert!(Epoch::new(0).is_none());
        assert!(Epoch::new(0x80).is_none());
        assert_eq!(Epoch::new(0x7f).map(Epoch::octet), Some(0x7f));
    }
}
