//! The audit log as lines of JSON, for another machine: first whose it is and where it ends, then each entry.

use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::OffsetDateTime;

use super::{
    audit_chain::{AuditEntry, AuditHead},
    ca::Authority,
    ledger_error::LedgerError,
    soundness::{Flaw, FlawKind, LogWalk, ToldApart},
};
use crate::{
    store::StoreError,
    x509::hexadecimal::{hexadecimal, octets},
};

/// A log that was read, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedLog {
    /// What the CA is called.
    pub ca: String,
    /// Its end, as far as it is whole but for what is known.
    pub head: AuditHead,
    /// What is wrong: where it breaks, or that it ends too early.
    pub flaws: Vec<Flaw>,
    /// Where it was broken already when its home was restored, and since when that is known.
    pub known: Vec<(Flaw, OffsetDateTime)>,
}

/// Why a log was not written.
#[derive(Debug, Error)]
pub enum LogWriteError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Whatever takes the lines failed.
    #[error("the log cannot be written")]
    Writing(#[from] io::Error),
}

impl From<StoreError> for LogWriteError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

/// Why a log cannot be read.
#[derive(Debug, Error)]
pub enum LogReadError {
    /// The first line is none of ours.
    #[error("it does not begin as an exported audit log does")]
    NoHeader,
    /// A line is none of ours.
    #[error("line {line} is no entry of an audit log")]
    NoEntry {
        /// Which, from 1.
        line: u64,
    },
    /// An entry about what is known has a time that is none.
    #[error("it has an entry whose time is none")]
    NoTime,
    /// The file failed.
    #[error("it cannot be read")]
    Reading(#[from] io::Error),
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    audit_log_of: String,
    entries: i64,
    head: String,
}

/// A line of an entry. The detail is the very text that was hashed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    sequence: i64,
    at: i64,
    act: String,
    detail: String,
    hash: String,
}

impl Authority {
    /// Writes the whole log as it is at one moment, and tells its end.
    ///
    /// # Errors
    /// A ledger that fails, or whatever takes the lines.
    pub fn write_audit_log(&self, out: &mut dyn Write) -> Result<AuditHead, LogWriteError> {
        let out = std::cell::RefCell::new(out);
        let mut end = None;
        self.each_audit_entry::<LogWriteError>(
            |head| {
                let AuditHead { entries, hash } = head.clone();
                end = Some(head.clone());
                let header = Header { audit_log_of: self.name().to_owned(), entries, head: hash };
                write_line(&mut **out.borrow_mut(), &header)
            },
            |entry| {
                let line = Line {
                    sequence: entry.sequence,
                    at: entry.at,
                    act: entry.act.clone(),
                    detail: entry.detail.clone(),
                    hash: hexadecimal(&entry.hash),
                };
                write_line(&mut **out.borrow_mut(), &line)
            },
        )?;
        Ok(end.unwrap_or(AuditHead { entries: 0, hash: String::new() }))
    }
}

fn write_line(out: &mut dyn Write, line: &impl Serialize) -> Result<(), LogWriteError> {
    serde_json::to_writer(&mut *out, line).map_err(io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}

impl ExportedLog {
    /// Reads a log from its first line on, and sees whether each entry follows from the one before. `noted` is a hash that
    /// was written down elsewhere, which has to be in it.
    ///
    /// # Errors
    /// What is no log, or cannot be read.
    pub fn read(mut source: impl BufRead, noted: Option<&str>) -> Result<Self, LogReadError> {
        let header = next_line(&mut source)?.and_then(|line| serde_json::from_slice::<Header>(&line).ok());
        let Header { audit_log_of: ca, entries, head } = header.ok_or(LogReadError::NoHeader)?;
        let (mut walk, mut number) = (LogWalk::new(noted), 1);
        while let Some(line) = next_line(&mut source)? {
            number += 1;
            let line: Option<Line> = serde_json::from_slice(&line).ok();
            walk.take(&line.and_then(Line::into_entry).ok_or(LogReadError::NoEntry { line: number })?);
        }
        let walked = walk.end();
        let (end, whole) = (walked.end.clone(), walked.head.clone());
        let ToldApart { unknown: mut flaws, known } = walked.told_apart().map_err(|_| LogReadError::NoTime)?;
        if flaws.is_empty() && (end.entries, &end.hash) != (entries, &head) {
            let message = format!("the log ends after entry {}, and its first line tells of {entries}", end.entries);
            flaws.push(Flaw { kind: FlawKind::AuditLog, subject: end.entries.to_string(), message });
        }
        Ok(Self { ca, head: whole, flaws, known })
    }
}

impl Line {
    fn into_entry(self) -> Option<AuditEntry> {
        let Self { sequence, at, act, detail, hash } = self;
        let octets: [u8; 32] = octets(hash.as_bytes())?.try_into().ok()?;
        (hexadecimal(&octets) == hash).then_some(AuditEntry { sequence, at, act, detail, hash: octets })
    }
}

/// A line, or nothing at the end; more than a line of ours ever has is no line.
fn next_line(source: &mut impl BufRead) -> Result<Option<Vec<u8>>, LogReadError> {
    let mut line = Vec::new();
    source.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    Ok(Some(line).filter(|line| !line.is_empty()))
}

const LONGEST_LINE: u64 = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::super::tests::authority;
    use super::*;

    fn exported() -> String {
        let directory = tempfile::tempdir().unwrap();
        let mut text = Vec::new();
        authority(&directory).write_audit_log(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_log_on_another_machine_is_known_by_its_head() {
        let text = exported();
        let read = ExportedLog::read(text.as_bytes(), None).unwrap();
        assert_eq!((read.ca.as_str(), read.head.entries, read.flaws.as_slice()), ("Test", 7, &[][..]));
        assert!(read.known.is_empty());
        let noted = ExportedLog::read(text.as_bytes(), Some(&read.head.hash)).unwrap();
        assert_eq!(noted, read);
        let foreign = ExportedLog::read(text.as_bytes(), Some(&"0".repeat(64))).unwrap();
        let [flaw] = foreign.flaws.as_slice() else { panic!("{foreign:?}") };
        assert!(flaw.message.contains("no entry with the hash that was written down"), "{flaw:?}");
    }

    #[test]
    fn one_that_was_edited_cut_or_reordered_says_where() {
        let text = exported();
        let lines: Vec<&str> = text.lines().collect();
        let flaw = |lines: &[&str]| {
            let text = format!("{}\n", lines.join("\n"));
            let flaws = ExportedLog::read(text.as_bytes(), None).unwrap().flaws;
            flaws.into_iter().map(|flaw| flaw.message).collect::<Vec<_>>().join("; ")
        };
        let edited = text.replacen("reserve", "sign", 1);
        let place = lines.iter().position(|line| line.contains("reserve")).unwrap();
        assert!(flaw(&edited.lines().collect::<Vec<_>>()).contains(&format!("entry {place} of")));
        assert!(flaw(&lines[..7]).contains("ends after entry 6"));
        assert!(flaw(&[&lines[..3], &lines[4..]].concat()).contains("entry 3 of"));
        let swapped = [&lines[..2], &[lines[3], lines[2]], &lines[4..]].concat();
        assert!(flaw(&swapped).contains("entries 2 to"));
    }

    #[test]
    fn what_is_no_log_is_told_from_one() {
        let text = exported();
        assert!(matches!(ExportedLog::read(&b"{}\n"[..], None), Err(LogReadError::NoHeader)));
        assert!(matches!(ExportedLog::read(&b""[..], None), Err(LogReadError::NoHeader)));
        let torn = text.trim_end().trim_end_matches('}');
        assert!(matches!(ExportedLog::read(torn.as_bytes(), None), Err(LogReadError::NoEntry { line: 8 })));
        let upper = text.replacen("\"hash\":\"", "\"hash\":\"ZZ", 1);
        assert!(ExportedLog::read(upper.as_bytes(), None).is_err());
    }
}
