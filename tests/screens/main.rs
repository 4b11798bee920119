//! What a person sees, at 80 columns: the screens are snapshots, with a fixed clock and every random digit a zero.
//!
//! `SNAPSHOTS=overwrite cargo test --test screens` writes them anew.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

mod answers;
mod dialogue;
mod machine;
mod network;
mod passwords;
mod refusals;
mod upkeep;
