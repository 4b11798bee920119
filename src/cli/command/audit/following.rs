//! `hubca audit --follow`: each entry when it is written, until somebody stops it.

use std::{io, thread, time::Duration};

use super::entry::ToldEntry;
use crate::{
    authority::{AuditEntry, AuditSelection},
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        page::escaped,
        report::{Outcome, json_line},
    },
    home::Home,
};

/// Tells the entries that there are, and then each that comes.
///
/// # Errors
/// A ledger that fails, or nobody who reads on.
pub(super) fn follow(
    home: &Home,
    selection: AuditSelection<'_>,
    told: &[AuditEntry],
    context: &Context,
) -> Result<Outcome, Failure> {
    // What is not of the selection is passed over once.
    let mut last = home.authority().audit_head()?.entries;
    if tell(told.iter().filter(|entry| entry.sequence <= last), context)? == Reader::Gone {
        return Ok(Outcome::told());
    }
    loop {
        thread::sleep(LOOK_AGAIN);
        let head = home.authority().audit_head()?.entries;
        if head == last {
            continue;
        }
        let newer = home.authority().audit_entries_after(selection, last)?;
        if tell(newer.iter().filter(|entry| entry.sequence <= head), context)? == Reader::Gone {
            return Ok(Outcome::told());
        }
        last = head;
    }
}

/// Whether somebody reads on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    There,
    Gone,
}

fn tell<'a>(entries: impl Iterator<Item = &'a AuditEntry>, context: &Context) -> Result<Reader, Failure> {
    for entry in entries {
        let told = ToldEntry::of(entry);
        let line = if context.is_json() {
            json_line(&told).map_err(|error| Failure::of(FailureKind::Internal, &error))?
        } else {
            format!("{}\n", escaped(&told.line()))
        };
        match context.terminal().answer(&line) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Reader::Gone),
            Err(error) => return Err(Failure::of(FailureKind::File, &error).within("cannot write the answer")),
        }
    }
    Ok(Reader::There)
}

/// How often the log is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(300);
