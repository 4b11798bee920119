//! A private key in memory: PKCS#8 version 1, shown to nobody, wiped when dropped.

use std::fmt;

use der::pem::LineEnding;
use pkcs8::SecretDocument;
use zeroize::Zeroizing;

use super::encryption;
use super::error::{KeyError, KeyReadError};
use super::generate;
use super::passphrase::{KeyPurpose, Passphrase, PassphraseError};
use super::pem_block::{PemBlock, blocks};
use super::pkcs8_v1::{Pkcs8, from_pkcs1, from_pkcs8, from_sec1};
use super::signing_key::SigningKey;
use super::traditional;
use crate::system::Random;
use crate::x509::public_key::{KeyAlgorithm, SubjectPublicKeyInfo};

/// A private key of a kind we use: P-256, P-384 or RSA.
pub struct PrivateKey {
    pkcs8: Pkcs8,
    public_key: SubjectPublicKeyInfo,
}

impl PrivateKey {
    /// Makes a new one.
    ///
    /// # Errors
    ///
    /// When there are no random bytes.
    pub fn generate(algorithm: KeyAlgorithm, random: &dyn Random) -> Result<Self, KeyError> {
        let pkcs8 = generate::generate(algorithm, random)?;
        Self::new(pkcs8).map_err(|_| KeyError::Generate { algorithm })
    }

    /// Reads the first private key of a PEM text: PKCS#8, PKCS#1 or SEC1, the latter two encrypted as openssl once did it, too. Only
    /// for an encrypted one is `passphrase` asked, and only if its answer would be of use.
    ///
    /// Whether the key is strong is another question: [`SubjectPublicKeyInfo::check_strength`] of its public half.
    ///
    /// # Errors
    ///
    /// When there is no key, none that we can use, or the passphrase is wrong.
    pub fn from_pem(
        text: &[u8],
        passphrase: impl FnOnce() -> Result<Passphrase, PassphraseError>,
    ) -> Result<Self, KeyReadError> {
        let block = first_key(text)?;
        let label = block.label.as_str();
        let der = block.content.ok_or_else(|| KeyReadError::Malformed { label: label.to_owned() })?;
        if block.has_encryption_header {
            let old = traditional::Encryption::parse(block.dek_info.as_deref().unwrap_or_default())?;
            let opened = old.open(&der, &passphrase()?)?;
            return Self::new(sense_of(plain(&opened, label))?);
        }
        if label == ENCRYPTED {
            encryption::check(&der)?;
            let opened = encryption::open(&der, &passphrase()?)?;
            return Self::new(sense_of(from_pkcs8(&opened, label))?);
        }
        Self::new(plain(&der, label)?)
    }

    /// An open key in DER: PKCS#8 (RFC 5958), RFC 5915 or RFC 8017 A.1.2.
    ///
    /// # Errors
    ///
    /// When it is none that we can use.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyReadError> {
        let forms = [PLAIN, SEC1, PKCS1].into_iter();
        let read =
            forms.map(|label| plain(der, label)).find(|read| !matches!(read, Err(KeyReadError::Malformed { .. })));
        Self::new(read.ok_or_else(|| KeyReadError::Malformed { label: PLAIN.to_owned() })??)
    }

    /// Whether the first private key of a PEM text is open and belongs to a public one. As we write keys, that takes some
    /// microseconds.
    pub fn is_of(text: &[u8], public_key: &SubjectPublicKeyInfo) -> bool {
        let unavailable = || Err(PassphraseError::Unavailable { purpose: KeyPurpose::Issuing });
        let plain = first_key(text).ok().filter(|block| block.label == PLAIN && !block.has_encryption_header);
        let ours = plain.and_then(|block| SigningKey::from_pkcs8(&block.content?).ok());
        match ours {
            Some(key) => key.public_key() == public_key,
            None => Self::from_pem(text, unavailable).is_ok_and(|key| key.public_key() == public_key),
        }
    }

    /// Whether the first private key of a PEM text is encrypted, in a form we open or an old one.
    ///
    /// # Errors
    ///
    /// When there is no key in it.
    pub fn is_encrypted(text: &[u8]) -> Result<bool, KeyReadError> {
        let block = first_key(text)?;
        Ok(block.label == ENCRYPTED || block.has_encryption_header)
    }

    /// The key as `PRIVATE KEY`, open to whoever reads it.
    ///
    /// # Errors
    ///
    /// When it cannot be encoded.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        SecretDocument::try_from(self.pkcs8.as_slice())
            .and_then(|document| document.to_pem(PLAIN, LineEnding::LF))
            .map_err(|_| KeyError::Encode)
    }

    /// The key as `ENCRYPTED PRIVATE KEY` under a passphrase (PBKDF2-HMAC-SHA256 with 600,000 rounds, AES-256-CBC).
    ///
    /// # Errors
    ///
    /// When there are no random bytes.
    pub fn to_encrypted_pem(&self, passphrase: &Passphrase, random: &dyn Random) -> Result<String, KeyError> {
        let sealed = encryption::seal(&self.pkcs8, passphrase, random)?;
        der::pem::encode_string(ENCRYPTED, LineEnding::LF, &sealed).map_err(|_| KeyError::Encode)
    }

    /// The key as PKCS#8 in DER, for containers that hold it so.
    #[must_use]
    pub fn pkcs8_der(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &SubjectPublicKeyInfo {
        &self.public_key
    }

    /// Makes it ready to sign; this copy is wiped when dropped.
    ///
    /// # Errors
    ///
    /// When aws-lc does not take it, which it did when the key was read.
    pub fn to_signing_key(&self) -> Result<SigningKey, KeyReadError> {
        SigningKey::from_pkcs8(&self.pkcs8)
    }

    fn new(pkcs8: Pkcs8) -> Result<Self, KeyReadError> {
        let public_key = SigningKey::from_pkcs8(&pkcs8)?.public_key().clone();
        Ok(Self { pkcs8, public_key })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PrivateKey(of {:?})", self.public_key)
    }
}

/// A key in its DER, in the form that its label says.
fn plain(der: &[u8], label: &str) -> Result<Pkcs8, KeyReadError> {
    match label {
        PKCS1 => from_pkcs1(der, label),
        SEC1 => from_sec1(der, label),
        _ => from_pkcs8(der, label),
    }
}

/// One wrong passphrase in 256 leaves a padding that looks right, and garbage before it.
fn sense_of(opened: Result<Pkcs8, KeyReadError>) -> Result<Pkcs8, KeyReadError> {
    match opened {
        Err(KeyReadError::Malformed { .. }) => Err(KeyReadError::WrongPassphrase),
        result => result,
    }
}

fn first_key(text: &[u8]) -> Result<PemBlock, KeyReadError> {
    let mut found = Vec::new();
    for block in blocks(text) {
        if KEYS.contains(&block.label.as_str()) {
            return Ok(block);
        }
        found.push(format!("`{}`", block.label));
    }
    Err(KeyReadError::NoKey { found: (!found.is_empty()).then(|| found.join(", ")) })
}

const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
const PKCS1: &str = "RSA PRIVATE KEY";
const SEC1: &str = "EC PRIVATE KEY";
const KEYS: [&str; 4] = [PLAIN, ENCRYPTED, PKCS1, SEC1];
