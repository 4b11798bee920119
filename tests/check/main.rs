//! `hubca check HOST:PORT` and `hubca inspect HOST:PORT` before servers that misbehave in every way, and before good ones.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

mod all;
mod certificates;
mod good;
mod handshakes;
mod home;
mod leaf;
mod page;
mod revocation;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod websocket;
