//! A certificate with its key and its chain, encrypted under a password.

use clap::Args;

use super::{
    output::{Delivered, OutputArguments, anchor},
    report::ExportReport,
};
use crate::{
    cli::{
        context::Context, failure::Failure, file_password::PasswordArguments, passphrases::Passphrases, report::Outcome,
    },
    export::pkcs12::{Encryption, Identity, identity},
};

/// The password is made and shown once, on the terminal, unless a file is named whose first line it is.
#[derive(Args, Debug)]
pub(super) struct P12Arguments {
    /// The label of a certificate that `hubca issue` made
    #[arg(value_name = "LABEL")]
    label: String,
    /// Old and weak encryption, for Apple systems before iOS 18 and macOS 15
    #[arg(long)]
    legacy: bool,
    #[command(flatten)]
    password: PasswordArguments,
    #[command(flatten)]
    output: OutputArguments,
}

pub(super) fn run(arguments: &P12Arguments, context: &Context) -> Result<Outcome, Failure> {
    arguments.output.check_password(&arguments.password)?;
    let home = context.open_home()?;
    let label = &arguments.label;
    let kept = home.kept(label, &Passphrases::new(context))?;
    let password = arguments.password.password(context)?;
    let encryption = if arguments.legacy { Encryption::Legacy } else { Encryption::Modern };
    let whole = Identity { label, key: &kept.key, certificate: &kept.certificate, chain: &kept.chain };
    let artifact = identity(whole, password.password(), encryption)?;
    let delivered = arguments.output.deliver(&[artifact], context)?;
    password.show_once(context);
    Ok(match delivered {
        Delivered::Stdout(outcome) => outcome,
        Delivered::Files(files) => {
            let steps = steps(label, encryption);
            Outcome::done(ExportReport::with_steps("p12", &anchor(&home)?, files, steps))
        }
    })
}

fn steps(label: &str, encryption: Encryption) -> Vec<String> {
    let after = match encryption {
        Encryption::Modern => {
            "If an Apple device says that the password is wrong. Systems before iOS 18 and macOS 15 do not know this \
             encryption: write the file again with --legacy."
        }
        Encryption::Legacy => {
            "Delete the file when it is imported. Its encryption is old and weak; the length of its password is what \
             protects it."
        }
    };
    vec![
        format!(
            "Bring it where it is used, and nowhere else. It holds the private key: with the password, anybody can pose \
             as {label}."
        ),
        "Import it there. A server or browser asks for the file and its password; iPhones, iPads, Macs and Windows do \
         so where it is opened."
            .to_owned(),
        "Trust is another matter. A device trusts the CA only once it has the root: hubca export ios, android, windows …"
            .to_owned(),
        after.to_owned(),
    ]
}

pub(super) const EXAMPLES: &str = "\
Examples:
  hubca export p12 hub.local                     hub.local.p12, and a password
  hubca export p12 hub.local --legacy            for an iPad before iPadOS 18
  hubca export p12 nas.lan --password-file pass --out /srv/nas.p12";
