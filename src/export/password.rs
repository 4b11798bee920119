//! The password of a file that is handed out: made of letters that a person can read and type, or chosen by them.

use std::{fmt, path::Path};

use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    keys::{Passphrase, PassphraseError},
    system::{Random, RandomError},
};

/// A password: never empty, never shown by accident, wiped when dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// There is no password, or none that every program takes for the same.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// No random bytes to make one of.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The file that was named gives none.
    #[error(transparent)]
    File(#[from] PassphraseError),
    /// Programs do not agree on the bytes of other characters, so the file would open here and not there.
    #[error("the password has a character that is not printable ASCII")]
    NotAscii,
}

impl Password {
    /// A new one: five groups of four letters, 90 bits.
    ///
    /// # Errors
    /// There are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, PasswordError> {
        let mut letters = Zeroizing::new(String::with_capacity(GROUPS * (GROUP + 1)));
        for group in 0..GROUPS {
            if group > 0 {
                letters.push('-');
            }
            for _ in 0..GROUP {
                letters.push(letter(random)?);
            }
        }
        Ok(Self(letters))
    }

    /// The first line of a file that only its owner can read.
    ///
    /// # Errors
    /// The file cannot be read, or its first line is empty, too long or not printable ASCII.
    pub fn from_file(path: &Path) -> Result<Self, PasswordError> {
        let line = Passphrase::from_file(path)?;
        let text = std::str::from_utf8(line.as_bytes()).map_err(|_| PasswordError::NotAscii)?;
        if !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err(PasswordError::NotAscii);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The letters, for an encryption or for the one time that they are shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

/// One letter, each as likely as the others.
fn letter(random: &dyn Random) -> Result<char, RandomError> {
    let mut byte = Zeroizing::new([0_u8]);
    loop {
        random.fill(byte.as_mut_slice())?;
        let [drawn] = *byte;
        let drawn = usize::from(drawn);
        // Bytes above the last multiple would make the first letters likelier.
        let fair = 256 - 256 % LETTERS.len();
        if let Some(letter) = LETTERS.get(drawn % LETTERS.len()).filter(|_| drawn < fair) {
            return Ok(char::from(*letter));
        }
    }
}

const GROUPS: usize = 5;
const GROUP: usize = 4;
/// Small letters, which no keyboard hides, without `i`, `l` and `o`, which look like digits or one another.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz";

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::system::SystemRandom;

    #[test]
    fn a_password_is_five_groups_of_letters_that_nobody_mistakes() {
        let passwords: Vec<Password> = (0..200).map(|_| Password::generate(&SystemRandom).unwrap()).collect();
        for password in &passwords {
            let groups: Vec<&str> = password.reveal().split('-').collect();
            assert_eq!(groups.len(), GROUPS);
            assert!(groups.iter().all(|group| group.len() == GROUP && group.bytes().all(|b| LETTERS.contains(&b))));
        }
        let mut seen: Vec<&str> = passwords.iter().map(Password::reveal).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 200);
        let everything = seen.concat();
        assert!(LETTERS.iter().all(|letter| everything.contains(char::from(*letter))));
        // 23 letters are 4.52 bits each.
        assert!((GROUPS * GROUP) as f64 * (LETTERS.len() as f64).log2() > 80.0);
    }

    #[test]
    fn bytes_that_would_favour_a_letter_are_drawn_again() {
        struct Scripted(std::sync::Mutex<Vec<u8>>);
        impl Random for Scripted {
            fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
                bytes.fill_with(|| self.0.lock().unwrap().pop().unwrap());
                Ok(())
            }
        }
        let random = Scripted(std::sync::Mutex::new(vec![24, 253, 255]));
        assert_eq!(letter(&random).unwrap(), 'b');
    }

    #[test]
    fn a_file_gives_its_first_line_unless_programs_would_read_it_differently() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("password");
        let read = |content: &[u8], mode: u32| {
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            Password::from_file(&path)
        };
        assert_eq!(read(b"correct horse\nbattery", 0o600).unwrap().reveal(), "correct horse");
        assert!(matches!(read(b"", 0o600), Err(PasswordError::File(PassphraseError::EmptyFile { .. }))));
        for odd in ["pässword", "a\tb", "\u{1b}[2J"] {
            assert!(matches!(read(odd.as_bytes(), 0o600), Err(PasswordError::NotAscii)), "{odd:?}");
        }
        assert!(matches!(read(b"\xff\xfe", 0o600), Err(PasswordError::NotAscii)));
        assert!(matches!(read(b"canary", 0o644), Err(PasswordError::File(PassphraseError::File(_)))));
        assert!(!format!("{:?}", read(b"canary", 0o600)).contains("canary"));
    }
}
