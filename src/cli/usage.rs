//! A wrong command line, told in the voice of all other failures.

use std::ffi::OsString;

use clap::{
    Command, Error,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::failure::Failure;

/// What clap has against a command line.
pub(super) fn failure(error: &Error, line: &[OsString], parser: &Command) -> Failure {
    let argument = context(error, ContextKind::InvalidArg);
    let value = context(error, ContextKind::InvalidValue);
    let failure = match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => Failure::usage(format!("`{argument}` needs a value")),
        ErrorKind::InvalidValue => Failure::usage(format!("`{value}` is no value of `{argument}`")),
        ErrorKind::ValueValidation => {
            let failure = Failure::usage(format!("`{value}` is no value of `{argument}`"));
            failure.because_of(std::error::Error::source(error))
        }
        ErrorKind::UnknownArgument if !argument.starts_with('-') => {
            let (words, command) = meant(line, parser);
            let takes = command.get_positionals().filter_map(|taken| taken.get_value_names()?.first());
            let takes: Vec<String> = takes.map(|name| format!("one {name}")).collect();
            let takes = if takes.is_empty() { "options only".to_owned() } else { takes.join(" and ") };
            Failure::usage(format!("`{argument}` is one word too many: `{words}` takes {takes}"))
        }
        ErrorKind::UnknownArgument => Failure::usage(format!("there is no option `{argument}` here")),
        ErrorKind::InvalidSubcommand => {
            let (kind, hint) = choices(meant(line, parser).1);
            let word = context(error, ContextKind::InvalidSubcommand);
            hint.into_iter().fold(Failure::usage(format!("there is no {kind} `{word}`")), Failure::hint)
        }
        ErrorKind::MissingRequiredArgument => Failure::usage(format!("`{argument}` is missing")),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let (kind, hint) = choices(meant(line, parser).1);
            let hint = hint.unwrap_or_else(|| "hubca quickstart --ip 192.168.0.1 is the way to start".to_owned());
            Failure::usage(format!("no {kind} is given")).hint(hint)
        }
        ErrorKind::ArgumentConflict => {
            let other = context(error, ContextKind::PriorArg);
            if other.is_empty() || other == argument {
                Failure::usage(format!("`{argument}` is given twice"))
            } else {
                Failure::usage(format!("`{argument}` and `{other}` do not go together"))
            }
        }
        ErrorKind::TooManyValues => Failure::usage(format!("`{value}` is one value too many for `{argument}`")),
        ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            Failure::usage(format!("`{argument}` needs a value"))
        }
        ErrorKind::InvalidUtf8 => Failure::usage("an argument is no UTF-8 text"),
        _ => Failure::usage(first_line(error)),
    };
    let failure = suggestions(error).into_iter().fold(failure, Failure::hint);
    failure.hint(format!("`{} --help` tells how it is used", meant(line, parser).0))
}

fn suggestions(error: &Error) -> Vec<String> {
    let mut hints = Vec::new();
    for kind in [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue] {
        let words = context(error, kind).replace(", ", "` or `");
        if !words.is_empty() {
            hints.push(format!("did you mean `{words}`?"));
        }
    }
    let valid = context(error, ContextKind::ValidValue);
    if !valid.is_empty() {
        hints.push(format!("it is one of {valid}"));
    }
    hints
}

fn context(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    }
}

/// The command that was meant, and the words of the line that name it, each below the one before.
fn meant<'a>(line: &[OsString], parser: &'a Command) -> (String, &'a Command) {
    let (mut words, mut here) = (String::from("hubca"), parser);
    for word in line.iter().skip(1).filter_map(|word| word.to_str()) {
        if let Some(below) = here.get_subcommands().find(|command| command.get_name() == word) {
            words.push(' ');
            words.push_str(word);
            here = below;
        }
    }
    (words, here)
}

/// What the words below a command are called, and which there are, where they are few enough to be told.
fn choices(command: &Command) -> (String, Option<String>) {
    let kind = command.get_subcommand_value_name().unwrap_or("command").to_lowercase();
    let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    (kind, (command.get_name() != PROGRAM).then(|| format!("it is one of {}", names.join(", "))))
}

fn first_line(error: &Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

const PROGRAM: &str = "hubca";
