//! Why nothing can be done on another machine.

use thiserror::Error;

use super::{address::HostAddress, obstacle::Obstacle};
use crate::system::{process_error::ProcessError, random::RandomError};

/// Nothing can be done on another machine.
#[derive(Debug, Error)]
pub enum HostError {
    /// The program that leads there cannot be run.
    #[error("cannot reach `{host}`")]
    NoWay {
        /// The machine.
        host: HostAddress,
        /// Why.
        source: ProcessError,
    },
    /// It was not reached.
    #[error("cannot reach `{host}`: {obstacle}")]
    NotReached {
        /// The machine.
        host: HostAddress,
        /// Why.
        obstacle: Obstacle,
        /// What the program said that leads there, line by line.
        said: Vec<String>,
    },
    /// It was reached, and the connection ended.
    #[error("the connection to `{host}` has ended")]
    Ended {
        /// The machine.
        host: HostAddress,
        /// What the program said that leads there, line by line.
        said: Vec<String>,
    },
    /// No answer came in time, and the connection was ended; what was run there may run still.
    #[error("`{host}` does not answer in time")]
    Late {
        /// The machine.
        host: HostAddress,
    },
    /// It was stopped: somebody wants an end of it.
    #[error("it was stopped, as was asked for")]
    Interrupted,
    /// It says something else than a shell would.
    #[error("`{host}` does not answer as a shell does")]
    Strange {
        /// The machine.
        host: HostAddress,
    },
    /// No mark could be drawn.
    #[error(transparent)]
    Random(#[from] RandomError),
}
