//! Why another program was not run.

use std::io;

use thiserror::Error;

/// Another program could not be run.
#[derive(Debug, Error)]
pub enum ProcessError {
    /// There are no words to run.
    #[error("there is no program to run")]
    Nothing,
    /// There is no such program.
    #[error("there is no program `{0}`")]
    Missing(String),
    /// The system does not let us run it.
    #[error("`{program}` cannot be run: permission denied")]
    Permission {
        /// The program.
        program: String,
    },
    /// It was stopped: somebody wants an end of it.
    #[error("`{program}` was stopped, as was asked for")]
    Interrupted {
        /// The program.
        program: String,
    },
    /// All that it says is needed, and it says more than anybody reads.
    #[error("`{program}` says more than the {} MiB that are read here", most / MEGABYTE)]
    TooLong {
        /// The program.
        program: String,
        /// How much is read, in bytes.
        most: usize,
    },
    /// It speaks with a person, and there is no terminal to do so.
    #[error("`{program}` wants a terminal, and there is none")]
    NoTerminal {
        /// The program.
        program: String,
    },
    /// The machine that would run it is out of reach.
    #[error("`{program}` cannot be run: the connection to `{host}` has ended")]
    OutOfReach {
        /// The program.
        program: String,
        /// The machine.
        host: String,
    },
    /// Something else.
    #[error("`{program}` cannot be run")]
    Other {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
}

impl ProcessError {
    pub(super) fn new(program: &str, error: io::Error) -> Self {
        let program = program.to_owned();
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing(program),
            io::ErrorKind::PermissionDenied => Self::Permission { program },
            _ => Self::Other { program, source: error },
        }
    }
}

/// A mebibyte.
const MEGABYTE: usize = 1024 * 1024;
