//! What opens keys that come from elsewhere: the file that was named, or whoever is there.

use std::path::Path;

use super::{context::Context, passphrases::Passphrases};
use crate::keys::{KeyPurpose, Passphrase, PassphraseError, PassphraseSource};

/// What opens keys that come from elsewhere.
pub struct SourcePassphrases<'a> {
    file: Option<&'a Path>,
    person: Passphrases<'a>,
}

impl<'a> SourcePassphrases<'a> {
    /// The passphrase in a file, if one was named.
    pub fn new(file: Option<&'a Path>, context: &'a Context) -> Self {
        Self { file, person: Passphrases::new(context) }
    }
}

impl PassphraseSource for SourcePassphrases<'_> {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        match self.file {
            Some(file) => Passphrase::from_file(file),
            None => self.person.passphrase(purpose),
        }
    }
}
