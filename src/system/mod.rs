//! The doors to the world: the clock, randomness, files, the network and the process itself.
//!
//! Nothing of the crate is imported here, and the rest of the house meets the operating system through these doors only.

mod announcement;
pub mod clock;
pub mod files;
mod hardening;
mod host;
pub mod network;
mod network_error;
pub mod random;
pub mod workers;

pub use announcement::Announcement;
pub use clock::{Clock, FixedClock, Stopwatch, SystemClock};
pub use files::{Access, DirectoryMode, FileError, FileMode};
pub use hardening::harden_process;
pub use host::host_name;
pub use network::{LocalAddress, Network, Reach, SystemNetwork};
pub use network_error::NetworkError;
pub use random::{Random, RandomError, SystemRandom};
