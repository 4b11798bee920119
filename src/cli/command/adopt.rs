//! `hubca adopt`: certificates that were issued after a backup come back into the ledger that was restored from it.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    authority::{AdoptError, Adoption, IssuerRole, KeyFate, RecordedName, SetAside},
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        inspection,
        issued::{IssuedFiles, names_in_words},
        moment::Moment,
        page::{Page, Tone},
        passphrases::Passphrases,
        report::{Outcome, Report},
        source_passphrases::SourcePassphrases,
    },
    home::{Home, LiveFiles},
    import::{FoundCertificate, Foundlings, Unread, Whereabouts},
    x509::Certificate,
};

/// Enter certificates that this CA issued and the ledger does not know
///
/// After a restore that is what was issued since the backup. Its CA has to have signed it. From then on it is listed, and can be
/// revoked. Where its key is found too, in the same file or beside it, both come under live/ and are renewed.
///
/// A CA that was made since (hubca rotate issuing) comes first: its certificate, with its key where there is one, or a whole home that
/// was saved. It has to be one that the root has signed.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct AdoptArguments {
    /// Certificates in PEM or DER, directories that are searched for them, or - for stdin
    #[arg(value_name = "FILE|DIR|-", required = true)]
    files: Vec<PathBuf>,
    /// The key of one of them, where it lies elsewhere; several times for several
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// A file whose first line opens the keys that are named
    #[arg(long, value_name = "FILE", requires = "key")]
    source_passphrase_file: Option<PathBuf>,
    /// Tell what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// What became of each certificate.
#[derive(Debug, Serialize)]
struct AdoptReport {
    dry_run: bool,
    certificates: Vec<AdoptEntry>,
    /// Whether the home came out of a backup.
    #[serde(skip)]
    was_restored: bool,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// What became of one certificate, or of a file in which none could be read.
#[derive(Debug, Serialize)]
struct AdoptEntry {
    path: PathBuf,
    outcome: AdoptOutcome,
    serial: Option<String>,
    sha256: Option<String>,
    /// Which of our CAs issued it.
    issuer: Option<String>,
    /// Which of our CAs it is from now on, where it is a CA's.
    ca: Option<AdoptedCa>,
    /// The label that it has from now on.
    label: Option<String>,
    names: Vec<RecordedName>,
    not_before: Option<Moment>,
    not_after: Option<Moment>,
    key: Option<KeyOutcome>,
    /// Why its key stays where it is.
    key_reason: Option<String>,
    /// Where its files are, where its key is kept.
    files: Option<IssuedFiles>,
    error: Option<Failure>,
}

/// A CA that is one of this home from now on.
#[derive(Debug, Serialize)]
struct AdoptedCa {
    path: String,
    /// Whether it issues from now on.
    issues: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum AdoptOutcome {
    /// It is entered.
    Adopted,
    /// It was known already.
    Known,
    /// It is not entered.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum KeyOutcome {
    /// It lies in the home, and is renewed from there.
    Kept,
    /// It was found, and stays where it is.
    Left,
    /// It was not found.
    Absent,
}

/// Enters certificates.
///
/// # Errors
/// The only one that was named cannot be entered, a key that belongs to none, or a home, file or ledger that fails.
pub fn run(arguments: &AdoptArguments, context: &Context) -> Result<Outcome, Failure> {
    let mut home = context.open_home()?;
    let passphrases = SourcePassphrases::new(arguments.source_passphrase_file.as_deref(), context);
    let mut foundlings = Foundlings::new(&passphrases);
    arguments.key.iter().try_for_each(|key| foundlings.take_key(key))?;
    let mut unread = Vec::new();
    for path in &arguments.files {
        if path.is_dir() {
            unread.extend(foundlings.search(path)?.iter().map(missed));
        } else if let Err(failure) = take(&mut foundlings, path, context) {
            unread.push(AdoptEntry::at(path).refused(failure));
        }
    }
    let found = foundlings.sorted()?;
    let certificates: Vec<_> = found.iter().map(|one| &one.foundling).collect();
    let outcomes = match arguments.dry_run {
        true => home.plan_adoption(&certificates)?,
        false => home.adopt(&certificates, &Passphrases::new(context))?,
    };
    let issuers = issuers(&found, &outcomes, &home);
    let is_known = |(_, outcome): &(_, &Result<Adoption, AdoptError>)| matches!(outcome, Ok(Adoption::Known));
    let known = found.iter().zip(&outcomes).filter(is_known);
    let known = known.map(|(one, _)| AdoptEntry { outcome: AdoptOutcome::Known, ..AdoptEntry::about(one, &issuers) });
    let known: Vec<_> = known.collect();
    let entry = |(one, outcome)| AdoptEntry::about(one, &issuers).became(one, outcome, &home);
    let mut entries: Vec<_> = found.iter().zip(outcomes).filter_map(entry).collect();
    entries.append(&mut unread);
    if entries.is_empty() {
        entries = known;
    }
    if entries.is_empty() {
        return Err(Failure::new(FailureKind::NotFound, "there is no certificate that this CA issued")
            .hint("`hubca inspect FILE` tells who issued one"));
    }
    if let [AdoptEntry { error: Some(only), .. }] = entries.as_slice() {
        return Err(only.clone());
    }
    let is_any_refused = entries.iter().any(|entry| entry.outcome == AdoptOutcome::Refused);
    let was_restored = home.authority().was_restored()?;
    let report = AdoptReport { dry_run: arguments.dry_run, certificates: entries, was_restored, now: context.now() };
    Ok(if is_any_refused { Outcome::with_code(report, 1) } else { Outcome::done(report) })
}

fn take(foundlings: &mut Foundlings<'_>, path: &Path, context: &Context) -> Result<(), Failure> {
    let content = Zeroizing::new(context.read(path, MOST_BYTES)?);
    foundlings.take_file(path, &content, inspection::certificates(&content)?);
    Ok(())
}

/// Our CAs, those that are or would be adopted among them, and what they are called.
fn issuers<'a>(
    found: &[FoundCertificate<'a>],
    outcomes: &[Result<Adoption, AdoptError>],
    home: &'a Home,
) -> Vec<(&'a Certificate, String)> {
    let known = home.authority().cas().iter().filter(|ca| ca.role() != IssuerRole::Cross);
    let known = known.map(|ca| (ca.certificate(), ca.path()));
    let entered = found.iter().zip(outcomes).filter_map(|(one, outcome)| match outcome {
        Ok(Adoption::Ca { ca, .. }) => Some((one.foundling.certificate, ca.clone())),
        _ => None,
    });
    known.chain(entered).collect()
}

/// What could not be read below a directory.
fn missed(unread: &Unread) -> AdoptEntry {
    AdoptEntry::at(&unread.path).refused(Failure::new(FailureKind::File, unread.reason.to_string()))
}

impl AdoptEntry {
    /// A file of which nothing is known.
    fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            outcome: AdoptOutcome::Refused,
            serial: None,
            sha256: None,
            issuer: None,
            ca: None,
            label: None,
            names: Vec::new(),
            not_before: None,
            not_after: None,
            key: None,
            key_reason: None,
            files: None,
            error: None,
        }
    }

    /// A certificate of which it is not known what becomes of it.
    fn about(found: &FoundCertificate<'_>, issuers: &[(&Certificate, String)]) -> Self {
        let certificate = found.foundling.certificate;
        let tbs = certificate.tbs();
        Self {
            issuer: issuers.iter().find(|(ca, _)| certificate.is_issued_by(ca)).map(|(_, path)| path.clone()),
            serial: Some(tbs.serial_digits()),
            sha256: Some(found.foundling.certificate.fingerprint()),
            names: found.foundling.names.clone(),
            not_before: Some(tbs.validity().not_before().into()),
            not_after: Some(tbs.validity().not_after().into()),
            ..Self::at(found.path)
        }
    }

    fn refused(self, failure: Failure) -> Self {
        let message = format!("cannot adopt `{}`", self.path.display());
        Self { outcome: AdoptOutcome::Refused, error: Some(failure.within(message)), ..self }
    }

    /// What became of a certificate. Nothing is told of what lies in a directory and is of another CA, or a CA's that is known or no
    /// concern of ours.
    fn became(self, found: &FoundCertificate<'_>, outcome: Result<Adoption, AdoptError>, home: &Home) -> Option<Self> {
        let is_searched = found.whereabouts == Whereabouts::Searched;
        let is_ca = found.foundling.certificate.tbs().is_ca();
        let entry = self;
        match outcome {
            Err(
                AdoptError::Own { .. }
                | AdoptError::OfCa { .. }
                | AdoptError::OfRoot { .. }
                | AdoptError::ByAnother { .. },
            ) if is_searched => None,
            Ok(Adoption::Known) if is_searched && is_ca => None,
            Err(error) => Some(entry.refused(error.into())),
            Ok(Adoption::Known) => Some(Self { outcome: AdoptOutcome::Known, ..entry }),
            Ok(Adoption::Ca { ca, set_aside }) => {
                let is_keyless = set_aside == Some(SetAside::Keyless);
                let locked = found.locked_beside.filter(|_| is_keyless);
                let locked =
                    locked.map(|path| format!("`{}` is under a passphrase: name it with --key", path.display()));
                let superseded = || (set_aside == Some(SetAside::Superseded)).then(|| NEWER.to_owned());
                Some(Self {
                    outcome: AdoptOutcome::Adopted,
                    ca: Some(AdoptedCa { path: ca, issues: set_aside.is_none() }),
                    key: Some(if is_keyless { KeyOutcome::Absent } else { KeyOutcome::Kept }),
                    key_reason: locked.or_else(superseded),
                    ..entry
                })
            }
            Ok(Adoption::Entered { label, key }) => {
                let live = label.as_ref().filter(|_| key == KeyFate::Kept);
                Some(Self {
                    outcome: AdoptOutcome::Adopted,
                    files: live.map(|label| LiveFiles::of(home.layout(), label.as_str()).into()),
                    label: label.map(|label| label.to_string()),
                    key: Some(KeyOutcome::from(&key)),
                    key_reason: if let KeyFate::Left(why) = key { Some(why.to_string()) } else { None },
                    ..entry
                })
            }
        }
    }

    fn tell(&self, page: &mut Page, report: &AdoptReport) {
        if let Some(error) = &self.error {
            error.tell(page);
            return;
        }
        page.heading(match (self.outcome, report.dry_run) {
            (AdoptOutcome::Adopted, false) => "adopted",
            (AdoptOutcome::Adopted, true) => "would be adopted",
            _ => "known already",
        });
        page.field("file", &self.path.display().to_string());
        if !self.names.is_empty() {
            page.field("names", &names_in_words(&self.names));
        }
        if let Some(ca) = &self.ca {
            page.field("CA", &ca.path);
        }
        if let Some(label) = &self.label {
            page.field("label", label);
        }
        if let Some(end) = self.not_after {
            page.field("valid", &format!("until {}", end.told(report.now)));
        }
        page.field("issuer", self.issuer.as_deref().unwrap_or_default());
        page.field("serial", self.serial.as_deref().unwrap_or_default());
        if let Some(ca) = &self.ca {
            self.tell_ca_key(ca, page);
            return;
        }
        match (self.key, &self.key_reason) {
            (Some(KeyOutcome::Kept), _) => page.field("key", "kept here, and renewed from now on"),
            (Some(KeyOutcome::Absent), _) => page.field("key", "not found: it can be revoked, and is not renewed"),
            (Some(KeyOutcome::Left), Some(why)) => {
                page.toned_field(Tone::Caution, "key", &format!("stays where it is: {why}"));
            }
            _ => {}
        }
        if let Some(files) = self.files.as_ref().filter(|_| !report.dry_run) {
            page.command(&files.fullchain.display().to_string());
        }
    }
}

impl AdoptEntry {
    fn tell_ca_key(&self, ca: &AdoptedCa, page: &mut Page) {
        match (self.key, &self.key_reason) {
            (Some(KeyOutcome::Kept), None) => page.field("key", "kept here: it issues from now on"),
            (Some(KeyOutcome::Kept), Some(why)) => page.field("key", &format!("kept here, for its CRLs: {why}")),
            (_, why) => {
                let told = format!("not found: {} issues nothing, and no CRL of it can be made", ca.path);
                page.toned_field(Tone::Caution, "key", &told);
                if let Some(why) = why {
                    page.field("", why);
                }
            }
        }
    }
}

impl From<&KeyFate> for KeyOutcome {
    fn from(fate: &KeyFate) -> Self {
        match fate {
            KeyFate::Absent => Self::Absent,
            KeyFate::Kept => Self::Kept,
            KeyFate::Left(_) => Self::Left,
        }
    }
}

impl Report for AdoptReport {
    fn tell(&self, page: &mut Page) {
        for (place, entry) in self.certificates.iter().enumerate() {
            if place > 0 {
                page.blank();
            }
            entry.tell(page, self);
        }
        let adopted = || self.certificates.iter().filter(|entry| entry.outcome == AdoptOutcome::Adopted);
        if adopted().next().is_none() {
            return;
        }
        if self.dry_run {
            page.blank();
            page.line("nothing was done; without --dry-run it is");
            return;
        }
        let is_keyless = |entry: &&AdoptEntry| entry.key == Some(KeyOutcome::Absent);
        for ca in adopted().filter(is_keyless).filter_map(|entry| entry.ca.as_ref()) {
            page.blank();
            page.line(&format!(
                "bring the key of {} by the same command; or, if it is lost, let its servers move over:",
                ca.path
            ));
            page.command(&page.hubca(&format!("revoke {} --reason superseded", ca.path)));
            page.command(&page.hubca("renew"));
        }
        if self.was_restored {
            page.blank();
            page.line("if one of them was revoked since the backup, this home does not know it: revoke it again");
            page.command(&page.hubca("revoke SERIAL"));
        }
    }
}

/// Room for many certificates in one file.
const MOST_BYTES: usize = 1024 * 1024;

/// Why a CA whose key is kept does not issue.
const NEWER: &str = "one that was made after it issues";

const EXAMPLES: &str = "\
Examples:
  hubca adopt nas.crt                   listed and revocable from now on
  hubca adopt chain.pem --key nas.key   and renewed
  hubca adopt saved --dry-run           a home that was saved, and only told of
  hubca adopt saved/issuing/2 nas.crt   a CA made since, and what it issued
  ssh nas cat /etc/ssl/nas.pem | hubca adopt -";
