//! A mail with the profile and the steps, to be sent by a mail program.

use clap::Args;

use super::{
    language::LanguageArguments,
    output::{Delivered, OutputArguments, anchor},
    report::ExportReport,
};
use crate::{
    cli::{context::Context, failure::Failure, report::Outcome},
    export::{
        MailAddress,
        mail::{Mail, Subject, file_name, mail},
    },
};

#[derive(Args, Debug)]
pub(super) struct MailArguments {
    /// To whom: one address, such as ann@example.org
    #[arg(long, value_name = "ADDRESS")]
    to: String,
    /// What the mail is about; else it says so itself
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    #[command(flatten)]
    language: LanguageArguments,
    #[command(flatten)]
    output: OutputArguments,
}

pub(super) fn run(arguments: &MailArguments, context: &Context) -> Result<Outcome, Failure> {
    let to: MailAddress = arguments.to.parse()?;
    let subject = arguments.subject.as_deref().map(Subject::parse).transpose()?;
    let anchor = anchor(&context.open_home()?)?;
    let draft = Mail { to: &to, subject: subject.as_ref(), language: arguments.language.language() };
    let delivered = arguments.output.deliver(&[mail(&anchor, &draft)], context)?;
    Ok(match delivered {
        Delivered::Stdout(outcome) => outcome,
        Delivered::Files(files) => {
            let steps = steps(&file_name(&anchor.slug()), &to);
            Outcome::done(ExportReport::with_steps("mail", &anchor, files, steps))
        }
    })
}

fn steps(file: &str, to: &MailAddress) -> Vec<String> {
    vec![
        format!("Open {file} with your mail program. It is a draft: nothing has been sent."),
        format!("Read it, and send it to {to}. The profile is attached; nothing in it is secret."),
        "Tell the words of the fingerprint by another way, best by voice: whoever can change a mail can change what it says."
            .to_owned(),
    ]
}

pub(super) const EXAMPLES: &str = "\
Examples:
  hubca export mail --to ann@example.org         home-hub.eml, a draft
  hubca export mail --to ann@example.org --language de --subject \"Für dein iPad\"";
