//! Rotation: at every step each server is trusted by clients with the old root, the new one, or both, as tools by others see it;
//! and a step that cannot be taken changes nothing.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the tests of a program run other programs and read files; where one cannot, the test fails and says so"
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../interop/chain.rs"]
#[expect(dead_code, reason = "the other tests with witnesses use more of it")]
mod chain;
#[path = "../interop/hand_made.rs"]
#[expect(dead_code, reason = "the other tests with witnesses use more of it")]
mod hand_made;
#[path = "../interop/witness/mod.rs"]
#[expect(dead_code, reason = "the other tests with witnesses use more of it")]
mod witness;

mod commands;
mod exports;
mod scene;
mod thief;
mod trusted;
