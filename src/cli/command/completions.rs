//! `hubca completions`: words for the shell to complete.

use clap::{Args, Command};
use clap_complete::Shell;
use serde::Serialize;

use crate::cli::{
    page::Page,
    report::{Outcome, Report},
};

/// Print the script that makes a shell complete commands and options
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// A script for a shell.
#[derive(Debug, Serialize)]
pub struct CompletionsReport {
    shell: String,
    script: String,
}

/// Prints the script for a command line.
pub fn run(arguments: &CompletionsArguments, mut parser: Command) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut parser, "hubca", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    Outcome::done(CompletionsReport { shell: arguments.shell.to_string(), script })
}

impl Report for CompletionsReport {
    fn tell(&self, page: &mut Page) {
        page.verbatim(&self.script);
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca completions bash > ~/.local/share/bash-completion/completions/hubca
  hubca completions zsh > ~/.zfunc/_hubca
  hubca completions fish > ~/.config/fish/completions/hubca.fish";
