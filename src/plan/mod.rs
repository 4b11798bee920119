//! A plan: what would be written and run on this machine, shown before it is done, done step by step, and undone.
//!
//! It knows files and programs and nothing of certificates. Whoever makes a plan decides; running it decides nothing.

mod aside;
mod block;
mod error;
mod mark;
mod step;
mod steps;
#[cfg(test)]
mod tests;

pub use block::without as without_block;
pub use error::StepError;
pub use mark::MARK;
pub use step::{Deed, Outcome, Step, shell_line, shell_word};
pub use steps::{OnFailure, Plan, Taken};
