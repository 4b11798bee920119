//! `hubca rotate root`: how far a change of root has come, and its steps.

use clap::{Args, Subcommand};

use super::{
    progress::Progress,
    step::{self, BeginArguments, CutOverArguments, RetireArguments, Step},
};
use crate::cli::{
    context::Context,
    failure::Failure,
    page::Page,
    report::{Outcome, Report},
    terminal::Person,
};

#[derive(Args, Debug)]
pub(super) struct RootArguments {
    #[command(subcommand)]
    step: Option<StepArguments>,
}

/// One step.
#[derive(Debug, Subcommand)]
#[command(subcommand_value_name = "STEP", subcommand_help_heading = "Steps")]
enum StepArguments {
    /// Make the new root beside the old one, which stays in force
    ///
    /// Each of the two is signed by the other as well, and servers send what leads to both. Files for devices carry both
    /// roots from now on. Both root keys are needed now, and neither later.
    #[command(after_help = BEGIN_EXAMPLES)]
    Begin(BeginArguments),
    /// Put the new root in force: what is issued from now on stands below it
    ///
    /// Servers move over when their certificates are renewed. Devices that have the old root only are served on.
    #[command(after_help = CUT_OVER_EXAMPLES)]
    CutOver(CutOverArguments),
    /// End the change: devices that have the old root only are served no more
    #[command(after_help = RETIRE_EXAMPLES)]
    Retire(RetireArguments),
    /// Give the change up, before it is cut over
    #[command(after_help = ABANDON_EXAMPLES)]
    Abandon,
}

pub(super) fn run(arguments: &RootArguments, context: &Context) -> Result<Outcome, Failure> {
    let step = match &arguments.step {
        Some(StepArguments::Begin(arguments)) => Step::Begin(arguments),
        Some(StepArguments::CutOver(arguments)) => Step::CutOver(arguments),
        Some(StepArguments::Retire(arguments)) => Step::Retire(arguments),
        Some(StepArguments::Abandon) => Step::Abandon,
        None => return tell(context),
    };
    step::run(step, context)
}

/// How far it has come; whoever sits at the terminal may go on from there.
fn tell(context: &Context) -> Result<Outcome, Failure> {
    let progress = Progress::of(&context.open_home()?, context.now())?;
    if context.is_json() || context.person() == Person::Absent {
        return Ok(Outcome::done(ProgressReport { progress }));
    }
    let mut page = Page::new(context.terminal().columns()).calling(context.invocation());
    progress.tell(&mut page);
    context.terminal().remark(page.as_str());
    let next = progress.state.next();
    if !context.terminal().confirm(&format!("do that now: {next}?"))? {
        return Ok(Outcome::told());
    }
    step::run(Step::next(progress.state), context)
}

/// How far a change of root has come.
#[derive(Debug, serde::Serialize)]
#[serde(transparent)]
struct ProgressReport {
    progress: Progress,
}

impl Report for ProgressReport {
    fn tell(&self, page: &mut Page) {
        self.progress.tell(page);
    }
}

pub(super) const EXAMPLES: &str = "\
Examples:
  hubca rotate root                 how far it has come, and what comes next
  hubca rotate root begin
  hubca rotate root cut-over        when devices have the new root
  hubca rotate root retire          when nobody needs the old one";

const BEGIN_EXAMPLES: &str = "\
Examples:
  hubca rotate root begin
  hubca rotate root begin --root-key-out /media/stick
  hubca rotate root begin --root-key /media/stick/root.key.pem";

const CUT_OVER_EXAMPLES: &str = "\
Examples:
  hubca rotate root cut-over
  hubca rotate root cut-over --now          and every server moves over at once";

const RETIRE_EXAMPLES: &str = "\
Examples:
  hubca rotate root retire
  hubca rotate root retire --force";

const ABANDON_EXAMPLES: &str = "\
Examples:
  hubca rotate root abandon";
