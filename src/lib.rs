//! hubca, a private CA for your own network.
//!
//! The house has floors, and a folder imports only from floors below it; `docs/architecture.md` tells which, and
//! `tests/architecture.rs` holds them to it.

pub mod authority;
pub mod cli;
pub mod export;
pub mod home;
pub mod import;
pub mod keys;
pub mod lint;
pub mod onboarding;
pub mod plan;
pub mod preset;
pub mod probe;
pub mod profile;
pub mod server;
pub mod store;
pub mod system;
pub mod trust;
pub mod x509;
