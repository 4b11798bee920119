//! `hubca trust` on machines of the tests' own: programs by others trust a server of this CA after `install`, and none of them does after
//! `remove`; what was there before is there again, byte for byte.
//!
//! The stores of Debian are changed by its own programs. Those of other systems are made of directories and stand-ins for their
//! programs. Another machine is reached through a real server of SSH; a container is a directory, and its engine a stand-in. The plans of machines that nobody has here are snapshots: `SNAPSHOTS=overwrite cargo test --test trust` writes them anew.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

mod browsers;
mod container;
mod databases;
mod debian;
mod elsewhere;
mod environment;
mod failures;
mod java;
mod layouts;
mod p11_kit;
mod pinned;
mod plans;
mod policy;
mod room;
mod scene;
mod succession;
#[path = "../support/mod.rs"]
mod support;
mod together;
mod unprivileged;
mod warned;
