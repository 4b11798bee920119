//! How a program ended, and what it said.

use std::{os::unix::process::ExitStatusExt, process::ExitStatus};

/// How a program ended, and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub how: Ending,
    /// The end of what it wrote to both of its outputs.
    pub output: String,
}

/// How a program ended that was asked something, and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// How it ended.
    pub how: Ending,
    /// All that it wrote to its standard output.
    pub answer: String,
    /// The end of what it wrote to its standard error.
    pub complaint: String,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// It took too long, and was ended with all that it had started.
    TimeLimit,
}

impl Ending {
    /// Whether it did what it was to do.
    pub fn is_success(self) -> bool {
        self == Self::Code(0)
    }

    pub(super) fn of(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, signal) => Self::Signal(signal.unwrap_or_default()),
        }
    }
}
