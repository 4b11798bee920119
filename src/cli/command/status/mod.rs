//! `hubca status`: everything that needs a person, for people, for programs, for Prometheus and for a calendar.

mod calendar;
mod prometheus;
mod report;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::Args;

use crate::{
    cli::{context::Context, failure::Failure, following, numbers, report::Outcome},
    home::SurveyOptions,
    system::{FileMode, files},
};
use report::StatusReport;

/// Tell what needs a person, worst first
///
/// Certificates, CAs and CRLs that end, renewals that failed, servers that show something else, devices that have not
/// followed a change of root, and how keys and backups are kept. Ends with exit code 3 if anything is due; a notice alone
/// is no reason for that.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct StatusArguments {
    /// Certificates that end within so many days need a person as well
    #[arg(long, value_name = "DAYS", value_parser = numbers::days)]
    within: Option<u32>,
    /// Do not look at the servers
    #[arg(long)]
    offline: bool,
    /// Answer with metrics in the text format of Prometheus; the exit code is 0 whatever they say
    #[arg(long, conflicts_with = "ics")]
    prometheus: bool,
    /// Answer with a calendar of what ends when (RFC 5545); the exit code is 0
    #[arg(long)]
    ics: bool,
    /// Write the metrics or the calendar to a file, whole, over an earlier one
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Tells what needs a person.
///
/// # Errors
/// A home or ledger that fails, or a file that cannot be written.
pub fn run(arguments: &StatusArguments, context: &Context) -> Result<Outcome, Failure> {
    let is_document = arguments.prometheus || arguments.ics;
    if is_document && context.is_json() {
        return Err(Failure::usage("`--json` does not go together with `--prometheus` or `--ics`")
            .hint("leave out one of them"));
    }
    if arguments.out.is_some() && !is_document {
        return Err(Failure::usage("`--out` is for metrics or a calendar").hint("add --prometheus or --ics"));
    }
    let home = context.open_home()?;
    let network = (!arguments.offline).then(|| context.network());
    let here = following::here(context);
    let survey = home.survey(SurveyOptions { within: arguments.within, network, here: &here })?;
    let document = match (arguments.prometheus, arguments.ics) {
        (true, _) => prometheus::metrics(&survey),
        (_, true) => calendar::calendar(&survey, home.authority().name(), &home.root()?.certificate().fingerprint()),
        _ => {
            let report = StatusReport::new(survey, &context.invocation(), context.glyphs());
            return Ok(if report.is_ok() { Outcome::done(report) } else { Outcome::no(report) });
        }
    };
    match &arguments.out {
        None => Ok(Outcome::bytes(document.into_bytes())),
        Some(path) => {
            files::replace(path, document.as_bytes(), FileMode::Public)?;
            Ok(Outcome::told())
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca status
  hubca status --within 60
  hubca status --offline --json
  hubca status --prometheus --out /var/lib/node_exporter/hubca.prom
  hubca status --ics --out ~/hubca.ics";
