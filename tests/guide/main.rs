//! The pages of `docs/guide` that are written by hand, walked as by a new user on a clean machine, command by command.
//!
//! Blocks of `console` are typed, and what comes of each command is what stands below it: but for dates, serial numbers and
//! fingerprints, and any lines where the page has `…`. A block that ends with `…` goes on while the walk does. Where the page
//! shows an `error:`, the command has to fail; else it must not. What asks is run on a terminal, and answered by the test. A block below `<!-- file: PATH -->` is that file. Other
//! blocks are read only.
//!
//! `SNAPSHOTS=overwrite cargo test --test guide` writes what comes of the commands onto the pages.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and sets its scene by hand"
)]

mod hub;
mod jupyter;
mod machine;
mod moved;
mod nginx;
mod page;
mod screen;
mod steady;
#[path = "../support/mod.rs"]
mod support;
mod walk;
