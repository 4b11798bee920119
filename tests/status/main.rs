//! `hubca status` and the timer of `hubca renew` as a machine meets them: exit codes, metrics, a calendar, units of systemd.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

#[path = "../support/mod.rs"]
mod support;

mod findings;
mod page;
mod readers;
mod timer;
