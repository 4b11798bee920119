//! `hubca backup`: the home in one sealed file.

mod told;
mod verify;

use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    cli::{
        backup_passphrase::BackupPassphraseArguments,
        context::Context,
        delivery::{Existing, check_room_for_named_file},
        failure::Failure,
        found_flaw::{FoundFlaw, KnownFlaw},
        numbers,
        page::{Page, Tone, counted},
        report::{Outcome, Report},
    },
    home::{BackupWish, Home, Keys, Over, WhyMissing, are_bearable},
    system::files::directory,
};
use told::{ToldBackup, tell_flawed};
use verify::VerifyArguments;

/// Put the home into one sealed file
///
/// The file is an archive of tar under the seal of age, whose key is a passphrase: `age -d FILE | tar t` opens it as well.
/// In it are the ledger with its log, the settings, the CAs, their lists, and the issuing key as it lies in its file. The root
/// key and the keys of certificates are left out unless they are asked for. Others may work in the home meanwhile. The file
/// is written whole or not at all, and nobody else can read it. It is looked at as `backup verify` does: one that is not sound,
/// or lacks the issuing key because the home has lost it, is written all the same, takes no older one away, and ends with exit
/// code 3.
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
    #[arg(long, value_name = "N", value_parser = numbers::kept)]
    keep: Option<NonZeroU32>,
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
    ok: bool,
    #[serde(skip)]
    worth: Worth,
    /// What is wrong with the home, and so with the backup.
    findings: Vec<FoundFlaw>,
    /// What was wrong already when the home was restored, and keeps no backup from being sound.
    known: Vec<KnownFlaw>,
}

/// What can be done with a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worth {
    /// It is restored as it is, though a key may be missing.
    Restorable,
    /// It is restored with what is wrong in it, where that is wanted.
    Bearable,
    /// It is not restored.
    Unsound,
    /// Nobody could look.
    Unseen,
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
    if to == Path::new("-") {
        return Err(
            Failure::usage("a backup goes into a file, not to standard output").hint("name a file, or a directory")
        );
    }
    let is_directory = to.is_dir() || to.as_os_str().to_string_lossy().ends_with('/');
    if arguments.keep.is_some() && !is_directory {
        return Err(Failure::usage("`--keep` is about a directory, and the backup goes into a file")
            .hint(format!("name a directory that is there: mkdir -p {}", to.display())));
    }
    let home = context.open_home_to_save()?;
    let name = home.backup_name()?;
    let path = if is_directory { to.join(&name) } else { to.to_owned() };
    refuse_home_itself(&home, &path)?;
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
    let older = arguments.keep.map(|keep| Ok::<_, Failure>((home.earlier_backups(to, &name)?, keep))).transpose()?;
    let progress = context.progress("writing the backup", home.backup_length()?);
    let backup = home.back_up(&path, wish, &mut |steps| progress.advance(steps))?;
    drop(progress);
    if !backup.is_noted {
        let text = match backup.is_sound() {
            true => {
                "the home takes no writes any more, so its log does not have this backup: restore it on another disk"
            }
            false => "the log of the home takes no entry any more, and does not have this backup",
        };
        context.note(text);
    }
    // After the new one is safe.
    let removed = match older {
        Some((earlier, keep)) => earlier.give_way(&backup, keep).map_err(|error| {
            Failure::from(error).hint(format!("the new backup is there all the same: {}", path.display()))
        })?,
        None => Vec::new(),
    };
    let ok = backup.is_sound();
    let worth = match backup.flaws.is_empty() {
        true => Worth::Restorable,
        false if backup.is_unseen() => Worth::Unseen,
        false if are_bearable(&backup.flaws) => Worth::Bearable,
        false => Worth::Unsound,
    };
    let known = backup.known.into_iter().map(KnownFlaw::from).collect();
    let mut findings: Vec<_> = backup.flaws.into_iter().map(FoundFlaw::from).collect();
    let lost = backup.missing_issuing_key.as_ref().filter(|missing| missing.why == WhyMissing::Lost);
    findings.extend(lost.map(FoundFlaw::of_lost_key));
    let backup = ToldBackup::of(backup.path, backup.manifest, backup.missing_issuing_key);
    let report = BackupReport { backup, removed, ok, worth, findings, known };
    Ok(if ok { Outcome::done(report) } else { Outcome::no(report) })
}

/// What is lost with the home is no backup of it.
fn refuse_home_itself(home: &Home, path: &Path) -> Result<(), Failure> {
    let place = path
        .parent()
        .and_then(|place| directory::resolve(if place == Path::new("") { Path::new(".") } else { place }).ok());
    let itself = directory::resolve(home.layout().directory())?;
    match place {
        Some(place) if place.starts_with(&itself) => {
            Err(Failure::usage(format!("`{}` lies in the home, and would be lost with it", path.display()))
                .hint("write it elsewhere, at best on another disk"))
        }
        _ => Ok(()),
    }
}

impl Report for BackupReport {
    fn tell(&self, page: &mut Page) {
        let mark = if self.worth == Worth::Unseen { "not looked at:" } else { "not sound:" };
        self.findings.iter().for_each(|finding| page.marked(Tone::Bad, mark, &finding.message));
        let written = match (self.ok, self.worth) {
            (true, _) => "the backup is written:",
            (false, Worth::Restorable) => {
                "the backup is written, but nothing can be issued with what is restored of it:"
            }
            (false, Worth::Unseen) => "the backup is written, and nobody knows whether it is sound:",
            (false, _) => "the backup is written, but it is not sound, and is not restored as it is:",
        };
        page.paragraph("", if self.ok { Tone::Good } else { Tone::Bad }, written);
        page.command(&self.backup.path.display().to_string());
        self.backup.tell(page);
        for path in &self.removed {
            page.line(&format!("an older one was removed: {}", path.display()));
        }
        if !self.known.is_empty() {
            let (number, are) = (counted(self.known.len(), "flaw"), if self.known.len() == 1 { "is" } else { "are" });
            page.line(&format!("{number} of the home {are} known since a restore, and in it too; this lists them:"));
            page.command(&page.hubca("audit verify"));
        }
        page.blank();
        if self.ok {
            page.line("keep it on another machine, and its passphrase elsewhere; see that it can be read:");
            page.command(&self.verification(page));
        } else {
            self.tell_unsound(page);
        }
    }
}

impl BackupReport {
    fn verification(&self, page: &Page) -> String {
        page.hubca(&format!("backup verify {}", self.backup.path.display()))
    }

    fn tell_unsound(&self, page: &mut Page) {
        let kept = "keep it, and the older ones as well: none was removed for it.";
        match self.worth {
            Worth::Restorable => {
                page.paragraph(
                    "",
                    Tone::Plain,
                    &format!("{kept} Bring the key back to its place, from an older backup or where else it is; or make another issuing CA:"),
                );
                page.command(&page.hubca("rotate issuing"));
            }
            Worth::Unseen => {
                page.line(&format!(
                    "{kept} This looks at it, with room in the directory for what is temporary (TMPDIR):"
                ));
                page.command(&self.verification(page));
            }
            Worth::Bearable | Worth::Unsound => {
                if self.worth == Worth::Bearable {
                    tell_flawed(page, &self.backup.path);
                    page.blank();
                }
                page.line(&format!("{kept} This tells what is wrong with the home:"));
                page.command(&page.hubca("audit verify"));
            }
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca backup /media/stick/hub.tar.age
  hubca backup /srv/backup/ --keep 14 --backup-passphrase-file /root/words
  hubca backup safe.tar.age --with-root-key --with-leaf-keys
  hubca backup verify /media/stick/hub.tar.age";
