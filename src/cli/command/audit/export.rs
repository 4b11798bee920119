//! `hubca audit export`: the log for another machine, with the hash by which it is known.

use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use crate::{
    authority::{AuditHead, LogWriteError},
    cli::{
        context::Context,
        delivery::{Existing, Named, check_room_for_named_file, refuse_json},
        failure::{Failure, FailureKind},
        page::Page,
        report::{Outcome, Report},
        terminal::Terminal,
    },
    system::{
        FileError, FileMode,
        files::{FileAct, compose, compose_new},
    },
};

/// Write the whole log to a file, for another machine
///
/// The first line says whose log it is, how many entries it has, and the hash of the newest; each entry is a line of JSON.
/// `hubca audit verify --log FILE` checks it on any machine, without this home.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExportArguments {
    /// Where to, or - for standard output
    #[arg(value_name = "FILE|-")]
    out: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

/// A log that was written to a file.
#[derive(Debug, Serialize)]
struct LogFile {
    path: PathBuf,
    entries: i64,
    head: String,
}

/// Writes it.
///
/// # Errors
/// A home, ledger or file that fails, or a file that is there.
pub(super) fn run(arguments: &ExportArguments, context: &Context) -> Result<Outcome, Failure> {
    let out = arguments.out.as_path();
    if out == Path::new("-") {
        refuse_json(context, Named::Alone)?;
        let home = context.open_home()?;
        let mut answer = BufWriter::new(Answer(context.terminal()));
        let written = home.authority().write_audit_log(&mut answer).and_then(|_| Ok(answer.flush()?));
        return match written {
            Err(LogWriteError::Writing(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::of(FailureKind::File, &error).within("cannot write the answer"))
            }
            Err(LogWriteError::Ledger(error)) => Err(error.into()),
            Ok(()) | Err(LogWriteError::Writing(_)) => Ok(Outcome::told()),
        };
    }
    let home = context.open_home()?;
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    check_room_for_named_file(out, existing)?;
    let write = |file: &mut dyn Write| -> Result<AuditHead, Failure> {
        home.authority().write_audit_log(file).map_err(|error| match error {
            LogWriteError::Ledger(error) => error.into(),
            LogWriteError::Writing(error) => FileError::new(FileAct::Write, out, error).into(),
        })
    };
    let head = match existing {
        Existing::Keep => compose_new(out, FileMode::Secret, write),
        Existing::Replace => compose(out, FileMode::Secret, write),
    };
    let AuditHead { entries, hash } = head?;
    Ok(Outcome::done(LogFile { path: out.to_owned(), entries, head: hash }))
}

/// The standard output, as the log is written to it piece by piece.
struct Answer<'a>(&'a dyn Terminal);

impl Write for Answer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.answer_bytes(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Report for LogFile {
    fn tell(&self, page: &mut Page) {
        page.line(&format!("{} entries, and the hash of the newest is", self.entries));
        page.command(&self.head);
        page.line("in:");
        page.command(&self.path.display().to_string());
        page.blank();
        page.line("to check it on any machine:");
        page.command(&format!("hubca audit verify --log {}", self.path.display()));
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca audit export hub-log.jsonl
  hubca audit export - | ssh keeper 'cat >hub-log.jsonl'";
