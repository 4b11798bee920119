//! Why there is no preset.

use thiserror::Error;

use super::{language::UnsayableError, target::Target};

/// Why there is no preset.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PresetError {
    /// A directory that a server could not find, or no configuration can hold.
    #[error("`{0}` is no directory for a server's files: an absolute path of printable characters")]
    Directory(String),
    /// A path with something that the server's language obeys, and has no way to write down.
    #[error(transparent)]
    Unsayable(#[from] UnsayableError),
    /// A certificate that vouches for no address and no name.
    #[error("the certificate of `{0}` has no address and no name that a server could be reached by")]
    NoName(String),
    /// A server that would stand in front of itself.
    #[error("`{target}` would stand in front of itself: it is {target} that listens at port {port}")]
    Loop {
        /// The server.
        target: Target,
        /// The port.
        port: u16,
    },
    /// A template that asks for a value which its preset does not have: a defect of this program.
    #[error("the preset `{target}` has no value `{name}`")]
    NoValue {
        /// The preset.
        target: Target,
        /// The value.
        name: String,
    },
}
