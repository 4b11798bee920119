//! Revocation as others see it: every verifier reads the CRLs, refuses what they list and takes what they do not.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

#[path = "../support/mod.rs"]
mod support;

mod client_certificates;
mod clock;
mod command;
mod long_list;
mod verifiers;
