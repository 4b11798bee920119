//! The profiles for Apple devices, as hubca writes them: Apple's schema and the readers of others judge each of them, and the
//! judge itself is shown profiles that are broken in one place.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

#[path = "../support/mod.rs"]
mod support;

mod broken;
mod finding;
mod identity;
mod made;
mod readers;
mod schema;
mod secrets;
mod validator;
mod workshop;
