//! The command line: what a person types, and what they are told.
//!
//! A command is one file of `command/`: its arguments, whose comments are the help; `run`, which asks the floors
//! below; and a report, told in words or written as JSON. stdout is the answer, stderr everything else.

mod advice;
mod arguments;
pub mod backup_passphrase;
mod bind;
pub mod chosen;
mod clock;
pub mod command;
pub mod condition;
pub mod context;
pub mod crl_entry;
pub mod delivery;
pub mod destination;
mod duration;
pub mod failure;
pub mod file_password;
pub mod findings;
pub mod following;
pub mod forgotten;
pub mod found_flaw;
pub mod global;
pub mod handout;
pub mod inspection;
pub mod invocation;
pub mod issuance;
pub mod issued;
pub mod moment;
pub mod names;
mod numbers;
pub mod page;
pub mod passphrases;
pub mod place;
mod platform;
mod reference;
pub mod report;
pub mod root_key;
pub mod scope;
pub mod scripted_terminal;
pub mod server_preset;
mod server_secrets;
pub mod source_passphrases;
pub mod terminal;
pub mod told_plan;
mod usage;

use std::{ffi::OsString, io};

use clap::{CommandFactory, FromArgMatches, error::ErrorKind};

use arguments::{Arguments, Command};
use context::Context;
use failure::{Failure, FailureKind};
use page::Page;
use report::{Answer, Outcome};
use terminal::Terminal;

/// Does what a command line says; gives the exit code of the process.
pub fn run(line: impl IntoIterator<Item = OsString>, context: Context) -> u8 {
    let line: Vec<OsString> = line.into_iter().collect();
    let columns = context.terminal().columns();
    let arguments = parser()
        .term_width(columns)
        .try_get_matches_from(&line)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match arguments {
        Ok(arguments) => arguments,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            let help = context.terminal().answer(&error.render().ansi().to_string());
            return written(help, 0, context.terminal(), Form::asked(&line));
        }
        Err(error) => {
            return fail(&usage::failure(&error, &line, &parser()), context.terminal(), Form::asked(&line));
        }
    };
    let form = if arguments.global.json { Form::Json } else { Form::Words };
    let context = context.with_global(arguments.global);
    match dispatch(arguments.command, &context) {
        Ok(outcome) => {
            context.tell_notes();
            answer(&outcome, &context, form)
        }
        Err(failure) => fail(&failure.calling(&context.invocation()), context.terminal(), form),
    }
}

/// The command line as clap knows it.
pub fn parser() -> clap::Command {
    Arguments::command()
}

/// The help of every command at 80 columns, with the words that call it: `hubca profile list`.
pub fn help_pages() -> Vec<(String, String)> {
    reference::help_pages(parser())
}

/// `docs/reference/commands.md`.
pub fn reference() -> String {
    reference::reference(parser())
}

fn dispatch(command: Command, context: &Context) -> Result<Outcome, Failure> {
    match command {
        Command::Quickstart(arguments) => command::quickstart::run(&arguments, context),
        Command::Init(arguments) => command::init::run(&arguments, context),
        Command::Import(arguments) => command::import::run(&arguments, context),
        Command::Issue(arguments) => command::issue::run(&arguments, context),
        Command::Renew(arguments) => command::renew::run(&arguments, context),
        Command::Edit(arguments) => command::edit::run(&arguments, context),
        Command::Sign(arguments) => command::sign::run(&arguments, context),
        Command::Revoke(arguments) => command::revoke::run(&arguments, context),
        Command::Crl(arguments) => command::crl::run(&arguments, context),
        Command::List(arguments) => command::list::run(&arguments, context),
        Command::Show(arguments) => command::show::run(&arguments, context),
        Command::Status(arguments) => command::status::run(&arguments, context),
        Command::Inspect(arguments) => command::inspect::run(&arguments, context),
        Command::Check(arguments) => command::check::run(&arguments, context),
        Command::Export(arguments) => command::export::run(&arguments, context),
        Command::Share(arguments) => command::share::run(&arguments, context),
        Command::Trust(arguments) => command::trust::run(&arguments, context),
        Command::Rotate(arguments) => command::rotate::run(&arguments, context),
        Command::Profile(arguments) => command::profile::run(&arguments, context),
        Command::Ocsp(arguments) => command::ocsp::run(&arguments, context),
        Command::Key(arguments) => command::key::run(&arguments, context),
        Command::Audit(arguments) => command::audit::run(&arguments, context),
        Command::Backup(arguments) => command::backup::run(&arguments, context),
        Command::Restore(arguments) => command::restore::run(&arguments, context),
        Command::Adopt(arguments) => command::adopt::run(&arguments, context),
        Command::Completions(arguments) => Ok(command::completions::run(&arguments, parser())),
        Command::Man(arguments) => command::man::run(&arguments, parser()),
    }
}

/// For whom an answer is.
#[derive(Clone, Copy)]
enum Form {
    Words,
    Json,
}

impl Form {
    /// What is no command line cannot say that it wants JSON; whoever typed the word wants it.
    fn asked(line: &[OsString]) -> Self {
        let is_asked = line.iter().take_while(|word| *word != "--").any(|word| word == "--json");
        if is_asked { Self::Json } else { Self::Words }
    }
}

fn answer(outcome: &Outcome, context: &Context, form: Form) -> u8 {
    let terminal = context.terminal();
    let result = match (outcome.answer(), form) {
        (Answer::Told, _) => Ok(()),
        (Answer::Bytes(bytes), _) => terminal.answer_bytes(bytes),
        (Answer::Report(report), Form::Words) => {
            let mut page = Page::new(terminal.columns()).calling(context.invocation());
            report.page(&mut page);
            terminal.answer(page.as_str())
        }
        (Answer::Report(report), Form::Json) => {
            report.json().map_err(io::Error::other).and_then(|json| terminal.answer_bytes(json.as_bytes()))
        }
    };
    written(result, outcome.exit_code(), terminal, form)
}

/// A reader that has read enough and left is no error; a full disk is.
fn written(result: io::Result<()>, exit_code: u8, terminal: &dyn Terminal, form: Form) -> u8 {
    match result {
        Ok(()) => exit_code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit_code,
        Err(error) => {
            let failure = Failure::new(FailureKind::File, "cannot write the answer").because(error.to_string());
            fail(&failure, terminal, form)
        }
    }
}

fn fail(failure: &Failure, terminal: &dyn Terminal, form: Form) -> u8 {
    match form {
        Form::Json => terminal.remark(&failure.to_json()),
        Form::Words => {
            let mut page = Page::new(terminal.columns());
            failure.tell(&mut page);
            terminal.remark(page.as_str());
        }
    }
    failure.exit_code()
}
