//! `hubca trust`: the root in the trust stores of this machine.

mod alone;
mod authorized;
mod changing;
mod checking;
mod chosen;
mod env;
mod planned;
mod reached;
mod report;
mod warning;

use clap::{Args, Subcommand};

use crate::{
    cli::{context::Context, failure::Failure, report::Outcome},
    trust::Direction,
};
use changing::ChangeArguments;
use checking::CheckArguments;
use env::EnvArguments;

/// Let this machine trust the root, or trust it no more
///
/// Each trust store of the machine is found and told before anything is done. Only the root is put there, never a key. What
/// takes root's rights is done through sudo, step by step, and nothing else is.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct TrustArguments {
    #[command(subcommand)]
    what: What,
}

/// What is done.
#[derive(Debug, Subcommand)]
#[command(subcommand_value_name = "WHAT", subcommand_help_heading = "What")]
enum What {
    /// Put the root into every trust store of this machine
    ///
    /// A store that fails is told, and the others are changed all the same. Done again it changes nothing. While one root
    /// follows another, both are put there.
    #[command(after_help = changing::INSTALL_EXAMPLES)]
    Install(ChangeArguments),
    /// Take the root out of every trust store of this machine
    #[command(after_help = changing::REMOVE_EXAMPLES)]
    Remove(ChangeArguments),
    /// Tell of every trust store whether the root is trusted there
    ///
    /// Ends with 3 where one of them does not trust it.
    #[command(after_help = checking::EXAMPLES)]
    Check(CheckArguments),
    /// Print what programs are told that ask no trust store
    ///
    /// Node.js, Python, git, curl, Docker and Podman have lists or settings of their own. Some lines add the root to what
    /// a program trusts, others replace all of it: each says which. The answer is a text for a shell, from which the
    /// lines are taken that are wanted.
    #[command(after_help = env::EXAMPLES)]
    Env(EnvArguments),
}

/// Changes or asks the trust stores of this machine.
///
/// # Errors
/// No root, or a home that fails; what fails in a store is part of the answer.
pub fn run(arguments: &TrustArguments, context: &Context) -> Result<Outcome, Failure> {
    match &arguments.what {
        What::Install(arguments) => changing::run(arguments, Direction::Install, context),
        What::Remove(arguments) => changing::run(arguments, Direction::Remove, context),
        What::Check(arguments) => checking::run(arguments, context),
        What::Env(arguments) => env::run(arguments, context),
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca trust install --dry-run    what would be written and run
  hubca trust install
  hubca trust check                does every program here trust it?
  hubca trust remove";
