//! A real browser visits the onboarding page, as each device and in each state of trust; what it shows is compared and can be looked at.
//!
//! `tests/run` installs Chromium and Playwright. Where `HUBCA_TEST_PICTURES` names a directory, the screenshots stay there.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the tests of a program run other programs and read files; where one cannot, the test fails and says so"
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../import/hand_made.rs"]
#[expect(dead_code, reason = "the tests of moving in use more of it")]
mod hand_made;
#[path = "../import/openssl_ca.rs"]
#[expect(dead_code, reason = "the tests of moving in use more of it")]
mod openssl_ca;

mod devices;
mod hostile;
mod moved_in;
mod stage;
mod trust;
