//! Why a step could not be taken.

use std::path::PathBuf;

use thiserror::Error;

use crate::system::{FileError, ProcessError};

/// A step of a plan could not be taken.
#[derive(Debug, Error)]
pub enum StepError {
    /// A file failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// A program could not be run.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A program ended with something else than success.
    #[error("`{line}` {how}")]
    Failed {
        /// The command line.
        line: String,
        /// How it ended.
        how: String,
        /// The last lines of what it said.
        said: Vec<String>,
    },
    /// A file was changed by somebody since, and is left to them.
    #[error("`{}` is no longer what was written there, and is left as it is", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file that a failed plan would put back was changed by somebody meanwhile, and is left to them.
    #[error("`{}` is not as it was before: somebody changed it meanwhile, and it is left as it is", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
    /// Another run of this program is at work there.
    #[error("another run of hubca is at work in `{}`", path.display())]
    Busy {
        /// The directory.
        path: PathBuf,
    },
    /// Somebody wants an end.
    #[error("it was stopped, as was asked for")]
    Interrupted,
    /// A block of lines begins in a file, and its end is gone.
    #[error("`{}` has lines of {name} without their first or last one, `# End of {name}`: take them out by hand", path.display())]
    Torn {
        /// The file.
        path: PathBuf,
        /// The name of the block.
        name: String,
    },
    /// A file into which lines are to be written has no text in it.
    #[error("`{}` holds something that is no text in UTF-8", path.display())]
    NoText {
        /// The file.
        path: PathBuf,
    },
    /// There are too many copies of what was there before.
    #[error("there are {most} copies of `{}` already", path.display())]
    Copies {
        /// The file that would be copied.
        path: PathBuf,
        /// How many are kept at most.
        most: u32,
    },
}
