//! A look at what a server shows: the chain it sends in a TLS handshake, and whether it has the key; and a longer visit to it.
//!
//! The look is from outside and believes nothing: any certificate is taken as it is, the other side has so much time
//! and so many bytes. TLS comes first on the connection: protocols that begin in clear text (STARTTLS) are not spoken.

mod address;
mod error;
mod handshake;
mod http;
mod look;
mod meeting;
mod old_versions;
mod opening;
mod revocation;
mod served_chain;
mod visit;
mod witness;

pub use address::{Address, AddressError};
pub use error::ProbeError;
pub use handshake::NoHandshake;
pub use look::{Served, look, shown};
pub use meeting::{Meeting, meet};
pub use opening::Opening;
pub use revocation::{Says, Statement};
pub use served_chain::{KnownCas, ServedChain};
pub use visit::{Plain, Visit, Visitor, WebSocket};
