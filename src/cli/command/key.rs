//! `hubca key`: a passphrase on one of the CA's keys, or none.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::{
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        page::Page,
        passphrases::{EmptyReply, Passphrases},
        report::{Outcome, Report},
        terminal::Person,
    },
    home::CaKey,
    keys::{KeyError, KeyFile, KeyPurpose, Passphrase, PassphraseError},
};

/// Put a passphrase on one of the CA's keys, or take it off
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct KeyArguments {
    #[command(subcommand)]
    action: KeyAction,
}

/// What to do with a key.
#[derive(Debug, Subcommand)]
#[command(subcommand_value_name = "COMMAND", subcommand_help_heading = "Commands")]
enum KeyAction {
    /// Encrypt a key under a passphrase, or change it
    ///
    /// The passphrase is asked for, or comes from --root-passphrase-file or --passphrase-file; those open the key where
    /// it is encrypted already, and --new-passphrase-file has the new one.
    #[command(after_help = PROTECT_EXAMPLES)]
    Protect {
        /// Which key
        #[arg(value_name = "KEY")]
        key: WhichKey,
        /// A file whose first line is the new passphrase
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Take the passphrase off a key: the mode of its file protects it then
    #[command(after_help = UNPROTECT_EXAMPLES)]
    Unprotect {
        /// Which key
        #[arg(value_name = "KEY")]
        key: WhichKey,
    },
}

/// Which of the CA's keys.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum WhichKey {
    /// The root's, needed to renew the CA only
    Root,
    /// The issuing CA's, needed every day
    Issuing,
}

/// How a key is protected now.
#[derive(Debug, Serialize)]
pub struct KeyReport {
    key: &'static str,
    protection: Protected,
    path: PathBuf,
}

/// What protects a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Protected {
    /// A passphrase.
    Passphrase,
    /// The mode of its file alone.
    FileMode,
}

/// Changes the protection of a key.
///
/// # Errors
/// A passphrase that is missing or wrong, or a home or file that fails.
pub fn run(arguments: &KeyArguments, context: &Context) -> Result<Outcome, Failure> {
    let home = context.open_home()?;
    let (key, protection) = match &arguments.action {
        KeyAction::Protect { key, .. } => (*key, Protected::Passphrase),
        KeyAction::Unprotect { key } => (*key, Protected::FileMode),
    };
    let passphrases = Passphrases::new(context);
    let file = match &arguments.action {
        KeyAction::Protect { new_passphrase_file, .. } => {
            let new = match new_passphrase_file {
                Some(path) => Passphrase::from_file(path)?,
                None => new_passphrase(context, key, Protected::of(&home.key_file(key.ca_key())?)?)?,
            };
            home.protect_key(key.ca_key(), &passphrases, &new)?
        }
        KeyAction::Unprotect { .. } => home.unprotect_key(key.ca_key(), &passphrases)?,
    };
    Ok(Outcome::done(KeyReport { key: key.name(), protection, path: file.path().to_owned() }))
}

/// The passphrase a key shall get, where no file has it: the key's own file does for a key that is open still.
fn new_passphrase(context: &Context, key: WhichKey, now: Protected) -> Result<Passphrase, Failure> {
    let passphrases = Passphrases::new(context);
    let purpose = key.purpose();
    if now == Protected::FileMode
        && let Some(passphrase) = passphrases.from_file(&purpose)?
    {
        return Ok(passphrase);
    }
    if context.person() == Person::Absent {
        let message = format!("there is no new passphrase for {purpose}");
        return Err(Failure::new(FailureKind::Passphrase, message)
            .hint("name a file whose first line it is: --new-passphrase-file FILE"));
    }
    passphrases.ask_new(&purpose, EmptyReply::IsNoReply)?.ok_or_else(|| {
        Failure::of(FailureKind::Passphrase, &PassphraseError::Empty)
            .hint(format!("to take a passphrase off: hubca key unprotect {}", key.name()))
    })
}

impl Protected {
    fn of(file: &KeyFile) -> Result<Self, KeyError> {
        Ok(if file.is_encrypted()? { Self::Passphrase } else { Self::FileMode })
    }
}

impl WhichKey {
    fn ca_key(self) -> CaKey {
        match self {
            Self::Root => CaKey::Root,
            Self::Issuing => CaKey::Issuing,
        }
    }

    fn purpose(self) -> KeyPurpose {
        match self {
            Self::Root => KeyPurpose::Root,
            Self::Issuing => KeyPurpose::Issuing,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Issuing => "issuing",
        }
    }
}

impl Report for KeyReport {
    fn tell(&self, page: &mut Page) {
        match self.protection {
            Protected::Passphrase => page.line(&format!("the {} key is encrypted under its passphrase:", self.key)),
            Protected::FileMode => {
                page.line(&format!("the {} key has no passphrase; the mode of its file protects it:", self.key));
            }
        }
        page.command(&self.path.display().to_string());
        if self.protection == Protected::Passphrase && self.key == "issuing" {
            page.line("issuing now needs --passphrase-file, $HUBCA_PASSPHRASE_FILE or somebody to type it");
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca key protect root
  hubca key unprotect issuing";
const PROTECT_EXAMPLES: &str = "\
Examples:
  hubca key protect root
  hubca key protect issuing --passphrase-file /run/secrets/hubca
  hubca key protect root --root-passphrase-file old --new-passphrase-file new";
const UNPROTECT_EXAMPLES: &str = "\
Examples:
  hubca key unprotect issuing --passphrase-file /run/secrets/hubca";
