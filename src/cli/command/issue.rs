//! `hubca issue`: a key and a certificate, kept in the home.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::issue_batch;
use crate::{
    authority::{Lifetime, OnOtherNames},
    cli::{
        context::Context,
        delivery::{Existing, check_room_for_directory, check_room_for_file, deliver, make_directory},
        failure::Failure,
        issuance::{Defaults, Wish, issue, key_algorithm, label},
        issued::{CertificateFiles, IssuedCertificate},
        names::NameArguments,
        numbers,
        page::Page,
        report::{Outcome, Report},
    },
    system::{DirectoryMode, FileMode, files::read_bounded},
    x509::KeyAlgorithm,
};

/// Make a key and a certificate for a server
///
/// Key and certificate are kept in the home, where live/LABEL always shows the newest. Issuing again under the same
/// label makes the next generation. The first name is the label unless one is given.
#[derive(Args, Debug)]
#[command(
    override_usage = "hubca issue <--ip ADDRESS|--dns NAME>… [OPTIONS]\n       hubca issue --batch FILE.csv [OPTIONS]",
    after_help = EXAMPLES
)]
pub struct IssueArguments {
    #[command(flatten)]
    names: NameArguments,
    /// Many at once, all or none: a CSV file with the header label,ip,dns,days,profile
    #[arg(long, value_name = "FILE", conflicts_with_all = ["ip", "dns", "label", "out"])]
    batch: Option<PathBuf>,
    /// What the certificate is for: `hubca profile list` shows the profiles
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// How many days it lives, at most 825
    #[arg(long, value_name = "N", value_parser = numbers::days)]
    days: Option<u32>,
    /// The algorithm of the key
    #[arg(long, value_name = "ALGORITHM", value_parser = key_algorithm())]
    key: Option<KeyAlgorithm>,
    /// Under which name the home keeps it
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// Copy the four files into this directory as well
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Let the label stand for other names, and write over files in --out
    #[arg(long)]
    force: bool,
}

/// A certificate that was issued.
#[derive(Debug, Serialize)]
pub struct IssueReport {
    #[serde(flatten)]
    certificate: IssuedCertificate,
    #[serde(skip_serializing_if = "Option::is_none")]
    copies: Option<CertificateFiles>,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// Issues one certificate, or a batch.
///
/// # Errors
/// What policy refuses, or a home, key or file that fails.
pub fn run(arguments: &IssueArguments, context: &Context) -> Result<Outcome, Failure> {
    if let Some(file) = &arguments.batch {
        return issue_batch::run(file, &defaults(arguments), context);
    }
    let names = arguments.names.parse()?;
    let label = label(arguments.label.as_deref(), &names)?;
    let home = context.open_home()?;
    let copies = arguments.out.as_deref().map(CertificateFiles::in_directory);
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    if let (Some(directory), Some(copies)) = (&arguments.out, &copies) {
        // A new key never has the bytes of an old one: all that is in the way is known before anything is issued.
        check_room_for_directory(directory)?;
        if directory.is_dir() {
            copies.paths().into_iter().try_for_each(|path| check_room_for_file(path, existing))?;
        }
    }
    let wish = Wish { names, label, defaults: defaults(arguments) };
    let issued = issue(&home, wish, context)?;
    if let (Some(directory), Some(copies), Some(files)) = (&arguments.out, &copies, &issued.files) {
        copy(&CertificateFiles::from(files.clone()), directory, copies, existing).map_err(|failure| {
            let place = files.fullchain.parent().unwrap_or(home.layout().directory()).display();
            failure
                .within(format!("the certificate {} is issued, but its files were not copied", issued.serial))
                .hint(format!("they are in {place}; copy them from there"))
        })?;
    }
    Ok(Outcome::done(IssueReport { certificate: (&issued).into(), copies, now: context.now() }))
}

fn defaults(arguments: &IssueArguments) -> Defaults {
    Defaults {
        profile: arguments.profile.clone(),
        lifetime: arguments.days.map_or(Lifetime::Default, Lifetime::Days),
        key: arguments.key,
        on_other_names: if arguments.force { OnOtherNames::Replace } else { OnOtherNames::Refuse },
    }
}

fn copy(from: &CertificateFiles, directory: &Path, to: &CertificateFiles, existing: Existing) -> Result<(), Failure> {
    make_directory(directory, DirectoryMode::Private)?;
    for (from, to) in from.paths().into_iter().zip(to.paths()) {
        let bytes = zeroize::Zeroizing::new(read_bounded(from, MOST_BYTES)?);
        deliver(to, &bytes, FileMode::Secret, existing)?;
    }
    Ok(())
}

impl Report for IssueReport {
    fn tell(&self, page: &mut Page) {
        page.heading("issued");
        self.certificate.tell(page, self.now);
        if let Some(files) = self.copies.as_ref().or(self.certificate.files.as_ref()) {
            page.blank();
            page.line("for the server:");
            page.command(&files.fullchain.display().to_string());
            page.command(&files.key.display().to_string());
        }
    }
}

/// More than a key or a chain of ours ever has.
const MOST_BYTES: usize = 1024 * 1024;

const EXAMPLES: &str = "\
Examples:
  hubca issue --ip 192.168.0.1
  hubca issue --dns nas.lan --dns nas.local --ip 192.168.0.7
  hubca issue --dns '*.hub.lan' --label hub --out /etc/nginx/tls
  hubca issue --batch classroom.csv";
