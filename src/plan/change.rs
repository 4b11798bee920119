//! What a step does to files: each act is noted before it is done, so that it can be undone even where it failed half-way.

use std::path::{Path, PathBuf};

use super::{aside, error::StepError, held::Held, mark::Writer};
use crate::system::files::{
    self, Spare,
    directory::{self, entry_at},
};

/// What a step has done so far. Dropped, it stays done.
#[derive(Debug, Default)]
pub(super) struct Change {
    acts: Vec<Act>,
    kept: Option<PathBuf>,
    undoing: Undoing,
}

/// Whether a change may have to be undone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Undoing {
    #[default]
    Possible,
    Never,
}

#[derive(Debug)]
enum Act {
    /// A directory was made.
    Made(PathBuf),
    /// A file was given another name.
    Renamed { from: PathBuf, to: PathBuf },
    /// A file was put in place of another one, whose second name this is, or was taken away.
    Replaced { path: PathBuf, was: Option<Second>, left: Held },
}

/// The second name of a file whose place another one takes.
#[derive(Debug)]
enum Second {
    /// Until the plan is taken.
    Spare(Spare),
    /// For good: it is a person's.
    Copy(PathBuf),
}

impl Change {
    /// One that is never undone: what this program wrote needs no second name, under which somebody could find it.
    pub(super) fn for_good() -> Self {
        Self { undoing: Undoing::Never, ..Self::default() }
    }

    /// Where the copy lies of what somebody had changed, if there is one.
    pub(super) fn kept(&self) -> Option<&Path> {
        self.kept.as_deref()
    }

    /// Makes a directory, with those above it.
    pub(super) fn make_directory(&mut self, path: &Path) -> Result<(), StepError> {
        self.acts.push(Act::Made(path.to_owned()));
        Ok(directory::create_directories(path)?)
    }

    /// Makes sure that nothing is lost when `left` takes the place of what lies at a path, which `writer` wrote; nobody did
    /// where nothing lies there.
    pub(super) fn prepare(&mut self, path: &Path, writer: Option<Writer>, left: Held) -> Result<(), StepError> {
        if matches!(writer, None | Some(Writer::Them)) {
            self.make_way(path)?;
        }
        let was = match writer {
            None => None,
            Some(Writer::Us) if self.undoing == Undoing::Never => None,
            Some(Writer::Us) => Some(Second::Spare(Spare::of(path)?)),
            Some(Writer::UsAndThem) => Some(Second::Copy(aside::edited(path)?)),
            Some(Writer::Them) => Some(Second::Copy(aside::before(path))),
        };
        let copy = was.as_ref().and_then(Second::copy).map(Path::to_owned);
        if writer == Some(Writer::UsAndThem) {
            self.kept.clone_from(&copy);
        }
        self.acts.push(Act::Replaced { path: path.to_owned(), was, left });
        Ok(copy.map_or(Ok(()), |copy| files::link(path, &copy))?)
    }

    /// What was there before an earlier installation is none of this one's: its copy gets another name.
    fn make_way(&mut self, path: &Path) -> Result<(), StepError> {
        let earlier = aside::before(path);
        match Held::at(&earlier)? {
            Held::Nothing => Ok(()),
            // A run that was killed got as far as this.
            same if same == Held::at(path)? => Ok(files::remove(&earlier)?),
            _ => self.rename(&earlier, &aside::before_earlier(path)?),
        }
    }

    /// Gives a file another name.
    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> Result<(), StepError> {
        self.acts.push(Act::Renamed { from: from.to_owned(), to: to.to_owned() });
        Ok(directory::rename(from, to)?)
    }

    /// Puts everything back, the last first; gives what could not be.
    pub(super) fn undo(self) -> Vec<StepError> {
        self.acts.into_iter().rev().filter_map(|act| act.undo().err()).collect()
    }
}

impl Act {
    fn undo(self) -> Result<(), StepError> {
        match self {
            Self::Made(path) => directory::remove_if_empty(&path),
            Self::Renamed { from, to } => {
                if entry_at(&from)?.is_none() && entry_at(&to)?.is_some() {
                    directory::rename(&to, &from)?;
                }
            }
            Self::Replaced { path, was: None, left } => match Held::at(&path)? {
                Held::Nothing => {}
                held if held == left => files::remove(&path)?,
                _ => return Err(StepError::ChangedMeanwhile { path }),
            },
            Self::Replaced { path, was: Some(second), left } => {
                let (now, before) = (Held::at(&path)?, Held::at(second.path())?);
                if before == Held::Nothing {
                    // It was never given its second name, and nothing took its place.
                } else if now == before {
                    files::remove(second.path())?;
                } else if now == left {
                    directory::rename(second.path(), &path)?;
                } else {
                    return Err(StepError::ChangedMeanwhile { path });
                }
            }
        }
        Ok(())
    }
}

impl Second {
    fn path(&self) -> &Path {
        match self {
            Self::Spare(spare) => spare.path(),
            Self::Copy(path) => path,
        }
    }

    fn copy(&self) -> Option<&Path> {
        match self {
            Self::Spare(_) => None,
            Self::Copy(path) => Some(path),
        }
    }
}
