//! A look at what a server shows: the chain it sends in a TLS handshake, and whether it has the key.
//!
//! The look is from outside and believes nothing: any certificate is taken as it is, the other side has so much time
//! and so many bytes. TLS comes first on the connection: protocols that begin in clear text (STARTTLS) are not spoken.

mod address;
mod error;
mod look;
mod witness;

pub use address::{Address, AddressError};
pub use error::ProbeError;
pub use look::{Served, look};
