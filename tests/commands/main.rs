//! The commands as a person meets them: what they refuse, what they keep, and what many of them do at once.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

#[path = "../support/mod.rs"]
mod support;

mod audit;
mod bad_homes;
mod bad_input;
mod batches;
mod canaries;
mod concurrency;
mod exports;
mod hostile_names;
mod output;
mod profile_options;
mod profiles;
mod quickstart;
mod races;
mod requests;
mod secrets;
mod servers;
mod shapes;
mod shapes_of_a_responder;
mod shapes_of_a_share;
mod stopped;
