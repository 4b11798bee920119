//! `hubca audit`: the log of all that was done, told, checked, and brought to another machine.

mod accept_clock;
mod entry;
mod export;
mod following;
mod verify;

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::Serialize;

use crate::{
    authority::{Act, AuditSelection},
    cli::{
        context::Context,
        failure::Failure,
        moment::Moment,
        numbers,
        page::Page,
        report::{Outcome, Report},
    },
};
use accept_clock::AcceptClockArguments;
use entry::ToldEntry;
use export::ExportArguments;
use verify::VerifyArguments;

/// Tell what was done, the newest last
///
/// Whatever changes this CA is an entry of its log, written in the same step. Each entry is bound to the one before it by a
/// hash, so that none can be changed, taken out or moved without being noticed; that the newest ones were cut off shows
/// against a hash that was kept elsewhere, as `hubca status` tells it and every backup has it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(subcommand_value_name = "COMMAND", subcommand_help_heading = "Commands")]
pub struct AuditArguments {
    #[command(subcommand)]
    command: Option<AuditCommand>,
    /// How many of the newest at most; 20 if nothing is said, and all with --since
    #[arg(long, value_name = "N", value_parser = numbers::limit)]
    last: Option<u32>,
    /// Only what was done from then on
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Moment>,
    /// Only what was of this kind
    #[arg(long, value_name = "ACT", value_parser = act(), hide_possible_values = true)]
    act: Option<Act>,
    /// Only what names this label
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// Only what names this serial number
    #[arg(long, value_name = "SERIAL", conflicts_with = "label")]
    serial: Option<String>,
    /// Go on, and tell each entry when it is written, until somebody stops it; with --json each is a document on a line
    #[arg(long)]
    follow: bool,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    Verify(VerifyArguments),
    Export(ExportArguments),
    AcceptClock(AcceptClockArguments),
}

/// A part of the log.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct AuditReport {
    entries: Vec<ToldEntry>,
    /// Whether there may be older ones that are not told.
    #[serde(skip)]
    is_cut: bool,
}

/// Tells the log, or does with it what is asked for.
///
/// # Errors
/// A home or ledger that fails; of a command below, what it says.
pub fn run(arguments: &AuditArguments, context: &Context) -> Result<Outcome, Failure> {
    match &arguments.command {
        Some(AuditCommand::Verify(arguments)) => return verify::run(arguments, context),
        Some(AuditCommand::Export(arguments)) => return export::run(arguments, context),
        Some(AuditCommand::AcceptClock(arguments)) => return accept_clock::run(arguments, context),
        None => {}
    }
    let home = context.open_home()?;
    let serial = arguments.serial.as_deref().map(|serial| serial.replace(':', "").to_lowercase());
    let selection = AuditSelection {
        since: arguments.since.map(Moment::instant),
        act: arguments.act,
        label: arguments.label.as_deref(),
        serial: serial.as_deref(),
    };
    let most = arguments.last.unwrap_or(if arguments.since.is_some() { u32::MAX } else { PAGE });
    let entries = home.authority().newest_audit_entries(selection, most)?;
    if arguments.follow {
        return following::follow(&home, selection, &entries, context);
    }
    let is_cut = arguments.last.is_none() && u32::try_from(entries.len()).is_ok_and(|number| number == most);
    Ok(Outcome::done(AuditReport { entries: entries.iter().map(ToldEntry::of).collect(), is_cut }))
}

impl Report for AuditReport {
    fn tell(&self, page: &mut Page) {
        if self.entries.is_empty() {
            page.line("nothing to tell");
            return;
        }
        let rows = self.entries.iter().map(ToldEntry::row);
        page.table(["", "when (UTC)", "what", "about"], 3, rows);
        if self.is_cut {
            page.blank();
            page.line("there may be older ones: give a --last N");
        }
    }
}

fn moment(text: &str) -> Result<Moment, &'static str> {
    Moment::parse(text).ok_or("a time is a date such as 2026-11-21, or like 2026-11-21T18:30:00Z")
}

fn act() -> impl TypedValueParser<Value = Act> {
    let words = Act::ALL.map(Act::as_str);
    PossibleValuesParser::new(words)
        .try_map(|word| Act::ALL.into_iter().find(|act| act.as_str() == word).ok_or("no act"))
}

/// How many are told where nobody says.
const PAGE: u32 = 20;

const EXAMPLES: &str = "\
Examples:
  hubca audit
  hubca audit --last 100 --act revoke
  hubca audit --label hub.lan --since 2026-11-01
  hubca audit --follow --json
  hubca audit verify";
