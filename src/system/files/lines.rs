//! A text file line by line, however long it is: nobody else's lines are held in memory.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use super::{
    error::{FileAct, FileError},
    read::open_regular,
};

/// The lines of a file, one at a time.
#[derive(Debug)]
pub struct Lines {
    file: BufReader<File>,
    path: PathBuf,
    limit: usize,
    line: Vec<u8>,
}

/// One line with its end, or what fits the limit of one that is longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// The next part of a line that is longer than the limit; [`Line::Whole`] of the last part ends it.
    Part(&'a [u8]),
}

impl Lines {
    /// Opens a regular file for reading; no line is given that has more than `limit` bytes.
    ///
    /// # Errors
    /// It cannot be opened, or is no regular file.
    pub fn open(path: &Path, limit: usize) -> Result<Self, FileError> {
        let file = open_regular(path)?;
        Ok(Self { file: BufReader::with_capacity(BUFFER, file), path: path.to_owned(), limit, line: Vec::new() })
    }

    /// The next line; none at the end of the file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn next_line(&mut self) -> Result<Option<Line<'_>>, FileError> {
        self.line.clear();
        loop {
            let fail = |error| FileError::new(FileAct::Read, &self.path, error);
            let buffered = self.file.fill_buf().map_err(fail)?;
            let end = buffered.iter().position(|byte| *byte == b'\n').map(|place| place + 1);
            let room = self.limit - self.line.len();
            let taken = end.unwrap_or(buffered.len()).min(room);
            self.line.extend_from_slice(buffered.get(..taken).unwrap_or_default());
            let is_over = buffered.is_empty() || end.is_some_and(|end| end <= room);
            self.file.consume(taken);
            if is_over {
                return Ok((!self.line.is_empty()).then_some(Line::Whole(&self.line)));
            }
            if self.line.len() == self.limit {
                return Ok(Some(Line::Part(&self.line)));
            }
        }
    }
}

impl<'a> Line<'a> {
    /// The bytes.
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Self::Whole(bytes) | Self::Part(bytes) => bytes,
        }
    }
}

/// How much is read at once.
const BUFFER: usize = 256 * 1024;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests {
    use super::*;

    fn lines(content: &[u8], limit: usize) -> Vec<(bool, Vec<u8>)> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, content).unwrap();
        let mut lines = Lines::open(&path, limit).unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            all.push((matches!(line, Line::Whole(_)), line.bytes().to_vec()));
        }
        all
    }

    #[test]
    fn lines_come_with_their_ends_and_the_last_needs_none() {
        let whole = |text: &str| (true, text.as_bytes().to_vec());
        assert_eq!(lines(b"a\n\nb\r\nc", 10), [whole("a\n"), whole("\n"), whole("b\r\n"), whole("c")]);
        assert!(lines(b"", 10).is_empty());
        let long = vec![b'x'; 3 * BUFFER];
        assert_eq!(lines(&long, usize::MAX), [(true, long)]);
    }

    #[test]
    fn a_line_beyond_the_limit_comes_in_parts() {
        let part = |is_whole: bool, text: &str| (is_whole, text.as_bytes().to_vec());
        let parts = [part(false, "abcd"), part(false, "efgh"), part(true, "\n"), part(true, "x\n")];
        assert_eq!(lines(b"abcdefgh\nx\n", 4), parts);
        assert_eq!(lines(b"abc\nabcdef", 4), [part(true, "abc\n"), part(false, "abcd"), part(true, "ef")]);
        assert_eq!(lines(b"abcd", 4), [part(false, "abcd")]);
    }

    #[test]
    fn a_pipe_or_a_directory_is_no_file_of_lines() {
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(Lines::open(directory.path(), 4), Err(FileError::NotAFile { .. })));
    }
}
