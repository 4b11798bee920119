//! A private key in a file: 0600 at every moment, and never missing while its protection changes.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::{KeyError, KeyReadError};
use super::passphrase::{KeyPurpose, Passphrase, PassphraseSource};
use super::software::PrivateKey;
use crate::system::files::{directory, read_private, replace, write_new};
use crate::system::{FileMode, Random};
use crate::x509::SubjectPublicKeyInfo;

/// A file that holds a private key, or will.
#[derive(Clone, Debug)]
pub struct KeyFile {
    path: PathBuf,
    purpose: KeyPurpose,
}

/// How a key lies in its file.
#[derive(Clone, Copy, Debug)]
pub enum Protection<'a> {
    /// By the file's mode alone.
    FileMode,
    /// By a passphrase as well.
    Passphrase(&'a Passphrase),
}

impl KeyFile {
    /// The file at `path`; the purpose is what a passphrase is asked for.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, purpose: KeyPurpose) -> Self {
        Self { path: path.into(), purpose }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the key; asks `passphrases` only if it is encrypted.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, others can read it too, it holds no key we can use, or the passphrase is wrong.
    pub fn read(&self, passphrases: &dyn PassphraseSource) -> Result<PrivateKey, KeyError> {
        let text = self.text()?;
        PrivateKey::from_pem(&text, || passphrases.passphrase(&self.purpose)).map_err(|error| self.told(error))
    }

    /// Whether it takes a passphrase to read it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or holds no key.
    pub fn is_encrypted(&self) -> Result<bool, KeyError> {
        let text = self.text()?;
        PrivateKey::is_encrypted(&text).map_err(|error| self.told(error))
    }

    /// Writes a key where there is no file yet.
    ///
    /// # Errors
    ///
    /// When there is one, or it cannot be written.
    pub fn write_new(&self, key: &PrivateKey, protection: Protection<'_>, random: &dyn Random) -> Result<(), KeyError> {
        let text = self.encode(key, protection, random)?;
        Ok(write_new(&self.path, text.as_bytes(), FileMode::Secret)?)
    }

    /// What the file holds, or will: the key in PEM, encrypted or not.
    ///
    /// # Errors
    ///
    /// When there are no random bytes.
    pub fn encode(
        &self,
        key: &PrivateKey,
        protection: Protection<'_>,
        random: &dyn Random,
    ) -> Result<Zeroizing<String>, KeyError> {
        match protection {
            Protection::FileMode => key.to_pem(),
            Protection::Passphrase(passphrase) => key.to_encrypted_pem(passphrase, random).map(Zeroizing::new),
        }
    }

    /// Puts the key under a passphrase, or under another one, if it is the `expected` one.
    ///
    /// # Errors
    ///
    /// As [`KeyFile::read`], or when it is another key, or the file cannot be replaced; it is untouched then.
    pub fn protect(
        &self,
        expected: &SubjectPublicKeyInfo,
        passphrases: &dyn PassphraseSource,
        passphrase: &Passphrase,
        random: &dyn Random,
    ) -> Result<(), KeyError> {
        self.rewrite(expected, passphrases, Protection::Passphrase(passphrase), random)
    }

    /// Takes the passphrase off, if it is the `expected` key.
    ///
    /// # Errors
    ///
    /// As [`KeyFile::protect`].
    pub fn unprotect(
        &self,
        expected: &SubjectPublicKeyInfo,
        passphrases: &dyn PassphraseSource,
        random: &dyn Random,
    ) -> Result<(), KeyError> {
        self.rewrite(expected, passphrases, Protection::FileMode, random)
    }

    fn rewrite(
        &self,
        expected: &SubjectPublicKeyInfo,
        passphrases: &dyn PassphraseSource,
        protection: Protection<'_>,
        random: &dyn Random,
    ) -> Result<(), KeyError> {
        let key = self.read(passphrases)?;
        if key.public_key() != expected {
            return Err(KeyError::OtherKey { path: self.path.clone() });
        }
        let text = self.encode(&key, protection, random)?;
        // Where the key itself lies: a link in its place would leave it there as it was.
        Ok(replace(&directory::resolve(&self.path)?, text.as_bytes(), FileMode::Secret)?)
    }

    fn text(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        Ok(read_private(&self.path, LONGEST)?)
    }

    fn told(&self, error: KeyReadError) -> KeyError {
        let path = self.path.clone();
        match error {
            KeyReadError::WrongPassphrase => KeyError::WrongPassphrase { path },
            KeyReadError::Passphrase(error) => KeyError::Passphrase(error),
            source => KeyError::Unusable { path, source },
        }
    }
}

/// Room for the longest RSA key with certificates around it.
const LONGEST: usize = 64 * 1024;
