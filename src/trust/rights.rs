//! By whose rights a step is taken: sudo is put before a step that needs it, and never before the whole program.

use std::path::{Path, PathBuf};

use crate::{
    plan::{Deed, Plan, Step},
    system::{FileMode, host::Whereabouts},
};

/// By whose rights a step is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rights {
    /// By those of this process.
    Own,
    /// Through programs alone, behind these words, which have another user's: `sudo -n --`. On another machine there are steps
    /// behind no words at all.
    Through(Vec<String>),
}

/// The person whose own stores are looked after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their own directory.
    pub directory: PathBuf,
    /// By whose rights steps in it are taken: under `sudo hubca` it is theirs and not root's.
    pub rights: Rights,
}

impl Rights {
    /// Writes a file that everybody may read.
    pub(super) fn write(&self, sentence: &str, path: &Path, content: &str) -> Step {
        match self {
            Self::Own => Step::write(sentence, path, content, FileMode::Public),
            Self::Through(_) => {
                let path = path.to_string_lossy();
                self.feed(sentence, &["install", "-m", FileMode::Public.as_str(), "/dev/stdin", &path], content)
            }
        }
    }

    /// Writes such a file over one that this program wrote: what is in it is nobody else's.
    pub(super) fn write_over(&self, sentence: &str, path: &Path, content: &str, written: &[u8]) -> Step {
        match self {
            Self::Own => self.write(sentence, path, content).over(written),
            Self::Through(_) => self.write(sentence, path, content),
        }
    }

    /// Writes a file by whatever rights these are: the program above opens what it reads anew, which nobody may who was given the pipe of
    /// another user, and that of BSD takes no pipe at all.
    pub(super) fn pour(&self, sentence: &str, path: &Path, content: &str) -> Step {
        match self {
            Self::Own => self.write(sentence, path, content),
            Self::Through(_) => self.feed(sentence, &["tee", &path.to_string_lossy()], content),
        }
    }

    /// Removes a file that was written by [`Self::write`].
    pub(super) fn remove(&self, sentence: &str, path: &Path, content: &[u8]) -> Step {
        match self {
            Self::Own => Step::remove_written(sentence, path, content),
            Self::Through(_) => self.run(sentence, &["rm", "-f", "--", &path.to_string_lossy()]),
        }
    }

    /// Runs a program.
    pub(super) fn run(&self, sentence: &str, words: &[&str]) -> Step {
        Step::run(sentence, &self.words(words))
    }

    /// Runs a program that reads this.
    pub(super) fn feed(&self, sentence: &str, words: &[&str], input: &str) -> Step {
        Step::feed(sentence, &self.words(words), input)
    }

    /// Those of whoever acts on a machine, without asking for more.
    pub fn plain(whereabouts: Whereabouts) -> Self {
        match whereabouts {
            Whereabouts::Here => Self::Own,
            Whereabouts::Elsewhere => Self::Through(Vec::new()),
        }
    }

    /// Whether a plan has a step that is taken through another program for these rights.
    pub fn are_used_in(&self, plan: &Plan) -> bool {
        let Self::Through(before) = self else { return false };
        if before.is_empty() {
            return false;
        }
        let is_begun = |step: &Step| matches!(step.deed(), Deed::Run { words, .. } if words.starts_with(before));
        plan.steps().iter().any(is_begun)
    }

    /// The words of a program that is run by these rights.
    pub(super) fn words<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        let before = match self {
            Self::Own => &[][..],
            Self::Through(before) => before,
        };
        before.iter().map(String::as_str).chain(words.iter().copied()).collect()
    }
}
