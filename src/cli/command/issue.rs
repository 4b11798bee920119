//! `hubca issue`: a key and a certificate, kept in the home.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::{issue_batch, issue_dev};
use crate::{
    authority::{Destination, KeyPolicy, Lifetime, OnOtherNames},
    cli::{
        context::Context,
        delivery::{Existing, check_room_for_directory, check_room_for_file},
        destination::DestinationArguments,
        failure::Failure,
        following::{self, FollowArguments},
        issuance::{Defaults, Wish, issue, key_algorithm, label, waits_for_its_server},
        issued::{IssuedCertificate, IssuedFiles},
        names::NameArguments,
        numbers,
        page::Page,
        report::{Outcome, Report},
        server_preset::{self, ServerSteps},
    },
    home,
    preset::{Site, Target, preset},
    x509::KeyAlgorithm,
};

/// Make a key and a certificate for a server
///
/// Key and certificate are kept in the home, where live/LABEL always shows the newest. Issuing again under the same
/// label makes the next generation. The first name is the label unless one is given.
#[derive(Args, Debug)]
#[command(
    override_usage = "hubca issue <--ip ADDRESS|--dns NAME>… [OPTIONS]\n       hubca issue --for dev [OPTIONS]\n       hubca issue --batch FILE.csv [OPTIONS]",
    after_help = EXAMPLES
)]
pub struct IssueArguments {
    #[command(flatten)]
    names: NameArguments,
    /// Many at once, all or none: a CSV file with the header label,ip,dns,days,profile
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "ip", "dns", "label", "server", "out", "combined", "owner", "group", "mode", "hook", "hook_limit", "verify",
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
    #[command(flatten)]
    following: FollowArguments,
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
    copies: Option<IssuedFiles>,
    /// Where key, certificate and chain lie in one file.
    #[serde(skip_serializing_if = "Option::is_none")]
    combined: Option<PathBuf>,
    /// What a person does now, where the server is of a kind that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    preset: Option<ServerSteps>,
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
        if arguments.following.said().is_some() {
            return Err(Failure::usage("a batch is for many machines, and following an address is for this one alone")
                .hint(
                    "issue the batch, and say it of the label that is this machine's: hubca edit LABEL --follow-ip",
                ));
        }
        return issue_batch::run(file, &defaults(arguments), context);
    }
    if arguments.destination.server == Some(Target::Dev) {
        return throw_away(arguments, context);
    }
    let names = arguments.names.parse()?;
    let label = label(arguments.label.as_deref(), &names)?;
    let home = context.open_home()?;
    let intent = home.authority().intent(label.as_str())?;
    let known = intent.as_ref().map(|intent| intent.destination.clone());
    let mut steps = None;
    let wanted = arguments.destination.over(known.clone().unwrap_or_default(), |target, said| {
        let files = server_preset::files(target, label.as_str(), said, &home)?;
        let site = Site::of_names(label.as_str(), &names, files)?.at_port(home::port(said));
        let site = site.on_machine_with(following::addresses(context));
        let offered = preset(target, &site)?;
        steps = Some(ServerSteps::of(offered.clone(), label.as_str()));
        Ok(offered)
    })?;
    server_preset::make_place(&wanted, &home)?;
    check_room(&wanted, known.as_ref(), arguments.force)?;
    let destination = (!arguments.destination.is_empty()).then(|| wanted.clone());
    let waits = waits_for_its_server(intent.as_ref(), destination.as_ref());
    let wish = Wish { names, label, destination, defaults: defaults(arguments) };
    let issued = issue(&home, wish, context)?;
    let is_tried = !waits || (wanted.hook.is_none() && wanted.verify.is_empty());
    Ok(Outcome::done(IssueReport {
        certificate: (&issued).into(),
        copies: wanted.out.as_ref().map(|out| IssuedFiles::in_directory(Path::new(out))),
        combined: wanted.combined.map(PathBuf::from),
        preset: steps,
        untried: (!is_tried).then(|| issued.label.clone()).flatten(),
        now: context.now(),
    }))
}

/// One for a program that somebody is working at.
fn throw_away(arguments: &IssueArguments, context: &Context) -> Result<Outcome, Failure> {
    let said = &arguments.destination;
    let alone = DestinationArguments { server: said.server, out: said.out.clone(), ..DestinationArguments::default() };
    if *said != alone || arguments.reuse_key || arguments.following.said().is_some() {
        return Err(Failure::usage(
            "what is made for `dev` is thrown away: nothing is remembered of it, and it is not renewed",
        )
        .hint("give --ip, --dns, --out, --days, --key, --profile, --label and --force only; or leave out --for dev"));
    }
    let wanted = issue_dev::ThrowAway {
        names: &arguments.names,
        label: arguments.label.as_deref(),
        out: said.out.as_deref(),
        defaults: defaults(arguments),
        existing: if arguments.force { Existing::Replace } else { Existing::Keep },
    };
    let made = issue_dev::make(wanted, context)?;
    Ok(Outcome::done(IssueReport {
        certificate: (&made.issued).into(),
        copies: Some(made.files),
        combined: None,
        preset: Some(made.steps),
        untried: None,
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
            let copies = IssuedFiles::in_directory(directory);
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
        follow_ip: arguments.following.said(),
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
        if let Some(steps) = &self.preset {
            page.blank();
            steps.tell(page);
        }
        if let Some(label) = &self.untried {
            page.blank();
            let line = page.hubca(&format!("renew {label} --force"));
            page.line(&format!(
                "renewals bring it there and look whether it arrived; once the server runs, try it: {line}"
            ));
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca issue --ip 192.168.0.1
  hubca issue --ip 192.168.0.5 --dns hub.lan --follow-ip
  hubca issue --dns nas.lan --dns nas.local --ip 192.168.0.7
  hubca issue --dns '*.hub.lan' --label hub --out /etc/nginx/tls
  hubca issue --ip 192.168.0.1 --for jupyter
  hubca issue --for dev
  hubca issue --dns hub.lan --hook 'nginx -s reload' --verify hub.lan
  hubca issue --dns git.lan --combined /etc/haproxy/git.pem --group haproxy
  hubca issue --batch classroom.csv";
