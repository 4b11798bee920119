//! The survey: everything about a CA that needs a person, worst first. It reads what is known and adds nothing.
//!
//! Each finding comes of a small function of plain facts; `taken` gathers the facts.

mod addresses;
mod authorities;
mod backup;
mod certificates;
mod drift;
mod finding;
mod kind;
mod lifespan;
mod posture;
mod renewals;
mod severity;
mod taken;
#[cfg(test)]
mod tests;
mod trust;

pub use finding::Finding;
pub use kind::FindingKind;
pub use lifespan::Lifespan;
pub use severity::Severity;
pub use taken::{Survey, SurveyOptions};
