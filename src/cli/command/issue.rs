//! `hubca issue`: a key and a certificate, kept in the home.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::issue_batch;
use crate::{
    authority::{Destination, KeyPolicy, Lifetime, OnOtherNames},
    cli::{
        context::Context,
        delivery::{Existing, check_room_for_directory, check_room_for_file},
        destination::DestinationArguments,
        failure::Failure,
        issuance::{Defaults, Wish, issue, key_algorithm, label},
        issued::{CertificateFiles, IssuedCertificate},
        names::NameArguments,
        numbers,
        page::Page,
        report::{Outcome, Report},
    },
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
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "ip", "dns", "label", "out", "combined", "owner", "group", "mode", "hook", "hook_limit", "verify",
    ])]
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
    /// Let renewals keep the key
    #[arg(long)]
    reuse_key: bool,
    /// Let the label stand for other names, and write over files where the copies go
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    destination: DestinationArguments,
}

/// A certificate that was issued.
#[derive(Debug, Serialize)]
pub struct IssueReport {
    #[serde(flatten)]
    certificate: IssuedCertificate,
    #[serde(skip_serializing_if = "Option::is_none")]
    copies: Option<CertificateFiles>,
    /// Where key, certificate and chain lie in one file.
    #[serde(skip_serializing_if = "Option::is_none")]
    combined: Option<PathBuf>,
    /// The label, where a hook or an address was named and nobody has tried it.
    #[serde(skip)]
    untried: Option<String>,
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
    let known = home.authority().intent(label.as_str())?.map(|intent| intent.destination);
    let wanted = arguments.destination.over(known.clone().unwrap_or_default())?;
    check_room(&wanted, known.as_ref(), arguments.force)?;
    let destination = (!arguments.destination.is_empty()).then(|| wanted.clone());
    let is_first = known.is_none();
    let wish = Wish { names, label, destination, defaults: defaults(arguments) };
    let issued = issue(&home, wish, context)?;
    let is_tried = !is_first || (wanted.hook.is_none() && wanted.verify.is_empty());
    Ok(Outcome::done(IssueReport {
        certificate: (&issued).into(),
        copies: wanted.out.as_ref().map(|out| CertificateFiles::in_directory(Path::new(out))),
        combined: wanted.combined.map(PathBuf::from),
        untried: (!is_tried).then(|| issued.label.clone()).flatten(),
        now: context.now(),
    }))
}

/// Refuses copies that are in the way of something else, before anything is issued; those of before are ours.
fn check_room(wanted: &Destination, known: Option<&Destination>, force: bool) -> Result<(), Failure> {
    let existing = |was: Option<&String>, is: &String| {
        if force || was == Some(is) { Existing::Replace } else { Existing::Keep }
    };
    if let Some(out) = &wanted.out {
        let existing = existing(known.and_then(|known| known.out.as_ref()), out);
        let directory = Path::new(out);
        // A new key never has the bytes of an old one: all that is in the way is known before anything is issued.
        check_room_for_directory(directory)?;
        if directory.is_dir() {
            let copies = CertificateFiles::in_directory(directory);
            copies.paths().into_iter().try_for_each(|path| check_room_for_file(path, existing))?;
        }
    }
    if let Some(combined) = &wanted.combined {
        let existing = existing(known.and_then(|known| known.combined.as_ref()), combined);
        check_room_for_file(Path::new(combined), existing)?;
    }
    Ok(())
}

fn defaults(arguments: &IssueArguments) -> Defaults {
    Defaults {
        profile: arguments.profile.clone(),
        lifetime: arguments.days.map_or(Lifetime::Default, Lifetime::Days),
        key: arguments.key,
        key_policy: arguments.reuse_key.then_some(KeyPolicy::Same),
        on_other_names: if arguments.force { OnOtherNames::Replace } else { OnOtherNames::Refuse },
    }
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
        if let Some(combined) = &self.combined {
            page.command(&combined.display().to_string());
        }
        if let Some(label) = &self.untried {
            page.blank();
            let line = page.hubca(&format!("renew {label} --force"));
            page.line(&format!("the hook is run and the server looked at by renewals; try it now: {line}"));
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca issue --ip 192.168.0.1
  hubca issue --dns nas.lan --dns nas.local --ip 192.168.0.7
  hubca issue --dns '*.hub.lan' --label hub --out /etc/nginx/tls
  hubca issue --dns hub.lan --hook 'nginx -s reload' --verify hub.lan
  hubca issue --dns git.lan --combined /etc/haproxy/git.pem --group haproxy
  hubca issue --batch classroom.csv";
