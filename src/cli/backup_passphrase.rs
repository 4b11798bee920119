//! The passphrase of a backup: the first line of a file, or what a person types; it opens nothing else.

use std::path::PathBuf;

use clap::Args;

use super::{
    context::Context,
    failure::{Failure, FailureKind},
    passphrases::{EmptyReply, Passphrases},
    terminal::Person,
};
use crate::keys::{KeyPurpose, Passphrase, PassphraseSource};

/// Where the passphrase comes from; never an argument, which every user of the machine could read.
#[derive(Args, Clone, Debug)]
pub struct BackupPassphraseArguments {
    /// The file whose first line opens the backup; else it is asked for
    #[arg(long, value_name = "FILE")]
    backup_passphrase_file: Option<PathBuf>,
}

impl BackupPassphraseArguments {
    /// The passphrase of a backup that is there.
    ///
    /// # Errors
    /// The file gives none, or nobody is there to ask.
    pub fn passphrase(&self, context: &Context) -> Result<Passphrase, Failure> {
        match &self.backup_passphrase_file {
            Some(path) => Ok(Passphrase::from_file(path)?),
            None if context.person() == Person::Absent => Err(nobody()),
            None => Ok(Passphrases::new(context).passphrase(&KeyPurpose::Backup)?),
        }
    }

    /// The passphrase of a new backup, which is asked for twice.
    ///
    /// # Errors
    /// The file gives none, nobody is there to ask, or the answer is empty.
    pub fn new_passphrase(&self, context: &Context) -> Result<Passphrase, Failure> {
        let passphrase = match &self.backup_passphrase_file {
            Some(path) => Passphrase::from_file(path)?,
            None if context.person() == Person::Absent => return Err(nobody()),
            None => {
                Passphrases::new(context).ask_new(&KeyPurpose::Backup, EmptyReply::IsNoReply)?.ok_or_else(|| {
                    Failure::new(
                        FailureKind::Passphrase,
                        "a backup without a passphrase would give the keys to anybody",
                    )
                    .hint("type one, and write it down where the backup is not")
                })?
            }
        };
        if passphrase.as_bytes().len() < SHORT {
            context.note("a passphrase this short is guessed by a machine in days or less: six random words are not");
        }
        Ok(passphrase)
    }
}

fn nobody() -> Failure {
    Failure::new(FailureKind::Passphrase, "there is no terminal to ask for the passphrase of the backup on")
        .hint("name a file whose first line it is: --backup-passphrase-file FILE")
}

/// Fewer letters than this, and trying them all is no long work.
const SHORT: usize = 12;
