//! The doors to the world: the clock, randomness, files, the network, other programs and the process itself.
//!
//! Nothing of the crate is imported here, and the rest of the house meets the operating system through these doors only.

mod accounts;
mod announcement;
pub mod clock;
mod connection;
mod conversation;
mod ending;
pub mod files;
mod hardening;
pub mod host;
mod host_name;
mod interruption;
mod local_address;
pub mod network;
mod network_error;
mod process_error;
pub mod processes;
pub mod random;
mod record;
mod running;
mod shell;
mod speech;
mod tail;
pub mod workers;

pub use accounts::{AccountError, group_number, user_directory, user_number};
pub use announcement::Announcement;
pub use clock::{Clock, FixedClock, Stopwatch, SystemClock};
pub use connection::Connection;
pub use conversation::{BrokenOff, Company, Conversation, Heard};
pub use ending::{Answered, Ended, Ending};
pub use files::{Access, DirectoryMode, FileError, FileMode, Ownership};
pub use hardening::harden_process;
pub use host::{Host, HostAddress, HostError};
pub use host_name::host_name;
pub use interruption::Interruption;
pub use local_address::{LocalAddress, Reach, Stay};
pub use network::{Network, SystemNetwork};
pub use network_error::NetworkError;
pub use process_error::ProcessError;
pub use processes::{Errand, Processes, SystemProcesses};
pub use random::{Random, RandomError, SystemRandom};
pub use shell::shell_quoted;
