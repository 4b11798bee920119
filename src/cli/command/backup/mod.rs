//! `hubca backup`: the home in one sealed file.

mod told;
mod verify;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    cli::{
        backup_passphrase::BackupPassphraseArguments,
        context::Context,
        delivery::{Existing, check_room_for_named_file},
        failure::Failure,
        numbers,
        page::{Page, Tone},
        report::{Outcome, Report},
    },
    home::{BackupWish, Home, Keys, Over},
};
use told::ToldBackup;
use verify::VerifyArguments;

/// Put the home into one sealed file
///
/// The file is an archive of tar under the seal of age, whose key is a passphrase: `age -d FILE | tar t` opens it as well.
/// In it are the ledger with its log, the settings, the CAs, their lists, and the issuing key as it lies in its file. The root
/// key and the keys of certificates are left out unless they are asked for. Others may work in the home meanwhile. The file
/// is written whole or not at all, and nobody else can read it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(subcommand_value_name = "COMMAND", subcommand_help_heading = "Commands")]
pub struct BackupArguments {
    #[command(subcommand)]
    command: Option<BackupCommand>,
    /// A file; or a directory, in which it is called by the CA and the time
    #[arg(value_name = "FILE|DIR", required = true)]
    to: Option<PathBuf>,
    /// Of a directory: how many backups of this CA stay in it; older ones are removed when the new one is safe
    #[arg(long, value_name = "N", value_parser = numbers::limit)]
    keep: Option<u32>,
    /// With the root key, as it lies in its file
    #[arg(long)]
    with_root_key: bool,
    /// With the keys of certificates, so that servers go on without new ones
    #[arg(long)]
    with_leaf_keys: bool,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    passphrase: BackupPassphraseArguments,
}

#[derive(Debug, Subcommand)]
enum BackupCommand {
    Verify(VerifyArguments),
}

/// A backup that was made.
#[derive(Debug, Serialize)]
struct BackupReport {
    #[serde(flatten)]
    backup: ToldBackup,
    /// Older ones that gave way.
    removed: Vec<PathBuf>,
}

/// Makes one, or does with one what is asked for.
///
/// # Errors
/// No passphrase, a file that is there, a disk that is full, or a home that fails.
pub fn run(arguments: &BackupArguments, context: &Context) -> Result<Outcome, Failure> {
    if let Some(BackupCommand::Verify(arguments)) = &arguments.command {
        return verify::run(arguments, context);
    }
    let Some(to) = arguments.to.as_deref() else { return Err(Failure::usage("`FILE` is missing")) };
    let is_directory = to.is_dir() || to.as_os_str().to_string_lossy().ends_with('/');
    if arguments.keep.is_some() && !is_directory {
        return Err(Failure::usage("`--keep` is about a directory, and the backup goes into a file")
            .hint(format!("name a directory that is there: mkdir -p {}", to.display())));
    }
    let home = context.open_home()?;
    let path = if is_directory { to.join(home.backup_name()?) } else { to.to_owned() };
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    check_room_for_named_file(&path, existing)?;
    let passphrase = arguments.passphrase.new_passphrase(context)?;
    let taken = |is_wanted: bool| if is_wanted { Keys::Take } else { Keys::Leave };
    let wish = BackupWish {
        passphrase: &passphrase,
        root_keys: taken(arguments.with_root_key),
        leaf_keys: taken(arguments.with_leaf_keys),
        over: if arguments.force { Over::Anything } else { Over::Nothing },
    };
    let progress = context.progress("writing the backup", home.backup_length()?);
    let backup = home.back_up(&path, wish, &mut |steps| progress.advance(steps))?;
    drop(progress);
    let removed = removed(&home, to, arguments.keep)?;
    Ok(Outcome::done(BackupReport { backup: backup.into(), removed }))
}

/// After the new one is safe.
fn removed(home: &Home, directory: &Path, keep: Option<u32>) -> Result<Vec<PathBuf>, Failure> {
    match keep {
        Some(keep) => Ok(home.remove_old_backups(directory, keep)?),
        None => Ok(Vec::new()),
    }
}

impl Report for BackupReport {
    fn tell(&self, page: &mut Page) {
        page.paragraph("", Tone::Good, "the backup is written:");
        page.command(&self.backup.path.display().to_string());
        self.backup.tell(page);
        for path in &self.removed {
            page.line(&format!("an older one was removed: {}", path.display()));
        }
        page.blank();
        page.line("keep it on another machine, and its passphrase elsewhere; see that it can be read:");
        page.command(&page.hubca(&format!("backup verify {}", self.backup.path.display())));
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca backup /media/stick/hub.tar.age
  hubca backup /srv/backup/ --keep 14 --backup-passphrase-file /root/words
  hubca backup safe.tar.age --with-root-key --with-leaf-keys
  hubca backup verify /media/stick/hub.tar.age";
