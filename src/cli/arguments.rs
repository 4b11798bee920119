//! The command line: its global options and its commands.

use clap::{Parser, Subcommand};

use super::{
    command::{
        check::CheckArguments, completions::CompletionsArguments, export::ExportArguments, init::InitArguments,
        inspect::InspectArguments, issue::IssueArguments, key::KeyArguments, list::ListArguments, man::ManArguments,
        profile::ProfileArguments, quickstart::QuickstartArguments, show::ShowArguments, sign::SignArguments,
    },
    global::GlobalArguments,
};

/// A private CA for your own network
///
/// One command makes a CA, a certificate for your server, and a profile for the iPad. The CA can vouch for private
/// names and addresses only, so that a device which trusts it trusts your network and nothing else.
#[derive(Debug, Parser)]
#[command(name = "hubca", version, propagate_version = true, disable_help_subcommand = true, after_help = EXAMPLES)]
pub struct Arguments {
    /// The options that every command takes.
    #[command(flatten)]
    pub global: GlobalArguments,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[command(subcommand_value_name = "COMMAND", subcommand_help_heading = "Commands")]
pub enum Command {
    /// From nothing to a working server and iPad.
    Quickstart(QuickstartArguments),
    /// A new CA.
    Init(InitArguments),
    /// A key and a certificate.
    Issue(IssueArguments),
    /// A certificate for a key made elsewhere.
    Sign(SignArguments),
    /// What was issued.
    List(ListArguments),
    /// One certificate.
    Show(ShowArguments),
    /// Any file, told in words.
    Inspect(InspectArguments),
    /// Whether a chain works on a platform.
    Check(CheckArguments),
    /// Files to hand out.
    Export(ExportArguments),
    /// What certificates of a kind are like.
    Profile(ProfileArguments),
    /// The protection of the CA's keys.
    Key(KeyArguments),
    /// For the shell.
    Completions(CompletionsArguments),
    /// Manual pages.
    Man(ManArguments),
}

const EXAMPLES: &str = "\
Examples:
  hubca quickstart --ip 192.168.0.1      everything, for a server at this address
  hubca issue --dns nas.lan              one more server
  hubca check /path/to/fullchain.pem     will iPads, phones and browsers take it?

Exit codes: 0 done or yes, 1 failed, 2 wrong usage, 3 answered with no";
