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

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::{
        system::{FileMode, files},
        x509::certificate::sha256,
    };

    /// A line of any kind, and whether it says something.
    fn any_line() -> impl Strategy<Value = (Vec<u8>, bool)> {
        let good = "(V\t30|R\t30)".prop_flat_map(|begin| {
            let revoked =
                if begin.starts_with('R') { "250101000000Z(,superseded|,keyTime,20250101000000Z)?" } else { "" };
            (Just(begin), revoked, "0[1-9A-F]", "/CN=[a-z]{1,9}")
        });
        let good = good.prop_map(|(begin, revoked, serial, subject)| {
            (format!("{begin}0101000000Z\t{revoked}\t{serial}\tunknown\t{subject}").into_bytes(), true)
        });
        let empty = prop_oneof![Just(Vec::new()), Just(b"# a remark\twith\ttabs".to_vec())];
        let bytes = vec(any::<u8>().prop_filter("no end", |byte| !b"\n\r".contains(byte)), 1..80);
        let long = (1..3_usize).prop_map(|times| vec![b'x'; times * LONGEST + 1]);
        prop_oneof![
            4 => good,
            1 => empty.prop_map(|line| (line, false)),
            2 => bytes.prop_filter("no remark", |line| line[0] != b'#').prop_map(|line| (line, false)),
            1 => long.prop_map(|line| (line, false)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn every_line_is_read_or_named_by_its_number(lines in vec((any_line(), "\r?\n"), 0..20), is_ended: bool) {
            let mut book: Vec<u8> = lines.iter().flat_map(|((line, _), end)| [line, end.as_bytes()].concat()).collect();
            if !is_ended && book.ends_with(b"\n") {
                book.pop();
            }
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("index.txt");
            files::write_new(&path, &book, FileMode::Secret).unwrap();
            let mut reader = BookReader::open(&path).unwrap();
            let (mut bytes, mut number) = (0, 0);
            while let Some(read) = reader.next_line().unwrap() {
                let ((line, is_good), _) = &lines[usize::try_from(number).unwrap()];
                number += 1;
                bytes += read.bytes;
                prop_assert_eq!(read.number, number);
                match &read.said {
                    Ok(Some(_)) => prop_assert!(*is_good),
                    Ok(None) => prop_assert!(!is_good && (line.is_empty() || line.starts_with(b"#"))),
                    Err(error) => {
                        prop_assert!(!is_good, "{}", error);
                        prop_assert_eq!(*error == IndexLineError::TooLong(LONGEST), line.len() > LONGEST);
                    }
                }
            }
            let is_last_lost = !is_ended && lines.last().is_some_and(|((line, _), end)| line.is_empty() && end == "\n");
            prop_assert_eq!(number + u64::from(is_last_lost), lines.len() as u64);
            prop_assert_eq!((bytes, reader.sha256()), (book.len() as u64, hexadecimal(&sha256(&book))));
        }
    }
}
