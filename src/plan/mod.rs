//! A plan: what would be written and run on this machine, shown before it is done, done step by step, and undone.
//!
//! It knows files and programs and nothing of certificates. Whoever makes a plan decides; running it decides nothing.

mod aside;
mod block;
mod change;
mod directories;
#[cfg(test)]
mod disturbed_tests;
mod error;
mod held;
mod lines;
mod mark;
mod outcome;
mod program;
mod step;
mod steps;
#[cfg(test)]
mod tests;
mod whole_file;

pub use aside::has_copy_of_before;
pub use block::{block, block_begun_by, without_block};
pub use error::StepError;
pub use mark::{MARK, is_marked, sealed};
pub use outcome::Outcome;
pub use program::{shell_line, shell_word};
pub use step::{Deed, Step};
pub use steps::{OnFailure, Plan, Taken, Undone};
