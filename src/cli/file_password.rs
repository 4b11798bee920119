//! The password of a file that is handed out: the first line of a file that was named, or a new one that is shown once.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    context::Context,
    failure::{Failure, FailureKind},
    page::{Page, Tone},
    terminal::Person,
};
use crate::export::Password;

/// Where the password comes from; never an argument, which every user of the machine could read.
#[derive(Args, Clone, Debug)]
pub struct PasswordArguments {
    /// The file whose first line is the password; else one is made and shown once
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// A password, and whether a person has yet to see it.
#[derive(Debug)]
pub struct FilePassword {
    password: Password,
    origin: Origin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Chosen,
    Made,
}

impl PasswordArguments {
    /// The file that was named.
    pub fn file(&self) -> Option<&Path> {
        self.password_file.as_deref()
    }

    /// The password in that file, or a new one where somebody is there to read it.
    ///
    /// # Errors
    /// The file gives none, or no file is named and nobody would see a new one.
    pub fn password(&self, context: &Context) -> Result<FilePassword, Failure> {
        if let Some(path) = self.file() {
            let password = Password::from_file(path)?;
            if password.reveal().len() < SHORT {
                context.note("a password this short is guessed by a machine in days or less");
            }
            return Ok(FilePassword { password, origin: Origin::Chosen });
        }
        // `--yes` says that nobody is to be asked; a password is shown all the same.
        if context.terminal().person() == Person::Absent {
            return Err(Failure::new(FailureKind::Passphrase, "there is no terminal to show a new password on")
                .hint("name a file whose first line it is: --password-file FILE"));
        }
        Ok(FilePassword { password: Password::generate(&*context.doors().random)?, origin: Origin::Made })
    }
}

impl FilePassword {
    /// The password itself.
    pub fn password(&self) -> &Password {
        &self.password
    }

    /// Shows a password that was made, on the terminal's stderr: not in the answer, which may be kept in a file, and
    /// not the less where `--quiet` wants few words, for nobody could open the file without it.
    pub fn show_once(&self, context: &Context) {
        if self.origin == Origin::Chosen {
            return;
        }
        let mut page = Page::new(context.terminal().columns());
        page.marked(Tone::Caution, "password:", self.password.reveal());
        page.marked(Tone::Caution, "note:", "it is shown this once and kept nowhere: write it down");
        context.terminal().remark(page.as_str());
    }
}

/// Fewer letters than this, and the encryption of such files, made for readers that are twenty years old, is weak.
const SHORT: usize = 12;
