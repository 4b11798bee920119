//! One step: a deed on this machine, a sentence that says why, and what undoes it.

use std::path::{Path, PathBuf};

use super::{change::Change, error::StepError, lines, outcome::Outcome, program, whole_file};
use crate::system::{FileMode, Processes};

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    sentence: String,
    deed: Deed,
    /// The program whose run undoes that of this one.
    undo: Option<(String, Vec<String>)>,
    occasion: Occasion,
    is_told: Told,
    judged: Judged,
}

/// Whether a step tells a server what is there: it is then told once more when that is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Yes,
    No,
}

/// By what it is known whether a program did what it was to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    ByItsEnd,
    /// Whoever made the plan looks at what is there then.
    ByWhatItDid,
}

/// When a program is run.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Occasion {
    Always,
    /// Where this is not there yet.
    Without(PathBuf),
    /// Where this is there still, be it a link that leads nowhere.
    With(PathBuf),
}

impl Occasion {
    fn is_here(&self) -> bool {
        match self {
            Self::Always => true,
            Self::Without(path) => !path.exists(),
            Self::With(path) => path.symlink_metadata().is_ok(),
        }
    }
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Makes a directory that only we can enter, with those above it, where there is none.
    MakeDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// Writes a file whole. What somebody else wrote there is kept beside it.
    Write {
        /// The file.
        path: PathBuf,
        /// What it will hold.
        content: Vec<u8>,
        /// Who may read it.
        mode: FileMode,
        /// What was written there last, if that is known: it is nobody else's.
        written: Option<Vec<u8>>,
    },
    /// Removes a file, where there is one. What somebody else wrote is kept beside it.
    Remove {
        /// The file.
        path: PathBuf,
        /// What an earlier step wrote into it, if one did.
        written: Option<Vec<u8>>,
    },
    /// Brings back what was kept when a file was written or removed, or removes what was written.
    Restore {
        /// The file.
        path: PathBuf,
        /// What was written into it, if anything.
        written: Option<Vec<u8>>,
    },
    /// Writes a block of lines into a text file, in place of the one of that name; what else is in the file stays, and whose
    /// it is.
    WriteBlock {
        /// The file.
        path: PathBuf,
        /// The name of the block.
        name: String,
        /// Its lines.
        text: String,
        /// The name of a block that goes.
        rival: Option<String>,
    },
    /// Removes a block from a text file.
    RemoveBlock {
        /// The file.
        path: PathBuf,
        /// The name of the block.
        name: String,
    },
    /// Runs a program; no shell reads its words.
    Run {
        /// The program and its arguments.
        words: Vec<String>,
        /// What it reads on its standard input.
        input: Vec<u8>,
    },
}

impl Deed {
    /// The file or directory that it touches; none for a program.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::MakeDirectory { path }
            | Self::Write { path, .. }
            | Self::Remove { path, .. }
            | Self::Restore { path, .. }
            | Self::WriteBlock { path, .. }
            | Self::RemoveBlock { path, .. } => Some(path),
            Self::Run { .. } => None,
        }
    }
}

impl Step {
    /// Makes a directory.
    pub fn make_directory(sentence: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self::of(sentence, Deed::MakeDirectory { path: path.into() })
    }

    /// Writes a file.
    pub fn write(
        sentence: impl Into<String>,
        path: impl Into<PathBuf>,
        content: impl Into<Vec<u8>>,
        mode: FileMode,
    ) -> Self {
        Self::of(sentence, Deed::Write { path: path.into(), content: content.into(), mode, written: None })
    }

    /// The same step, which writes over this as over its own.
    #[must_use]
    pub fn over(mut self, text: impl Into<Vec<u8>>) -> Self {
        if let Deed::Write { written, .. } = &mut self.deed {
            *written = Some(text.into());
        }
        self
    }

    /// Removes a file.
    pub fn remove(sentence: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self::of(sentence, Deed::Remove { path: path.into(), written: None })
    }

    /// Removes a file that an earlier step wrote.
    pub fn remove_written(sentence: impl Into<String>, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        Self::of(sentence, Deed::Remove { path: path.into(), written: Some(content.into()) })
    }

    /// Writes a block of lines into a text file.
    pub fn write_block(
        sentence: impl Into<String>,
        path: impl Into<PathBuf>,
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self::of(sentence, Deed::WriteBlock { path: path.into(), name: name.into(), text: text.into(), rival: None })
    }

    /// The same step, which takes out the block of another name as well, where there is one: both would be too much.
    #[must_use]
    pub fn instead_of(mut self, other: impl Into<String>) -> Self {
        if let Deed::WriteBlock { rival, .. } = &mut self.deed {
            *rival = Some(other.into());
        }
        self
    }

    /// Runs a program.
    pub fn run(sentence: impl Into<String>, words: &[&str]) -> Self {
        Self::of(sentence, Deed::Run { words: owned(words), input: Vec::new() })
    }

    /// Runs a program that reads this on its standard input.
    pub fn feed(sentence: impl Into<String>, words: &[&str], input: impl Into<Vec<u8>>) -> Self {
        Self::of(sentence, Deed::Run { words: owned(words), input: input.into() })
    }

    /// Runs a program that has a server take what is there now. It is the last of a plan, and is run once more when what came
    /// before it is undone.
    pub fn tell(sentence: impl Into<String>, words: &[&str]) -> Self {
        Self { is_told: Told::Yes, ..Self::run(sentence, words) }
    }

    /// The same step, which runs nothing where this is there already; and what undoes it nothing where it is gone.
    #[must_use]
    pub fn unless(self, path: impl Into<PathBuf>) -> Self {
        Self { occasion: Occasion::Without(path.into()), ..self }
    }

    /// The same step, whose program may end as it likes: whoever makes the plan looks at what is there afterwards.
    #[must_use]
    pub fn judged_by_what_it_did(self) -> Self {
        Self { judged: Judged::ByWhatItDid, ..self }
    }

    /// The same step, undone by running another program.
    #[must_use]
    pub fn undone_by(self, sentence: impl Into<String>, words: &[&str]) -> Self {
        Self { undo: Some((sentence.into(), owned(words))), ..self }
    }

    fn of(sentence: impl Into<String>, deed: Deed) -> Self {
        let (occasion, is_told, judged) = (Occasion::Always, Told::No, Judged::ByItsEnd);
        Self { sentence: sentence.into(), deed, undo: None, occasion, is_told, judged }
    }

    /// Why it is taken, for a person: `start the timer at every boot`.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    /// What it does.
    pub fn deed(&self) -> &Deed {
        &self.deed
    }

    /// The program that it runs, if it is one of those.
    pub fn program(&self) -> Option<&str> {
        match &self.deed {
            Deed::Run { words, .. } => words.first().map(String::as_str),
            _ => None,
        }
    }

    /// Whether it has a server take what is there.
    pub(super) fn tells(&self) -> bool {
        self.is_told == Told::Yes
    }

    /// The step that undoes this one; none where there is nothing to undo, as with a directory, which may hold more by
    /// then.
    pub fn undoing(&self) -> Option<Self> {
        let restore = |path: &Path, written: Option<&Vec<u8>>| {
            let sentence = format!("bring back what was in {}", path.display());
            Self::of(sentence, Deed::Restore { path: path.to_owned(), written: written.cloned() })
        };
        match &self.deed {
            Deed::Write { path, content, .. } => Some(restore(path, Some(content))),
            Deed::Remove { path, written: None } => Some(restore(path, None)),
            Deed::WriteBlock { path, name, .. } => {
                let sentence = format!("take the lines of {name} out of {}", path.display());
                Some(Self::of(sentence, Deed::RemoveBlock { path: path.clone(), name: name.clone() }))
            }
            Deed::Run { .. } => {
                let (sentence, words) = self.undo.clone()?;
                let undoing = Self::of(sentence, Deed::Run { words, input: Vec::new() });
                Some(match &self.occasion {
                    Occasion::Without(path) => Self { occasion: Occasion::With(path.clone()), ..undoing },
                    _ => undoing,
                })
            }
            Deed::Remove { .. } | Deed::MakeDirectory { .. } | Deed::Restore { .. } | Deed::RemoveBlock { .. } => None,
        }
    }

    /// The file that it writes, removes or brings back.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.deed {
            Deed::MakeDirectory { .. } => None,
            deed => deed.path(),
        }
    }

    /// Takes it, and notes what it does to files. Taken twice, it does no more than once; but a program is run again.
    ///
    /// # Errors
    /// A file or a program that fails.
    pub(super) fn take(&self, processes: &dyn Processes, change: &mut Change) -> Result<Outcome, StepError> {
        match &self.deed {
            Deed::MakeDirectory { path } if path.is_dir() => Ok(Outcome::AlreadySo),
            Deed::MakeDirectory { path } => change.make_directory(path).map(|()| Outcome::Done),
            Deed::Write { path, content, mode, written } => {
                whole_file::write(path, content, *mode, written.as_deref(), change)
            }
            Deed::Remove { path, written } => whole_file::remove(path, written.as_deref(), change),
            Deed::Restore { path, written } => whole_file::restore(path, written.as_deref(), change),
            Deed::WriteBlock { path, name, text, rival } => lines::write(path, (name, text), rival.as_deref(), change),
            Deed::RemoveBlock { path, name } => lines::remove(path, name, change),
            Deed::Run { .. } if !self.occasion.is_here() => Ok(Outcome::AlreadySo),
            Deed::Run { words, input } => match program::run(words, input, processes) {
                Err(StepError::Failed { .. }) if self.judged == Judged::ByWhatItDid => Ok(Outcome::Done),
                ended => ended,
            },
        }
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
