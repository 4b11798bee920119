//! Why the network did not do as it was asked.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use thiserror::Error;

/// The network did not do as it was asked.
#[derive(Debug, Error)]
pub enum NetworkError {
    /// Somebody listens there already.
    #[error("port {} of {} is taken", at.port(), at.ip())]
    Taken {
        /// Where.
        at: SocketAddr,
    },
    /// The address is another machine's.
    #[error("`{0}` is not an address of this machine")]
    NotHere(IpAddr),
    /// Ports below 1024 are for the system.
    #[error("port {0} is for the system: this user may not listen there")]
    Privileged(u16),
    /// Another machine has the name.
    #[error("another machine of this network is called `{0}`")]
    NameTaken(String),
    /// Nobody could be told of the name.
    #[error("the name `{name}` cannot be announced: {reason}")]
    Unannounced {
        /// The name.
        name: String,
        /// What stood in the way.
        reason: String,
    },
    /// Nobody has a name.
    #[error("there is no host `{host}`: {reason}")]
    UnknownHost {
        /// The name.
        host: String,
        /// What the system said.
        reason: io::Error,
    },
    /// Nobody answers.
    #[error("nobody answers at port {port} of `{host}`: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// What the system said.
        reason: io::Error,
    },
    /// Something else.
    #[error("cannot use the network: {0}")]
    Other(#[from] io::Error),
}
