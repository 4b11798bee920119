//! `hubca restore`: a backup becomes a home again.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::{
    authority::SetRight,
    cli::{
        backup_passphrase::BackupPassphraseArguments,
        clock,
        context::Context,
        failure::Failure,
        forgotten::Forgotten,
        found_flaw::{FoundFlaw, KnownFlaw},
        page::{Page, Tone, counted},
        report::{Outcome, Report},
    },
    home::{Home, Restored, Tolerance},
    system::files::stamp,
};

/// Make a home of a backup
///
/// The home must not be there yet; --home says where it shall be. The backup is read to its end and looked at before anything
/// is there. Serial numbers and CRL numbers go on far above those of the backup, so that nothing issued after it is met again.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct RestoreArguments {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Take it though something in it is not as it was written, if its CAs and their keys are: all of that is listed, and written
    /// into the log. What was revoked stays revoked. Ends with exit code 3 then
    #[arg(long)]
    with_flaws: bool,
    #[command(flatten)]
    passphrase: BackupPassphraseArguments,
}

/// A home that was restored.
#[derive(Debug, Serialize)]
struct RestoreReport {
    home: PathBuf,
    ca: String,
    /// When the backup was made: what was done since is lost.
    made_at: String,
    /// The end of the log in the backup.
    audit: ToldHead,
    /// The octet that serial numbers begin with from now on, in hexadecimal digits.
    serial_epoch: String,
    missing: Missing,
    ok: bool,
    /// What is not as it was written.
    findings: Vec<FoundFlaw>,
    /// What was not when the home was restored before.
    known: Vec<KnownFlaw>,
    set_right: ToldSetRight,
}

/// What was set right of that, lest something wrong is signed.
#[derive(Debug, Serialize)]
struct ToldSetRight {
    revocations: usize,
    labels: usize,
    /// How many labels are brought as the log tells, and not as their rows said.
    destinations: usize,
    /// The labels that are brought nowhere from now on.
    forgotten: Vec<Forgotten>,
    devices: usize,
}

#[derive(Debug, Serialize)]
struct ToldHead {
    entries: i64,
    head: String,
}

/// What was not in the backup.
#[derive(Debug, Serialize)]
struct Missing {
    /// Where the keys of roots belong.
    root_keys: Vec<PathBuf>,
    /// Where the key belongs of the CA that issues.
    issuing_key: Option<PathBuf>,
    /// The labels that need new certificates, because their keys are gone.
    labels: Vec<String>,
}

/// Restores.
///
/// # Errors
/// There is a home, another passphrase, a backup that is not sound, or a disk that fails.
pub fn run(arguments: &RestoreArguments, context: &Context) -> Result<Outcome, Failure> {
    let layout = context.layout()?;
    let length = stamp(&arguments.file)?.length();
    Home::check_room_for_restore(&layout)?;
    let passphrase = arguments.passphrase.passphrase(context)?;
    let progress = context.progress("reading the backup", length);
    let mut watch = |bytes| progress.advance(bytes);
    let tolerance = if arguments.with_flaws { Tolerance::Flaws } else { Tolerance::Nothing };
    let restored = Home::restore(&layout, &arguments.file, &passphrase, tolerance, context.doors(), &mut watch)?;
    drop(progress);
    clock::note_behind(&restored.home, context)?;
    let Restored { home, manifest, serial_epoch, missing_root_keys, missing_issuing_key, .. } = restored;
    let ok = restored.flaws.is_empty();
    let report = RestoreReport {
        home: home.layout().directory().to_owned(),
        ca: manifest.ca,
        made_at: manifest.made_at,
        audit: ToldHead { entries: manifest.audit.entries, head: manifest.audit.head },
        serial_epoch: format!("{serial_epoch:02x}"),
        missing: Missing {
            root_keys: missing_root_keys,
            issuing_key: missing_issuing_key,
            labels: restored.labels_without_keys,
        },
        ok,
        findings: restored.flaws.into_iter().map(FoundFlaw::from).collect(),
        known: restored.known.into_iter().map(KnownFlaw::from).collect(),
        set_right: restored.set_right.into(),
    };
    Ok(if ok { Outcome::done(report) } else { Outcome::no(report) })
}

impl Report for RestoreReport {
    fn tell(&self, page: &mut Page) {
        for finding in &self.findings {
            page.marked(Tone::Bad, "not as it was written:", &finding.message);
        }
        self.known.iter().for_each(|known| known.tell(page));
        match self.ok {
            true => page.paragraph("", Tone::Good, &format!("the CA `{}` is here again:", self.ca)),
            false => {
                page.paragraph("", Tone::Caution, &format!("the CA `{}` is here again, with these flaws:", self.ca));
            }
        }
        page.command(&self.home.display().to_string());
        page.field("as of", &self.made_at);
        page.field("log", &format!("{} entries, and one that says that it was restored", self.audit.entries));
        page.field("serials", &format!("begin with {} from now on", self.serial_epoch));
        page.blank();
        if !self.ok {
            self.tell_flawed(page);
        }
        page.line("what is lost, and what to do:");
        page.paragraph(
            "  - ",
            Tone::Caution,
            "what was issued or revoked after the backup is unknown here: enter again what was issued since, as far as its \
             certificates are at hand, and revoke again what was revoked",
        );
        page.command(&page.hubca("adopt FILE…"));
        for path in &self.missing.root_keys {
            let text =
                format!("a root key was not in the backup: bring it from where it is kept to {}", path.display());
            page.paragraph("  - ", Tone::Caution, &text);
        }
        if let Some(path) = &self.missing.issuing_key {
            let text = format!(
                "the issuing key was not in the backup, and nothing can be issued: bring it from where it is to {}, or make \
                 another issuing CA: hubca rotate issuing",
                path.display()
            );
            page.paragraph("  - ", Tone::Caution, &text);
        }
        if let Some(first) = self.missing.labels.first() {
            let text = format!(
                "the keys of {} were not in the backup ({first}{}): each gets a new key and certificate",
                counted(self.missing.labels.len(), "label"),
                if self.missing.labels.len() > 1 { ", …" } else { "" }
            );
            page.paragraph("  - ", Tone::Caution, &text);
        }
        page.line("this makes the lists of what is revoked anew, and every certificate whose key is gone:");
        page.command(&page.hubca("renew"));
        page.line("and this lets the machine do so each day from now on:");
        page.command(&page.hubca("renew --install-timer"));
    }
}

impl RestoreReport {
    fn tell_flawed(&self, page: &mut Page) {
        let ToldSetRight { revocations, labels, destinations, ref forgotten, devices } = self.set_right;
        if revocations > 0 {
            let text = format!(
                "the log or a signed list says of {} that it is revoked, and the ledger did not: it is revoked again",
                counted(revocations, "certificate")
            );
            page.paragraph("  - ", Tone::Caution, &text);
        }
        if labels > 0 {
            let text = format!("{} stands again for what its newest certificate says", counted(labels, "label"));
            page.paragraph("  - ", Tone::Caution, &text);
        }
        if destinations > 0 {
            let text =
                format!("{} brought where the log tells, and not where its row said", are(destinations, "label"));
            page.paragraph("  - ", Tone::Caution, &text);
        }
        if devices > 0 {
            let text = format!("{} what the log tells, or forgotten if it tells nothing", are(devices, "device"));
            page.paragraph("  - ", Tone::Caution, &text);
        }
        forgotten.iter().for_each(|forgotten| forgotten.tell(page));
        page.line("what else is wrong stays so, and this goes on naming it, as known since today:");
        page.command(&page.hubca("audit verify"));
    }
}

fn are(number: usize, thing: &str) -> String {
    format!("{} {} again", counted(number, thing), if number == 1 { "is" } else { "are" })
}

impl From<SetRight> for ToldSetRight {
    fn from(set_right: SetRight) -> Self {
        let SetRight { revocations, labels, destinations, forgotten, devices } = set_right;
        Self {
            revocations,
            labels,
            destinations,
            forgotten: forgotten.into_iter().map(Forgotten::from).collect(),
            devices,
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca restore /media/stick/hub.tar.age
  hubca --home /srv/ca restore hub.tar.age --backup-passphrase-file words
  hubca restore newest.tar.age --with-flaws";
