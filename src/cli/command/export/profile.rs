//! The configuration profile for iPhones, iPads and Macs.

use clap::Args;

use super::{
    output::{Delivered, OutputArguments, anchor},
    report::ExportReport,
};
use crate::{
    cli::{context::Context, failure::Failure, report::Outcome},
    export::{Contents, Target},
};

#[derive(Args, Debug)]
pub(super) struct ProfileArguments {
    #[command(flatten)]
    output: OutputArguments,
    /// The issuing CA as well, for servers that do not send it
    #[arg(long)]
    with_issuing: bool,
}

pub(super) fn run(target: Target, arguments: &ProfileArguments, context: &Context) -> Result<Outcome, Failure> {
    let contents = if arguments.with_issuing { Contents::WithIssuing } else { Contents::RootOnly };
    let anchor = anchor(&context.open_home()?)?;
    Ok(match arguments.output.deliver(&target.artifacts(&anchor, contents)?, context)? {
        Delivered::Stdout(outcome) => outcome,
        Delivered::Files(files) => Outcome::done(ExportReport::new(target, &anchor, files)),
    })
}

pub(super) const EXAMPLES: &str = "\
Examples:
  hubca export ios                  home-hub.mobileconfig, for the iPad
  hubca export ios --out -";
