//! Machines: this one, and others that are reached through a shell there.
//!
//! Whoever looks at files and runs programs through a [`Host`] need not know where they are. Another machine is reached by a program of
//! this one, `ssh` or `docker`, over one connection: a POSIX shell at its other end is told what to do, and nothing is put there.

mod address;
mod door;
mod elsewhere;
mod error;
mod here;
mod obstacle;

pub use address::{AddressError, Engine, HostAddress};
pub use door::{Host, Lying, Whereabouts};
pub use elsewhere::{Elsewhere, FarSurroundings};
pub use error::HostError;
pub use here::Here;
pub use obstacle::Obstacle;
