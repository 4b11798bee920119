//! The keys of an old CA, opened with as few questions as can be.

use std::{cell::RefCell, path::Path};

use zeroize::Zeroizing;

use super::error::ImportError;
use crate::{
    keys::{KeyPurpose, KeyReadError, Passphrase, PassphraseError, PassphraseSource, PrivateKey},
    system::files::read_bounded,
};

/// Who opens keys, and what has opened one.
pub(super) struct Locks<'a> {
    source: &'a dyn PassphraseSource,
    known: RefCell<Vec<Passphrase>>,
}

impl<'a> Locks<'a> {
    pub(super) fn new(source: &'a dyn PassphraseSource) -> Self {
        Self { source, known: RefCell::default() }
    }

    /// The key of a CA; its passphrase is asked for where it has one.
    pub(super) fn open_of_ca(&self, path: &Path) -> Result<PrivateKey, ImportError> {
        // Others may read it, as it was: the old directory stays as it is, and is told of.
        let text = Zeroizing::new(read_bounded(path, MOST_BYTES)?);
        if let Ok(key) = self.open_if_known(&text, path) {
            return Ok(key);
        }
        let purpose = KeyPurpose::Other(path.to_owned());
        let opened = PrivateKey::from_pem(&text, || {
            let passphrase = self.source.passphrase(&purpose)?;
            self.known.borrow_mut().push(passphrase.clone());
            Ok(passphrase)
        });
        opened.map_err(|error| match error {
            KeyReadError::WrongPassphrase => ImportError::WrongPassphrase { path: path.to_owned() },
            KeyReadError::Passphrase(error) => ImportError::Passphrase(error),
            source => ImportError::Key { path: path.to_owned(), source },
        })
    }

    /// Any other key: open, or under a passphrase that opened another one.
    pub(super) fn open_if_known(&self, text: &[u8], path: &Path) -> Result<PrivateKey, KeyReadError> {
        let unavailable = || PassphraseError::Unavailable { purpose: KeyPurpose::Other(path.to_owned()) };
        if text.first() == Some(&SEQUENCE) {
            return PrivateKey::from_der(text);
        }
        let mut outcome = PrivateKey::from_pem(text, || Err(unavailable()));
        for passphrase in self.known.borrow().iter() {
            if !matches!(outcome, Err(KeyReadError::Passphrase(_) | KeyReadError::WrongPassphrase)) {
                break;
            }
            outcome = PrivateKey::from_pem(text, || Ok(passphrase.clone()));
        }
        outcome
    }
}

/// The first octet of a key in DER.
const SEQUENCE: u8 = 0x30;
/// Room for the longest key with certificates around it.
const MOST_BYTES: usize = 256 * 1024;
