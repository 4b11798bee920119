//! The root certificate as a file, for whatever reads certificates.

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
pub(super) struct PlainArguments {
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Args, Debug)]
pub(super) struct WithIssuingArguments {
    #[command(flatten)]
    output: OutputArguments,
    /// The issuing CA as well, for servers that do not send it
    #[arg(long)]
    with_issuing: bool,
}

pub(super) fn run(target: Target, arguments: &PlainArguments, context: &Context) -> Result<Outcome, Failure> {
    write(target, Contents::RootOnly, &arguments.output, context)
}

pub(super) fn run_with_issuing(
    target: Target,
    arguments: &WithIssuingArguments,
    context: &Context,
) -> Result<Outcome, Failure> {
    let contents = if arguments.with_issuing { Contents::WithIssuing } else { Contents::RootOnly };
    write(target, contents, &arguments.output, context)
}

fn write(target: Target, contents: Contents, output: &OutputArguments, context: &Context) -> Result<Outcome, Failure> {
    let anchor = anchor(&context.open_home()?)?;
    Ok(match output.deliver(&target.artifacts(&anchor, contents)?, context)? {
        Delivered::Stdout(outcome) => outcome,
        Delivered::Files(files) => Outcome::done(ExportReport::new(target, &anchor, files)),
    })
}

pub(super) const PEM_EXAMPLES: &str = "\
Examples:
  hubca export pem --out /etc/ssl/hub.pem
  hubca export pem --with-issuing";

pub(super) const DER_EXAMPLES: &str = "\
Examples:
  hubca export der
  hubca export der --out - | sha256sum";

pub(super) const ANDROID_EXAMPLES: &str = "\
Examples:
  hubca export android                home-hub.crt, for the phone
  hubca export android --out ~/Downloads/";

pub(super) const WINDOWS_EXAMPLES: &str = "\
Examples:
  hubca export windows                home-hub.cer and home-hub.ps1
  hubca export windows --out /media/stick";

pub(super) const LINUX_EXAMPLES: &str = "\
Examples:
  hubca export linux                  home-hub.crt
  hubca export linux --out - | ssh other-machine 'cat > home-hub.crt'";

pub(super) const FIREFOX_EXAMPLES: &str = "\
Examples:
  hubca export firefox --out firefox  policies.json and home-hub.crt in it";

pub(super) const JAVA_EXAMPLES: &str = "\
Examples:
  hubca export java                   home-hub-truststore.p12, password changeit
  hubca export java --out /opt/app/truststore.p12";

pub(super) const CHAIN_EXAMPLES: &str = "\
Examples:
  hubca export chain                  home-hub-chain.pem, for servers
  hubca export chain --out - >> my-server.pem";
