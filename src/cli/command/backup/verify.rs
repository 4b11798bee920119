//! `hubca backup verify`: whether a backup can be restored.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::told::{ToldBackup, tell_flawed};
use crate::{
    cli::{
        backup_passphrase::BackupPassphraseArguments,
        context::Context,
        failure::Failure,
        found_flaw::{FoundFlaw, KnownFlaw},
        page::{Page, Tone},
        report::{Outcome, Report},
    },
    home::{BackupError, LookedAt, are_bearable, look_at_backup},
    system::files::stamp,
};

/// Check that a backup can be restored
///
/// It is read to its end: every file against its hash, the database, the chain of the log, the signature of every certificate,
/// and the keys of the CAs, of those under a passphrase only the form. Nothing of it stays on the disk, and no key of it ever gets
/// there. It needs no home. Ends with exit code 3 if the backup is not sound.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct VerifyArguments {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    passphrase: BackupPassphraseArguments,
}

/// What was found in a backup.
#[derive(Debug, Serialize)]
struct VerifiedBackup {
    ok: bool,
    /// None where it cannot be read.
    backup: Option<ToldBackup>,
    certificates: Option<u64>,
    #[serde(skip)]
    is_bearable: bool,
    findings: Vec<FoundFlaw>,
    /// What was not as it was written when the home was restored, and keeps no backup from being so.
    known: Vec<KnownFlaw>,
}

/// Looks at one.
///
/// # Errors
/// Another passphrase, or a file that cannot be read at all.
pub(super) fn run(arguments: &VerifyArguments, context: &Context) -> Result<Outcome, Failure> {
    let path = arguments.file.as_path();
    let length = stamp(path)?.length();
    let passphrase = arguments.passphrase.passphrase(context)?;
    let progress = context.progress("reading the backup", length);
    let looked_at = look_at_backup(path, &passphrase, context.doors(), &mut |bytes| progress.advance(bytes));
    drop(progress);
    let verified = match looked_at {
        Ok(LookedAt { manifest, examined, missing_issuing_key }) => VerifiedBackup {
            ok: examined.flaws.is_empty(),
            is_bearable: are_bearable(&examined.flaws),
            certificates: Some(examined.certificates),
            backup: Some(ToldBackup::of(path.to_owned(), manifest, missing_issuing_key)),
            findings: examined.flaws.into_iter().map(FoundFlaw::from).collect(),
            known: examined.known.into_iter().map(KnownFlaw::from).collect(),
        },
        Err(BackupError::Unsound { source, .. }) => VerifiedBackup {
            ok: false,
            is_bearable: false,
            backup: None,
            certificates: None,
            findings: vec![FoundFlaw::of_file("backup", path, source.to_string())],
            known: Vec::new(),
        },
        Err(error) => return Err(error.into()),
    };
    Ok(if verified.ok { Outcome::done(verified) } else { Outcome::no(verified) })
}

impl Report for VerifiedBackup {
    fn tell(&self, page: &mut Page) {
        for finding in &self.findings {
            page.marked(Tone::Bad, "not sound:", &finding.message);
        }
        self.known.iter().for_each(|known| known.tell(page));
        if let (Some(backup), Some(certificates)) = (&self.backup, self.certificates) {
            if self.ok {
                page.paragraph("", Tone::Good, "the backup is sound, and can be restored:");
            }
            page.command(&backup.path.display().to_string());
            backup.tell(page);
            page.field("certificates", &certificates.to_string());
        }
        if !self.ok {
            page.blank();
            match (&self.backup, self.is_bearable) {
                (Some(backup), true) => {
                    page.line("it is not restored as it is: keep an older one that is sound, and make another:");
                    page.command(&page.hubca("backup FILE"));
                    tell_flawed(page, &backup.path);
                }
                _ => {
                    page.line("it cannot be restored: keep an older one that is sound, and make another:");
                    page.command(&page.hubca("backup FILE"));
                }
            }
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca backup verify /media/stick/hub.tar.age
  hubca backup verify hub.tar.age --backup-passphrase-file words --json";
