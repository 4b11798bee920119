//! CAs that other programs made move in: devices that trusted their roots accept what is issued afterwards, and nothing that was
//! issued or revoked before is lost.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

#[path = "../support/mod.rs"]
mod support;

mod devices;
mod hand_made;
mod limits;
mod long_book;
mod openssl;
mod openssl_ca;
mod other_programs;
mod overlooked;
mod passphrases;
mod refused;
mod revoked_cas;
mod tree;
mod untidy;
