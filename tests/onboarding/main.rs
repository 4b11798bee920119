//! The onboarding page as documents: its markup, its policy, its codes and pictures, whoever made up the names.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the tests of a program run other programs and read files; where one cannot, the test fails and says so"
)]

#[path = "../support/mod.rs"]
mod support;

mod codes;
mod guide;
mod markup;
mod offers;
