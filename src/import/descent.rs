//! The directories below one, as far as they are looked into.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
};

use super::unread::{Reason, Unread};

/// A walk through directories, the nearest first. Whoever walks adds the directories that it meets in each.
pub(super) struct Descent<'a> {
    waiting: VecDeque<PathBuf>,
    /// Those that wait for all others.
    last: VecDeque<PathBuf>,
    /// Which ones do.
    is_last: &'a [&'a Path],
    added: usize,
    left_out: Option<LeftOut>,
}

/// Directories that are not looked into: the first, and how many there are.
struct LeftOut {
    first: PathBuf,
    count: usize,
}

impl<'a> Descent<'a> {
    /// A walk that begins at a directory; those of `is_last` come after all others.
    pub(super) fn from(top: &Path, is_last: &'a [&'a Path]) -> Self {
        let waiting = VecDeque::from([top.to_owned()]);
        Self { waiting, last: VecDeque::new(), is_last, added: 0, left_out: None }
    }

    /// The next directory to look into.
    pub(super) fn next(&mut self) -> Option<PathBuf> {
        self.waiting.pop_front().or_else(|| self.last.pop_front())
    }

    /// Takes a directory to be looked into later, if there is room for it. For those that come last there always is: they are known.
    pub(super) fn add(&mut self, directory: PathBuf) {
        if self.is_last.contains(&directory.as_path()) {
            return self.last.push_back(directory);
        }
        match &mut self.left_out {
            Some(left_out) => left_out.count += 1,
            None if self.added == MOST_DIRECTORIES => self.left_out = Some(LeftOut { first: directory, count: 1 }),
            None => {
                self.added += 1;
                self.waiting.push_back(directory);
            }
        }
    }

    /// What there was no room for, in one line.
    pub(super) fn left_out(self) -> Option<Unread> {
        let LeftOut { first, count } = self.left_out?;
        Some(Unread::file(&first, Reason::NotLookedInto { count, most: MOST_DIRECTORIES }))
    }
}

/// How many directories below one are looked into. However deep they lie, each takes its time and its place in memory.
const MOST_DIRECTORIES: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_no_room_for_is_told_in_one_line() {
        let last = [Path::new("top/last")];
        let mut descent = Descent::from(Path::new("top"), &last);
        let numbered = (0..MOST_DIRECTORIES + 3).map(|number| number.to_string());
        for name in numbered.chain(["last".to_owned()]) {
            descent.add(Path::new("top").join(name));
        }
        let walked: Vec<PathBuf> = std::iter::from_fn(|| descent.next()).collect();
        assert_eq!(walked.len(), MOST_DIRECTORIES + 2);
        assert_eq!((walked[0].as_path(), walked[1].as_path()), (Path::new("top"), Path::new("top/0")));
        assert_eq!(walked.last().unwrap(), Path::new("top/last"));
        let told = descent.left_out().unwrap();
        assert_eq!(told.path, Path::new("top/20000"));
        assert!(told.reason.to_string().contains("not looked into (3 of them)"), "{}", told.reason);
    }
}
