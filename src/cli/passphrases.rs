//! Where passphrases come from: a file that was named, a credential of systemd, or the person at the terminal.

use std::{cell::RefCell, io};

use super::{
    context::Context,
    failure::Failure,
    terminal::{Person, TerminalError},
};
use crate::keys::{KeyPurpose, Passphrase, PassphraseError, PassphraseSource};

/// The passphrases of a command line.
#[derive(Clone, Copy)]
pub struct Passphrases<'a> {
    context: &'a Context,
}

/// What an empty reply means where a new passphrase is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyReply {
    /// That there shall be none.
    MeansNone,
    /// Nothing: there has to be one.
    IsNoReply,
}

impl<'a> Passphrases<'a> {
    /// The passphrases of a context.
    pub fn new(context: &'a Context) -> Self {
        Self { context }
    }

    /// The passphrase in the file that was named for this key, if one was.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn from_file(&self, purpose: &KeyPurpose) -> Result<Option<Passphrase>, PassphraseError> {
        let file = match purpose {
            KeyPurpose::Root => self.context.root_passphrase_file().map(ToOwned::to_owned),
            KeyPurpose::Issuing => self.context.passphrase_file(),
            KeyPurpose::Backup | KeyPurpose::Other(_) => None,
        };
        file.map(|file| Passphrase::from_file(&file)).transpose()
    }

    /// Asks for a new passphrase, twice; `None` where the reply is empty.
    ///
    /// # Errors
    /// Nobody is there, or the answer is too long.
    pub fn ask_new(&self, purpose: &KeyPurpose, empty: EmptyReply) -> Result<Option<Passphrase>, Failure> {
        let question = match empty {
            EmptyReply::MeansNone => format!("a passphrase for {purpose} (empty: none)"),
            EmptyReply::IsNoReply => format!("a new passphrase for {purpose}"),
        };
        let answer = self.context.terminal().new_passphrase(&question)?;
        if answer.is_empty() {
            return Ok(None);
        }
        Ok(Some(Passphrase::new(answer.as_bytes().to_vec())?))
    }
}

/// The same passphrases, of which each is asked for once: what opens the old key may protect the new one as well.
pub struct Remembered<'a> {
    source: Passphrases<'a>,
    known: RefCell<Vec<(KeyPurpose, Passphrase)>>,
}

impl<'a> Remembered<'a> {
    /// What is asked for from now on is remembered as long as this lives.
    pub fn new(source: Passphrases<'a>) -> Self {
        Self { source, known: RefCell::default() }
    }
}

impl PassphraseSource for Remembered<'_> {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        let known = self.known.borrow().iter().find(|(known, _)| known == purpose).map(|(_, word)| word.clone());
        if let Some(passphrase) = known {
            return Ok(passphrase);
        }
        let passphrase = self.source.passphrase(purpose)?;
        self.known.borrow_mut().push((purpose.clone(), passphrase.clone()));
        Ok(passphrase)
    }
}

impl PassphraseSource for Passphrases<'_> {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        if let Some(passphrase) = self.from_file(purpose)? {
            return Ok(passphrase);
        }
        if self.context.person() == Person::Absent {
            return Err(PassphraseError::Unavailable { purpose: purpose.clone() });
        }
        match self.context.terminal().passphrase(&format!("the passphrase of {purpose}")) {
            Ok(answer) => Passphrase::new(answer.as_bytes().to_vec()),
            Err(TerminalError::Nobody) => Err(PassphraseError::Unavailable { purpose: purpose.clone() }),
            Err(error @ TerminalError::BrokenOff(_)) => {
                Err(PassphraseError::Asking { purpose: purpose.clone(), source: io::Error::other(error) })
            }
        }
    }
}
