//! The servers: the onboarding page on the local network with the ports that prove trust, and the one that tells what is
//! revoked. The only folder that waits for sockets.

mod bulletin;
mod clerk;
mod connection;
mod course;
mod desk;
mod error;
mod event;
mod guard;
mod inquiry;
mod limits;
mod onboarding;
mod probe;
mod recorder;
mod revocation;
mod revocation_event;
mod share;
mod shelf;
mod stops;
mod tls;
mod token;
mod visitors;

pub use clerk::Duties;
pub use error::ServeError;
pub use event::{Event, Guest, Proof, RootAge};
pub use revocation::RevocationServer;
pub use revocation_event::{AtWork, RevocationEvent, Served};
pub use share::{Ending, ProbePort, Share};
