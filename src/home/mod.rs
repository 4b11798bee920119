//! The home of a CA: a directory with its ledger, its keys, and what it has issued.

mod admission;
mod chains;
mod crl;
mod current;
mod deployment;
mod error;
mod establishment;
mod generation;
mod guard;
mod hook;
mod in_memory;
mod issuance;
mod kept;
mod layout;
mod losses;
mod opened;
mod order;
mod outside;
mod outside_key;
mod profiles;
mod renewal;
mod responder;
mod rollout;
mod rotation;
mod route;
mod settings;
mod staging;
mod survey;
#[cfg(test)]
mod test_ca;
#[cfg(test)]
mod tests;
mod timer;
mod verification;

pub use crl::{CrlFiles, CrlOutcome, PublishedCrl};
pub use current::is_due;
pub use deployment::LiveFiles;
pub use error::HomeError;
pub use establishment::Establishment;
pub use hook::HookRun;
pub use in_memory::{InMemory, LeftOut, PageIssuers};
pub use issuance::{Issued, Life, Shares};
pub use kept::Kept;
pub use layout::Layout;
pub use opened::{CaKey, Home};
pub use order::{KeyChoice, Order};
pub use outside::{Outside, VERIFY_LIMIT};
pub use profiles::{find_profile, profile_names};
pub use renewal::{Candidate, Need, Reason, Renewal, RenewalWish, Urgency};
pub use responder::{FoundResponder, ResponderOrigin};
pub use rollout::{Deployed, LabelLock};
pub use rotation::{NextIssuing, NextRoot, StillNeeded, Unused};
pub use route::{HOOK_LIMIT, Route, RouteError};
pub use settings::Settings;
pub use survey::{Finding, FindingKind, Lifespan, Severity, Survey, SurveyOptions};
pub use timer::{Account, Job, Scheduler, Timer, TimerError};
