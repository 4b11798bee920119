//! Renewal as an operator lives it: real servers that are reloaded and looked at, hooks that misbehave, clocks that are wrong.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

mod address;
mod clock;
mod hooks;
mod jupyter;
mod nginx;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod unattended;
