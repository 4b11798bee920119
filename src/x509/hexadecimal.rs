//! Octets as fingerprints and serial numbers are written: lower-case hexadecimal digits.

/// The digits of some octets. A CRL has a hundred thousand serial numbers: no formatting machinery.
pub fn hexadecimal(octets: &[u8]) -> String {
    let mut text = String::with_capacity(2 * octets.len());
    for octet in octets {
        text.push(digit(octet >> 4));
        text.push(digit(octet & 15));
    }
    text
}

/// The octets that pairs of digits stand for, in either case; none where that is not what stands there.
pub fn octets(digits: &[u8]) -> Option<Vec<u8>> {
    let octet = |pair: &[u8]| match pair {
        [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
        _ => None,
    };
    digits.chunks(2).map(octet).collect()
}

/// The four bits of a digit, in either case. The digits of a serial number are random: no branch that guesses them.
pub(super) fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|bits| u8::try_from(bits).ok())
}

fn digit(nibble: u8) -> char {
    char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_is_two_digits_that_read_back() {
        for octet in 0..=u8::MAX {
            let text = hexadecimal(&[octet]);
            assert_eq!(text, format!("{octet:02x}"));
            for spelling in [text.clone(), text.to_uppercase()] {
                let read: Option<Vec<u8>> = spelling.bytes().map(nibble).collect();
                assert_eq!(read, Some(vec![octet >> 4, octet & 15]));
            }
        }
        assert_eq!([b'g', b'/', b':', b'@', b'`', b' ', 0xff].map(nibble), [None; 7]);
    }
}
