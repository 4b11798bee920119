//! The server: the onboarding page on the local network, and the ports that prove trust. The only folder that waits for
//! sockets.

mod connection;
mod desk;
mod error;
mod event;
mod guard;
mod limits;
mod onboarding;
mod probe;
mod recorder;
mod share;
mod tls;
mod token;
mod visitors;

pub use error::ServeError;
pub use event::{Event, Guest, Proof, RootAge};
pub use share::{Ending, ProbePort, Share};
