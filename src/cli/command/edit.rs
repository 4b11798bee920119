//! `hubca edit`: what is remembered of a lineage, changed.

use clap::Args;
use serde::Serialize;

use crate::{
    authority::{Destination, KeyPolicy, Label},
    cli::{
        context::Context,
        delivery::check_room_for_directory,
        destination::{DestinationArguments, IntentReport},
        failure::{Failure, FailureKind},
        following::{self, FollowArguments},
        issuance::{key_algorithm, lock_label},
        issued::OUTRUN,
        numbers,
        page::Page,
        report::{Outcome, Report},
        server_preset,
    },
    home::{self, Home},
    preset::{Preset, Site, Target, preset},
    system::LocalAddress,
    x509::{KeyAlgorithm, Validity},
};

/// Change how a certificate is renewed, and where it is brought
///
/// Nothing is issued, copied or run now: the next renewal does as is said here. `hubca show LABEL` tells what is
/// remembered.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EditArguments {
    /// Whose
    #[arg(value_name = "LABEL")]
    label: String,
    /// The profile of the next certificates
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// How many days they live, at most 825
    #[arg(long, value_name = "N", value_parser = numbers::days)]
    days: Option<u32>,
    /// As many days as the profile says
    #[arg(long, conflicts_with = "days")]
    no_days: bool,
    /// The algorithm of their keys
    #[arg(long, value_name = "ALGORITHM", value_parser = key_algorithm())]
    key: Option<KeyAlgorithm>,
    /// Let the key stay from one certificate to the next
    #[arg(long)]
    reuse_key: bool,
    /// Make a new key for each certificate
    #[arg(long, conflicts_with = "reuse_key")]
    no_reuse_key: bool,
    #[command(flatten)]
    following: FollowArguments,
    #[command(flatten)]
    destination: DestinationArguments,
    /// Let it be for no kind of server; where it is brought stays
    #[arg(long, conflicts_with = "server")]
    no_for: bool,
    /// Copy no files into a directory
    #[arg(long, conflicts_with = "out")]
    no_out: bool,
    /// Copy no combined file
    #[arg(long, conflicts_with = "combined")]
    no_combined: bool,
    /// Let the copies be the user's of this CA, for nobody else
    #[arg(long, conflicts_with_all = ["owner", "group", "mode"])]
    no_owner: bool,
    /// Run no command
    #[arg(long, conflicts_with_all = ["hook", "hook_limit"])]
    no_hook: bool,
    /// Look nowhere
    #[arg(long, conflicts_with = "verify")]
    no_verify: bool,
}

/// What was remembered, and what is now.
#[derive(Debug, Serialize)]
pub struct EditReport {
    label: String,
    before: IntentReport,
    after: IntentReport,
}

/// Changes what is remembered.
///
/// # Errors
/// No such lineage, what cannot be done, or a home or ledger that fails.
pub fn run(arguments: &EditArguments, context: &Context) -> Result<Outcome, Failure> {
    let home = context.open_home()?;
    let label = Label::parse(&arguments.label)?;
    // A renewal that is at work on it would put back what it read before.
    let _lock = lock_label(&home, &label, context)?;
    let before = home.authority().intent(label.as_str())?.ok_or_else(|| {
        Failure::new(FailureKind::NotFound, format!("there is no certificate `{label}` whose key is kept here"))
            .hint("`hubca list` shows the labels")
    })?;
    let here = following::here(context);
    let mut after = before.clone();
    if let Some(profile) = &arguments.profile {
        after.profile = home.profile(profile)?.name().to_owned();
    }
    if arguments.days == Some(0) {
        return Err(Failure::usage("a certificate of 0 days is never valid").hint("give 1 or more, or --no-days"));
    }
    if let Some(days) = arguments.days {
        let most = home.profile(&after.profile)?.most_days();
        if days > most {
            let message = format!("{days} days are more than the profile `{}` allows", after.profile);
            return Err(Failure::new(FailureKind::Refused, message).hint(format!("use --days {most} or less")));
        }
    }
    after.days = if arguments.no_days { None } else { arguments.days.or(after.days) };
    after.key = arguments.key.or(after.key);
    if arguments.reuse_key {
        after.key_policy = KeyPolicy::Same;
    }
    if arguments.no_reuse_key {
        after.key_policy = KeyPolicy::New;
    }
    if let Some(follow_ip) = arguments.following.said() {
        after.own = home.own_from_now_on(label.as_str(), &before.own, follow_ip, &here)?;
    }
    after.destination = arguments
        .destination
        .over(arguments.without(after.destination), |target, said| of_newest(target, &label, said, (&home, &here)))?;
    if arguments.days.and_then(|days| Validity::days_from(context.now(), days)).is_some_and(|life| life.outruns_a_day())
    {
        context.note(OUTRUN);
    }
    // What is taken back is not put in again by a preset.
    after.destination = arguments.without(after.destination);
    home.check_room_for_copies(label.as_str(), &before.destination, &after.destination)?;
    if before != after {
        server_preset::make_place(&after.destination, &home)?;
        home.authority().edit(&label, &after)?;
    }
    note_unreachable(&arguments.destination, &home, context);
    if arguments.following.follow_ip {
        following::note_moved_of(&home, label.as_str(), &here, context)?;
    }
    Ok(Outcome::done(EditReport { label: label.to_string(), before: before.into(), after: after.into() }))
}

/// Says where this user's renewals could not get to; for root no directory is closed, and others may yet be made.
fn note_unreachable(said: &DestinationArguments, home: &Home, context: &Context) {
    let rights = server_preset::rights(home);
    let Some(out) = said.out.as_deref().filter(|_| !rights.is_empty()) else { return };
    if let Err(failure) = check_room_for_directory(out) {
        let why = failure.causes().first().map_or(failure.message(), String::as_str);
        context.note(&format!("renewals by this user will not get there: {why}; {}", rights.join("; or, ")));
    }
}

/// The preset of a server for the names of a label's newest certificate.
fn of_newest(
    target: Target,
    label: &Label,
    said: &Destination,
    (home, here): (&Home, &[LocalAddress]),
) -> Result<Preset, Failure> {
    let files = server_preset::files(target, label.as_str(), said, home)?;
    let newest = server_preset::newest(home, label.as_str())?;
    let site = Site::new(label.as_str(), &newest, files)?.at_port(home::port(said));
    Ok(preset(target, &site.on_machine_with(here.iter().map(|here| here.address)))?)
}

impl EditArguments {
    /// What is left of a destination; without copies nobody owns them.
    fn without(&self, known: Destination) -> Destination {
        let mut left = known;
        if self.no_for {
            left.server = None;
        }
        if self.no_out {
            left.out = None;
        }
        if self.no_combined {
            left.combined = None;
        }
        let has_copies = left.has_copies() || self.destination.out.is_some() || self.destination.combined.is_some();
        if self.no_owner || !has_copies {
            (left.owner, left.group, left.mode) = (None, None, None);
        }
        if self.no_hook {
            (left.hook, left.hook_limit) = (None, None);
        }
        if self.no_verify {
            left.verify.clear();
        }
        left
    }
}

impl Report for EditReport {
    fn tell(&self, page: &mut Page) {
        if self.before == self.after {
            page.heading(&format!("{} stays as it was", self.label));
            self.after.tell(page);
            return;
        }
        page.heading(&format!("{} is renewed otherwise from now on", self.label));
        self.after.tell_changes(&self.before, page);
        page.blank();
        page.line(&format!("try it now: {}", page.hubca(&format!("renew {} --force", self.label))));
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca edit hub --out /etc/nginx/tls --hook 'nginx -s reload' --verify hub.lan
  hubca edit hub --group ssl-cert --mode 0640
  hubca edit hub --for nginx
  hubca edit hub --no-hook --days 90
  hubca edit hub --follow-ip";
