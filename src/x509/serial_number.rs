//! The serial number of a certificate, RFC 5280 4.1.2.2: a positive integer of at most 20 octets.

use std::{fmt, str::FromStr};

use thiserror::Error;

use super::hexadecimal::{hexadecimal, nibble};

/// A serial number: positive, without leading zeros, at most 20 octets when encoded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SerialNumber {
    // Zero behind its length, so that the derived order is that of the numbers' octets.
    octets: [u8; LONGEST],
    length: u8,
}

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
    pub fn from_epoch(epoch: Epoch, random: [u8; RANDOM]) -> Self {
        let mut number = Self::ZERO;
        number.push(epoch.0);
        random.into_iter().for_each(|octet| number.push(octet));
        number
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
        let mut number = Self::ZERO;
        octets.iter().for_each(|octet| number.push(*octet));
        if number.length == 0 { Err(SerialNumberError::Zero) } else { Ok(number) }
    }

    /// The epoch of a number that looks like one of ours: of 17 octets, the first.
    pub fn epoch(&self) -> Option<Epoch> {
        match self.as_octets() {
            [first, random @ ..] if random.len() == RANDOM => Epoch::new(*first),
            _ => None,
        }
    }

    /// The number's octets, most significant first, without leading zeros.
    pub fn as_octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// What numbers start from; no serial number itself.
    const ZERO: Self = Self { octets: [0; LONGEST], length: 0 };

    /// Puts an octet behind the others; one beyond the last place is lost, so callers count first.
    fn push(&mut self, octet: u8) {
        let leading_zero = octet == 0 && self.length == 0;
        if let Some(place) = self.octets.get_mut(usize::from(self.length)).filter(|_| !leading_zero) {
            *place = octet;
            self.length += 1;
        }
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SerialNumber({self})")
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hexadecimal(self.as_octets()))
    }
}

impl FromStr for SerialNumber {
    type Err = SerialNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let not_hex = || SerialNumberError::NotHex(text.to_owned());
        let mut nibbles = [0; MOST_DIGITS];
        let mut count = 0;
        for digit in text.bytes().filter(|octet| *octet != b':') {
            *nibbles.get_mut(count).ok_or_else(not_hex)? = nibble(digit).ok_or_else(not_hex)?;
            count += 1;
        }
        if count == 0 {
            return Err(not_hex());
        }
        // The text is the number, not its encoding: a top bit is no sign here, and an odd digit is the highest.
        let digits = nibbles.get(..count).unwrap_or_default();
        let significant = digits.iter().position(|nibble| *nibble != 0).and_then(|start| digits.get(start..));
        let significant = significant.ok_or(SerialNumberError::Zero)?;
        let octets = significant.len().div_ceil(2);
        if octets > LONGEST {
            return Err(SerialNumberError::TooLong(octets));
        }
        let mut number = Self::ZERO;
        for pair in significant.rchunks(2).rev() {
            number.push(pair.iter().fold(0, |octet, nibble| octet << 4 | nibble));
        }
        Ok(number)
    }
}

/// RFC 5280 4.1.2.2.
const LONGEST: usize = 20;
/// How many octets of ours follow the epoch.
const RANDOM: usize = 16;
/// Room for leading zeros in what somebody types.
const MOST_DIGITS: usize = 64;

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

    /// The epoch after a restore. The last one stays: its 16 random octets keep numbers apart as well.
    #[must_use]
    pub fn next(self) -> Self {
        Self::new(self.0 + 1).unwrap_or(self)
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
    fn an_odd_digit_is_the_highest_and_leading_zeros_do_not_count() {
        let number = |text: &str| text.parse::<SerialNumber>().map(|serial| serial.as_octets().to_vec());
        assert_eq!(number("abc"), Ok(vec![0x0a, 0xbc]));
        assert_eq!(number(&format!("{}1", "0".repeat(63))), Ok(vec![1]));
        assert_eq!(number(&"f".repeat(40)), Ok(vec![0xff; 20]));
        assert_eq!(number(&"f".repeat(41)), Err(SerialNumberError::TooLong(21)));
        assert_eq!(number("00"), Err(SerialNumberError::Zero));
        assert!(number(&"0".repeat(65)).is_err() && number(":").is_err());
    }

    #[test]
    fn an_epoch_keeps_serials_positive() {
        assert!(Epoch::new(0).is_none());
        assert!(Epoch::new(0x80).is_none());
        assert_eq!(Epoch::new(0x7f).map(Epoch::octet), Some(0x7f));
        assert_eq!([Epoch(0x01), Epoch(0x7f)].map(|epoch| epoch.next().octet()), [0x02, 0x7f]);
    }
}
