//! The options that every command takes.

use std::path::PathBuf;

use clap::Args;

/// The options that every command takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArguments {
    /// The home of the CA, instead of $HUBCA_HOME or the user's data directory
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Answer with one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Tell nothing but the answer and errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Ask nothing
    #[arg(long, short, global = true)]
    pub yes: bool,
    /// A file whose first line opens the issuing key, instead of $HUBCA_PASSPHRASE_FILE
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// A file whose first line opens the root key, instead of $HUBCA_ROOT_PASSPHRASE_FILE
    #[arg(long, global = true, value_name = "FILE")]
    pub root_passphrase_file: Option<PathBuf>,
}
