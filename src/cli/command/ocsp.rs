//! `hubca ocsp serve`: whoever meets a certificate can ask whether it was revoked.

use clap::{Args, Subcommand};

use super::serving::{Serving, serve};
use crate::{
    cli::{bind::Bind, context::Context, failure::Failure, passphrases::Passphrases, report::Outcome},
    server::Duties,
};

/// Answer by OCSP whether certificates were revoked
#[derive(Args, Debug)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct OcspArguments {
    #[command(subcommand)]
    command: OcspCommand,
}

#[derive(Debug, Subcommand)]
#[command(subcommand_value_name = "COMMAND", subcommand_help_heading = "Commands")]
enum OcspCommand {
    Serve(ServeArguments),
}

/// Answer until somebody stops it
///
/// Each CA lets a certificate of its own answer for it, which is issued when it is first needed and again at half of its 90 days; only
/// then is the CA's key used. The root's key is used for it where it can be opened without asking; otherwise nobody is
/// answered about what the root issued. A revocation is known here within a second, whichever process wrote it down.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
struct ServeArguments {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS[:PORT]", default_value = "127.0.0.1:2560", value_parser = Bind::parse)]
    bind: Bind,
    /// Serve the CRLs and the certificates of the CAs as well, as `hubca crl serve` does
    #[arg(long)]
    with_crl: bool,
}

/// Answers until somebody stops it.
///
/// # Errors
/// A home, key or ledger that fails, or a port that is taken.
pub fn run(arguments: &OcspArguments, context: &Context) -> Result<Outcome, Failure> {
    let OcspCommand::Serve(arguments) = &arguments.command;
    let duties = if arguments.with_crl { Duties::Both } else { Duties::Ocsp };
    let home = context.open_home()?;
    // Now somebody can be asked for a passphrase; later nobody is there.
    home.responder(home.issuing()?, &Passphrases::new(context))?;
    serve(Serving { home, duties, bind: arguments.bind, usual_port: PORT }, context)
}

/// The number of the RFC by which OCSP began.
const PORT: u16 = 2560;

const EXAMPLES: &str = "\
Examples:
  hubca ocsp serve                          on this machine only, behind a proxy
  hubca ocsp serve --bind 192.168.0.1 --with-crl";
