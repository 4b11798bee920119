//! `hubca ocsp serve` as those meet it who ask: openssl, GnuTLS, NSS, Python's cryptography, pkilint, curl, and the hostile.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod asked_by_others;
mod clock;
mod files;
mod hostile;
mod scene;
