//! An `index.txt`, read line by line: a million lines take no more memory than one.

use std::path::{Path, PathBuf};

use super::index_line::{IndexLine, IndexLineError};
use crate::{
    system::{
        FileError,
        files::{Line, Lines},
    },
    x509::{DigestAlgorithm, digest::RunningDigest, hexadecimal},
};

/// An index that is being read.
pub(super) struct BookReader {
    lines: Lines,
    digest: RunningDigest,
    line: u64,
}

/// A line of an index: its number from 1, and what it says; nothing where it is empty.
pub(super) struct Read {
    pub(super) number: u64,
    pub(super) bytes: u64,
    pub(super) said: Result<Option<IndexLine>, IndexLineError>,
}

/// An index that was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Book {
    /// Whose it is, by its place among the CAs.
    pub(super) ca: usize,
    /// Where it lies.
    pub(super) path: PathBuf,
    /// SHA-256 of all of it.
    pub(super) sha256: String,
}

impl BookReader {
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let digest = RunningDigest::new(DigestAlgorithm::Sha256);
        Ok(Self { lines: Lines::open(path, LONGEST)?, digest, line: 0 })
    }

    pub(super) fn next_line(&mut self) -> Result<Option<Read>, FileError> {
        let Some(line) = self.lines.next_line()? else { return Ok(None) };
        self.line += 1;
        let mut bytes = self.digest.take(line.bytes());
        let mut said = match line {
            Line::Whole(line) => IndexLine::parse(line),
            Line::Part(_) => Err(IndexLineError::TooLong(LONGEST)),
        };
        let mut is_part = matches!(line, Line::Part(_));
        while is_part {
            let Some(next) = self.lines.next_line()? else { break };
            is_part = matches!(next, Line::Part(_));
            bytes += self.digest.take(next.bytes());
            said = Err(IndexLineError::TooLong(LONGEST));
        }
        Ok(Some(Read { number: self.line, bytes, said }))
    }

    /// SHA-256 of what was read, in hexadecimal digits.
    pub(super) fn sha256(self) -> String {
        hexadecimal(&self.digest.finish())
    }
}

/// More than the longest subject takes.
const LONGEST: usize = 64 * 1024;
