//! The doors to the world: the clock, randomness, files and the process itself.
//!
//! Nothing of the crate is imported here, and the rest of the house meets the operating system through these doors only.

pub mod clock;
pub mod files;
mod hardening;
pub mod random;
pub mod workers;

pub use clock::{Clock, FixedClock, Stopwatch, SystemClock};
pub use files::{Access, DirectoryMode, FileError, FileMode};
pub use hardening::harden_process;
pub use random::{Random, RandomError, SystemRandom};
