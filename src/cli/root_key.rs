//! The key of a root that gets its place: the options that say where it lies, and under which passphrase.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    context::Context,
    delivery::check_directory,
    failure::{Failure, FailureKind},
    passphrases::{EmptyReply, Passphrases},
    terminal::Person,
};
use crate::keys::{KeyPurpose, Passphrase};

/// The options that say how the key of a root lies in its file, and where.
#[derive(Args, Debug)]
pub struct RootKeyArguments {
    /// Put the root key into this directory instead of the home: a stick that is taken away
    #[arg(long, value_name = "DIR")]
    root_key_out: Option<PathBuf>,
    /// No passphrase on the root key
    #[arg(long)]
    no_passphrase: bool,
}

impl RootKeyArguments {
    /// The directory outside of the home, if one is named.
    ///
    /// # Errors
    /// It is not there, or cannot be written to.
    pub fn out(&self) -> Result<Option<&Path>, Failure> {
        self.root_key_out.as_deref().map(|out| check_directory(out).map(|()| out)).transpose()
    }

    /// Its passphrase: from the file that was named, or as a person says; none where there shall be none.
    ///
    /// # Errors
    /// Nobody says it, or the file cannot be used.
    pub fn passphrase(&self, context: &Context) -> Result<Option<Passphrase>, Failure> {
        let passphrases = Passphrases::new(context);
        match (self.no_passphrase, passphrases.from_file(&KeyPurpose::Root)?) {
            (true, Some(_)) => Err(Failure::usage("`--no-passphrase` and a root passphrase file do not go together")
                .hint("leave out one of them; the file may come from $HUBCA_ROOT_PASSPHRASE_FILE")),
            (true, None) => Ok(None),
            (false, Some(passphrase)) => Ok(Some(passphrase)),
            (false, None) if context.person() == Person::Present => {
                passphrases.ask_new(&KeyPurpose::Root, EmptyReply::MeansNone)
            }
            (false, None) => Err(Failure::new(FailureKind::Passphrase, "nobody said how to protect the root key")
                .hint("name a file whose first line is its passphrase: --root-passphrase-file FILE")
                .hint("or say that there shall be none: --no-passphrase")),
        }
    }
}
