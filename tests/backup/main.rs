//! Backups by the program itself: taken of a busy home, opened by others, restored, and disturbed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

#[path = "../support/mod.rs"]
mod support;

mod adopted_ca;
mod adoption;
mod busy;
mod command;
mod disk;
mod flaws;
mod refused_ca;
mod scene;
mod secrets;
mod unopened;
mod witnesses;
