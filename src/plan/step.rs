//! One step: a deed on this machine, a sentence that says why, and what undoes it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    aside::{self, Aside},
    block,
    error::StepError,
    mark::is_ours,
};
use crate::system::{
    Ended, Ending, Errand, FileMode, Processes,
    files::{self, directory, read_bounded},
};

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    sentence: String,
    deed: Deed,
    /// The program whose run undoes that of this one.
    undo: Option<(String, Vec<String>)>,
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
    },
}

/// What a file held before a plan was begun; nothing where there was none.
pub(super) struct Before {
    path: PathBuf,
    content: Option<Vec<u8>>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Done,
    /// There was nothing to do.
    AlreadySo,
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
        Self::of(sentence, Deed::Write { path: path.into(), content: content.into(), mode })
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
        Self::of(sentence, Deed::Run { words: owned(words) })
    }

    /// The same step, undone by running another program.
    #[must_use]
    pub fn undone_by(self, sentence: impl Into<String>, words: &[&str]) -> Self {
        Self { undo: Some((sentence.into(), owned(words))), ..self }
    }

    fn of(sentence: impl Into<String>, deed: Deed) -> Self {
        Self { sentence: sentence.into(), deed, undo: None }
    }

    /// Why it is taken, for a person: `start the timer at every boot`.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    /// What it does.
    pub fn deed(&self) -> &Deed {
        &self.deed
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
                Some(Self::of(sentence, Deed::Run { words }))
            }
            Deed::Remove { .. } | Deed::MakeDirectory { .. } | Deed::Restore { .. } | Deed::RemoveBlock { .. } => None,
        }
    }

    /// What its file holds now, where it writes one.
    pub(super) fn before(&self) -> Result<Option<Before>, StepError> {
        match (&self.deed, self.deed.path()) {
            (Deed::MakeDirectory { .. }, _) | (_, None) => Ok(None),
            (_, Some(path)) => Ok(Some(Before { path: path.to_owned(), content: held(path)? })),
        }
    }

    /// Takes it. Taken twice, it does no more than once; but a program is run again.
    ///
    /// # Errors
    /// A file or a program that fails.
    pub fn take(&self, processes: &dyn Processes) -> Result<Outcome, StepError> {
        match &self.deed {
            Deed::MakeDirectory { path } if path.is_dir() => Ok(Outcome::AlreadySo),
            Deed::MakeDirectory { path } => {
                directory::create_directories(path)?;
                Ok(Outcome::Done)
            }
            Deed::Write { path, content, mode } => write(path, content, *mode),
            Deed::Remove { path, written } => remove(path, written.as_deref()),
            Deed::Restore { path, written } => restore(path, written.as_deref()),
            Deed::WriteBlock { path, name, text, rival } => write_block(path, name, text, rival.as_deref()),
            Deed::RemoveBlock { path, name } => remove_block(path, name),
            Deed::Run { words } => run(words, processes),
        }
    }
}

impl Before {
    pub(super) fn put_back(&self) -> Result<(), StepError> {
        match (&self.content, held(&self.path)?) {
            (Some(content), Some(_)) => files::rewrite(&self.path, content)?,
            (Some(content), None) => files::write_new(&self.path, content, FileMode::Public)?,
            (None, Some(_)) => files::remove(&self.path)?,
            (None, None) => {}
        }
        Ok(())
    }
}

fn write(path: &Path, content: &[u8], mode: FileMode) -> Result<Outcome, StepError> {
    match held(path)? {
        // A link of that name leads to another file, whose place this one takes.
        Some(held) if held == content && !path.is_symlink() => return Ok(Outcome::AlreadySo),
        Some(held) if !is_ours(&held) => aside::keep(path, &held)?,
        _ => {}
    }
    files::replace(path, content, mode)?;
    Ok(Outcome::Done)
}

fn remove(path: &Path, written: Option<&[u8]>) -> Result<Outcome, StepError> {
    match held(path)? {
        None => return Ok(Outcome::AlreadySo),
        Some(held) if !is_ours(&held) && written != Some(&held[..]) => aside::keep(path, &held)?,
        Some(_) => {}
    }
    files::remove(path)?;
    Ok(Outcome::Done)
}

fn restore(path: &Path, written: Option<&[u8]>) -> Result<Outcome, StepError> {
    let held = held(path)?;
    let is_foreign = |held: &Vec<u8>| !is_ours(held) && written != Some(held);
    if held.as_ref().is_some_and(is_foreign) {
        return Err(StepError::Changed { path: path.to_owned() });
    }
    match (Aside::newest(path), held) {
        (Some(copy), _) => copy.bring_back(path)?,
        (None, Some(_)) => files::remove(path)?,
        (None, None) => return Ok(Outcome::AlreadySo),
    }
    Ok(Outcome::Done)
}

fn write_block(path: &Path, name: &str, text: &str, rival: Option<&str>) -> Result<Outcome, StepError> {
    let Some(held) = held_text(path)? else {
        let whole = block::with("", name, text).unwrap_or_default();
        files::write_new(path, whole.as_bytes(), FileMode::Public)?;
        return Ok(Outcome::Done);
    };
    let torn = |name: &str| StepError::Torn { path: path.to_owned(), name: name.to_owned() };
    let rest = rival.map(|rival| block::without(&held, rival).ok_or_else(|| torn(rival))).transpose()?;
    let whole = block::with(rest.as_ref().unwrap_or(&held), name, text).ok_or_else(|| torn(name))?;
    if whole == held {
        return Ok(Outcome::AlreadySo);
    }
    files::rewrite(path, whole.as_bytes())?;
    Ok(Outcome::Done)
}

fn remove_block(path: &Path, name: &str) -> Result<Outcome, StepError> {
    let Some(held) = held_text(path)? else { return Ok(Outcome::AlreadySo) };
    let torn = || StepError::Torn { path: path.to_owned(), name: name.to_owned() };
    let rest = block::without(&held, name).ok_or_else(torn)?;
    if rest == held {
        return Ok(Outcome::AlreadySo);
    }
    if rest.is_empty() {
        files::remove(path)?;
    } else {
        files::rewrite(path, rest.as_bytes())?;
    }
    Ok(Outcome::Done)
}

fn held_text(path: &Path) -> Result<Option<String>, StepError> {
    let text = held(path)?.map(String::from_utf8).transpose();
    text.map_err(|_| StepError::NoText { path: path.to_owned() })
}

fn run(words: &[String], processes: &dyn Processes) -> Result<Outcome, StepError> {
    let errand = Errand { words: words.to_vec(), variables: Vec::new(), limit: LONGEST_RUN };
    let Ended { how, output } = processes.run(&errand)?;
    if how.is_success() {
        return Ok(Outcome::Done);
    }
    let how = match how {
        Ending::Code(code) => format!("failed with exit code {code}"),
        Ending::Signal(signal) => format!("was ended by signal {signal}"),
        Ending::TimeLimit => format!("was still running after {} seconds", LONGEST_RUN.as_secs()),
    };
    let output = output.trim();
    let said = if output.is_empty() { String::new() } else { format!(": {output}") };
    Err(StepError::Failed { line: shell_line(words), how, said })
}

/// What a file holds, where there is one.
fn held(path: &Path) -> Result<Option<Vec<u8>>, StepError> {
    match read_bounded(path, MOST_BYTES) {
        Ok(held) => Ok(Some(held)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A command line as a shell would take it for these words.
pub fn shell_line(words: &[String]) -> String {
    words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it for one.
pub fn shell_word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+,:@%=".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The largest file that is written over: each is one that a person could have written.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The programs of a plan tell another one what to do, and do not work themselves.
const LONGEST_RUN: Duration = Duration::from_secs(60);
