//! The servers themselves with what `hubca export preset` writes for them, word for word: each is started, visited, scanned, and
//! shown a new certificate.
//!
//! Each test has a machine of its own, at the ports and in the places that the presets name: see `support::machine`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

mod echo;
mod formats;
mod hostile;
mod installed;
mod languages;
mod proxies;
mod put_in_place;
mod services;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod undone;
mod visitor;
