//! What is seen of a CA's key by whoever does not have its passphrase.

use super::renewal::Nobody;
use crate::{
    keys::{KeyError, KeyFile, KeyPurpose, KeyReadError, PassphraseSource, PrivateKey},
    x509::SubjectPublicKeyInfo,
};

/// What is seen of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SeenKey {
    /// It is not there.
    Missing,
    /// It is open; this is its public half.
    Open(SubjectPublicKeyInfo),
    /// It is under a passphrase, in a form that is opened here.
    Closed,
    /// It cannot be read, or is none.
    Unusable,
}

impl SeenKey {
    /// What is seen of a key in a file.
    pub(super) fn in_file(file: &KeyFile) -> Self {
        match file.read(&Nobody) {
            Ok(key) => Self::Open(key.public_key().clone()),
            Err(KeyError::Passphrase(_)) => Self::Closed,
            Err(KeyError::File(error)) if error.is_missing() => Self::Missing,
            Err(_) => Self::Unusable,
        }
    }

    /// What is seen of a key in PEM that lies in no file.
    pub(super) fn in_text(text: &[u8]) -> Self {
        match PrivateKey::from_pem(text, || Nobody.passphrase(&KeyPurpose::Issuing)) {
            Ok(key) => Self::Open(key.public_key().clone()),
            Err(KeyReadError::Passphrase(_)) => Self::Closed,
            Err(_) => Self::Unusable,
        }
    }

    /// Whether it may be the private half of a key. One under a passphrase is not opened: that it is the right one is seen
    /// whenever it signs.
    pub(super) fn may_be_of(&self, public_key: &SubjectPublicKeyInfo) -> bool {
        match self {
            Self::Missing | Self::Closed => true,
            Self::Open(seen) => seen == public_key,
            Self::Unusable => false,
        }
    }
}
