//! `hubca profile`: what certificates of a kind are like.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    cli::{
        context::Context,
        failure::Failure,
        page::{Page, counted},
        report::{Outcome, Report},
    },
    home::{Layout, find_profile, profile_names},
    profile::{BUILTIN_NAMES, KeyKind, Profile},
    x509::oid,
};

/// Show what certificates of a kind are like
///
/// A profile decides everything that a request does not choose: life, key usage, purpose. Five are built in; your own
/// lie as profiles/NAME.toml in the home.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ProfileArguments {
    #[command(subcommand)]
    action: ProfileAction,
}

/// What to show.
#[derive(Debug, Subcommand)]
#[command(subcommand_value_name = "COMMAND", subcommand_help_heading = "Commands")]
enum ProfileAction {
    /// All profiles
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// One profile
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// All profiles.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ProfileListReport {
    profiles: Vec<ProfileEntry>,
}

/// One profile in the list.
#[derive(Debug, Serialize)]
pub struct ProfileEntry {
    name: String,
    description: String,
    days: u32,
    builtin: bool,
}

/// One profile.
#[derive(Debug, Serialize)]
pub struct ProfileReport {
    #[serde(flatten)]
    entry: ProfileEntry,
    most_days: u32,
    backdate_hours: u32,
    key_usage: Vec<&'static str>,
    rsa_key_usage: Vec<&'static str>,
    extended_key_usage: Vec<String>,
    waived: Vec<WaivedRule>,
}

/// A rule that certificates of a profile need not keep.
#[derive(Debug, Serialize)]
pub struct WaivedRule {
    rule: &'static str,
    reason: String,
}

/// Shows profiles; without a home, the built-in ones.
///
/// # Errors
/// There is no such profile, or one cannot be read.
pub fn run(arguments: &ProfileArguments, context: &Context) -> Result<Outcome, Failure> {
    let layout = context.layout().ok();
    match &arguments.action {
        ProfileAction::List => list(layout.as_ref(), context),
        ProfileAction::Show { name } => Ok(Outcome::done(ProfileReport::of(&find_profile(layout.as_ref(), name)?))),
    }
}

/// One file that cannot be read does not hide the others.
fn list(layout: Option<&Layout>, context: &Context) -> Result<Outcome, Failure> {
    let mut profiles = Vec::new();
    for name in profile_names(layout)? {
        match find_profile(layout, &name) {
            Ok(profile) => profiles.push(ProfileEntry::of(&profile)),
            Err(error) => context.note(&format!("profiles/{name}.toml is left out: {error}")),
        }
    }
    Ok(Outcome::done(ProfileListReport { profiles }))
}

impl ProfileEntry {
    fn of(profile: &Profile) -> Self {
        Self {
            name: profile.name().to_owned(),
            description: profile.description().to_owned(),
            days: profile.days(),
            builtin: BUILTIN_NAMES.contains(&profile.name()),
        }
    }
}

impl ProfileReport {
    fn of(profile: &Profile) -> Self {
        let usage = |kind| profile.key_usage(kind).iter().map(|usage| usage.name()).collect();
        let purposes = profile.extended_key_usage().map(|usage| usage.purposes()).unwrap_or_default();
        Self {
            entry: ProfileEntry::of(profile),
            most_days: profile.most_days(),
            backdate_hours: profile.backdate_hours(),
            key_usage: usage(KeyKind::Ec),
            rsa_key_usage: usage(KeyKind::Rsa),
            extended_key_usage: purposes.iter().map(|purpose| oid::name(purpose).to_owned()).collect(),
            waived: profile
                .waived()
                .iter()
                .map(|waiver| WaivedRule { rule: waiver.rule.as_str(), reason: waiver.reason.clone() })
                .collect(),
        }
    }
}

impl Report for ProfileListReport {
    fn tell(&self, page: &mut Page) {
        let rows = self.profiles.iter().map(|profile| {
            let origin = if profile.builtin { "built in" } else { "your own" };
            [profile.name.clone(), profile.days.to_string(), origin.to_owned(), profile.description.clone()]
        });
        page.table(["name", "days", "from", "for"], 3, rows);
    }
}

impl Report for ProfileReport {
    fn tell(&self, page: &mut Page) {
        page.heading(&self.entry.name);
        page.field("for", &self.entry.description);
        page.field("life", &format!("{} days, at most {}", self.entry.days, self.most_days));
        page.field("backdated", &counted(usize::try_from(self.backdate_hours).unwrap_or(usize::MAX), "hour"));
        page.field("key usage", &self.key_usage.join(", "));
        if self.rsa_key_usage != self.key_usage {
            page.field("with RSA", &self.rsa_key_usage.join(", "));
        }
        if !self.extended_key_usage.is_empty() {
            page.field("purposes", &self.extended_key_usage.join(", "));
        }
        for waived in &self.waived {
            page.field("waives", &format!("{}: {}", waived.rule, waived.reason));
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca profile list
  hubca profile show server";
const LIST_EXAMPLES: &str = "\
Examples:
  hubca profile list
  hubca profile list --json";
const SHOW_EXAMPLES: &str = "\
Examples:
  hubca profile show server";
