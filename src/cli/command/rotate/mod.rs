//! `hubca rotate`: a further issuing CA, and one root after another.

mod issuing;
mod moving;
mod progress;
mod root;
mod step;

use clap::{Args, Subcommand};

use crate::cli::{context::Context, failure::Failure, report::Outcome};
use issuing::IssuingArguments;
use root::RootArguments;

/// Replace the CA that issues, or the root that devices trust
///
/// A further issuing CA below the same root needs nothing from devices. Another root does: it is changed in steps that can
/// be left and taken up again at any time, and at each of them servers are trusted by devices that have the old root, the
/// new one, or both.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct RotateArguments {
    #[command(subcommand)]
    what: What,
}

/// Which CA.
#[derive(Debug, Subcommand)]
#[command(subcommand_value_name = "WHAT", subcommand_help_heading = "What")]
enum What {
    /// A further issuing CA below the same root: it issues from now on
    ///
    /// What the one before it issued stays good until it ends; servers move over when they are renewed. Its key stays
    /// here, for its list of revoked certificates has to be made on.
    #[command(after_help = issuing::EXAMPLES)]
    Issuing(IssuingArguments),
    /// Another root, in steps: begin, cut-over, retire
    ///
    /// Without a step it tells how far the change has come and what comes next; on a terminal it asks whether to do that
    /// now.
    #[command(after_help = root::EXAMPLES)]
    Root(RootArguments),
}

/// Rotates a CA, or tells how far that has come.
///
/// # Errors
/// A step that cannot be taken now, a passphrase that is missing or wrong, or a home, key or file that fails.
pub fn run(arguments: &RotateArguments, context: &Context) -> Result<Outcome, Failure> {
    match &arguments.what {
        What::Issuing(arguments) => issuing::run(arguments, context),
        What::Root(arguments) => root::run(arguments, context),
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca rotate issuing            a further issuing CA
  hubca rotate root               how far a change of root has come
  hubca rotate root begin";
