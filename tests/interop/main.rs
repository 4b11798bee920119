//! Foreign witnesses: tools that are not ours judge what hubca makes, and refuse what it must not be able to make.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "the tests of a program run other programs and read files; where one cannot, the test fails and says so"
)]

#[path = "../support/mod.rs"]
mod support;

mod chain;
mod differential;
mod hand_made;
mod handed_out;
mod judges;
mod matrix;
mod random;
mod scope;
mod served;
mod signed_profile;
mod witness;
