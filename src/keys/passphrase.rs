//! Passphrases: where they come from, and how long they stay.

use std::fmt;
use std::path::{Path, PathBuf};

use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::system::FileError;
use crate::system::files::read_secret;

/// A passphrase: never shown, compared in constant time, wiped when dropped.
#[derive(Clone)]
pub struct Passphrase {
    bytes: Zeroizing<Vec<u8>>,
}

/// What a passphrase is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPurpose {
    /// The key of the root.
    Root,
    /// The key that issues.
    Issuing,
    /// A backup: no key, but sealed as one.
    Backup,
    /// Any other key, by its file.
    Other(PathBuf),
}

impl fmt::Display for KeyPurpose {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => formatter.write_str("the root key"),
            Self::Issuing => formatter.write_str("the issuing key"),
            Self::Backup => formatter.write_str("the backup"),
            Self::Other(path) => write!(formatter, "the key `{}`", path.display()),
        }
    }
}

/// Where passphrases come from: a person, a file, a credential of systemd.
pub trait PassphraseSource {
    /// The passphrase for this key.
    ///
    /// # Errors
    ///
    /// When there is none to be had.
    fn passphrase(&self, for_what: &KeyPurpose) -> Result<Passphrase, PassphraseError>;
}

/// There is no passphrase, or none that will do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// Nobody was there to ask and no file was named.
    #[error("{} is encrypted and no passphrase was given", purpose)]
    Unavailable {
        /// For which key.
        purpose: KeyPurpose,
    },
    /// No characters.
    #[error("the passphrase is empty")]
    Empty,
    /// The first line of the file is empty.
    #[error("the first line of `{}` is empty, so it gives no passphrase", path.display())]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// More than anybody types.
    #[error("the passphrase has {length} bytes; at most {limit} are taken")]
    TooLong {
        /// Its length.
        length: usize,
        /// The most.
        limit: usize,
    },
    /// The file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Asking for it failed.
    #[error("could not ask for the passphrase of {purpose}")]
    Asking {
        /// For which key.
        purpose: KeyPurpose,
        /// What went wrong.
        source: std::io::Error,
    },
}

impl Passphrase {
    /// The most bytes it may have.
    pub const LONGEST: usize = 1024;

    /// Takes these bytes for a passphrase.
    ///
    /// # Errors
    ///
    /// When there are none, or more than [`Passphrase::LONGEST`].
    pub fn new(bytes: impl Into<Zeroizing<Vec<u8>>>) -> Result<Self, PassphraseError> {
        let bytes = bytes.into();
        match bytes.len() {
            0 => Err(PassphraseError::Empty),
            length if length > Self::LONGEST => Err(PassphraseError::TooLong { length, limit: Self::LONGEST }),
            _ => Ok(Self { bytes }),
        }
    }

    /// The first line of a file, without its end.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, others can read it too (a pipe or an inherited descriptor may be anybody's), or its first
    /// line is empty or too long.
    pub fn from_file(path: &Path) -> Result<Self, PassphraseError> {
        let content = read_secret(path, LONGEST_FILE)?;
        let line = content.split(|byte| *byte == b'\n').next();
        let line = line.unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return Err(PassphraseError::EmptyFile { path: path.to_owned() });
        }
        Self::new(line.to_vec())
    }

    /// The bytes, for a key derivation.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl PartialEq for Passphrase {
    fn eq(&self, other: &Self) -> bool {
        self.bytes.ct_eq(&other.bytes).into()
    }
}

impl Eq for Passphrase {}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(…)")
    }
}

/// A file may go on after the first line: with a comment, for example.
const LONGEST_FILE: usize = 4096;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    fn from_content(content: &[u8]) -> Result<Passphrase, PassphraseError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("passphrase");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        Passphrase::from_file(&path)
    }

    #[test]
    fn the_first_line_counts_and_its_end_does_not() {
        for content in [&b"open sesame"[..], b"open sesame\n", b"open sesame\r\nmore\n"] {
            assert_eq!(from_content(content).unwrap().as_bytes(), b"open sesame");
        }
        assert_eq!(from_content(b" a \n").unwrap().as_bytes(), b" a ");
    }

    #[test]
    fn an_empty_line_is_no_passphrase() {
        for content in [&b""[..], b"\n", b"\r\n", b"\nlater"] {
            let error = from_content(content).unwrap_err();
            assert!(matches!(error, PassphraseError::EmptyFile { .. }));
        }
        let long = from_content(&[b'x'; 1025]);
        assert!(matches!(long, Err(PassphraseError::TooLong { length: 1025, .. })));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("passphrase");
        fs::write(&path, b"secret").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let error = Passphrase::from_file(&path).unwrap_err();
        assert!(matches!(error, PassphraseError::File(FileError::Exposed { .. })));
    }

    #[test]
    fn nothing_shows_a_passphrase() {
        let passphrase = from_content(b"canary").unwrap();
        assert!(!format!("{passphrase:?}").contains("canary"));
        assert_eq!(passphrase, passphrase.clone());
        assert_ne!(passphrase, from_content(b"canarz").unwrap());
    }
}
