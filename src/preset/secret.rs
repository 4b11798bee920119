//! A secret that a server keeps in a file of its own: random octets in hexadecimal digits, as `openssl rand -hex 32` prints them.

use zeroize::Zeroizing;

use crate::{
    system::{Random, RandomError},
    x509::hexadecimal,
};

/// A secret that a server keeps in a file of its own. Its configuration names the file and never holds the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The name of the file, which lies beside the configuration; never a path.
    pub file_name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// The directory in which that configuration is where the server is set up as usual.
    pub place: &'static str,
}

impl Secret {
    /// No file with one is longer.
    pub const LONGEST: usize = DIGITS + 2;

    /// A new one, as it stands in its file.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn draw(random: &dyn Random) -> Result<Zeroizing<Vec<u8>>, RandomError> {
        let mut octets = Zeroizing::new([0; OCTETS]);
        random.fill(octets.as_mut_slice())?;
        let digits = Zeroizing::new(hexadecimal(octets.as_slice()));
        // All of its room at once: a buffer that grows leaves copies of the secret behind.
        let mut line = Zeroizing::new(Vec::with_capacity(Self::LONGEST));
        line.extend_from_slice(digits.as_bytes());
        line.push(b'\n');
        Ok(line)
    }

    /// Whether a file holds one: as many digits as a new one has, and at most the end of the line.
    pub fn is_held_by(contents: &[u8]) -> bool {
        let line = contents.strip_suffix(b"\n").unwrap_or(contents);
        let digits = line.strip_suffix(b"\r").unwrap_or(line);
        digits.len() == DIGITS && digits.iter().all(u8::is_ascii_hexdigit)
    }
}

/// What JupyterHub wants of its cookie secret, and more than anybody guesses.
const OCTETS: usize = 32;
const DIGITS: usize = 2 * OCTETS;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    #[test]
    fn a_secret_is_known_as_one_and_no_two_are_the_same() {
        let [one, other] = [(); 2].map(|()| Secret::draw(&SystemRandom).unwrap());
        assert!(Secret::is_held_by(&one) && Secret::is_held_by(one.trim_ascii_end()));
        assert!(one.len() <= Secret::LONGEST);
        assert_ne!(one, other);
    }

    #[test]
    fn what_is_shorter_or_longer_or_something_else_is_none() {
        let digits = "0123456789abcdefABCDEF0123456789".repeat(2);
        assert!(Secret::is_held_by(digits.as_bytes()));
        let rest = &digits[1..];
        for bad in ["", "\n", rest, &format!("{digits}0"), &format!(" {rest}"), &format!("{digits}\n\n")] {
            assert!(!Secret::is_held_by(bad.as_bytes()), "{bad:?}");
        }
    }
}
