//! `hubca share` as devices meet it: what it answers, what it refuses, what it proves, what it writes down, and how it ends.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

#[path = "../support/mod.rs"]
mod support;

mod announced;
mod devices;
mod earlier_root;
mod ending;
mod load;
mod refusing;
mod routes;
mod together;
mod trust;
