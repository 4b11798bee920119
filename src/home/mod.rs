//! The home of a CA: a directory with its ledger, its keys, and what it has issued.

mod acquaintance;
mod admission;
mod adopted_ca;
#[cfg(test)]
mod adopted_ca_tests;
mod adoption;
#[cfg(test)]
mod adoption_tests;
mod backup;
mod bringing;
mod chains;
#[cfg(test)]
mod changed_rows_tests;
mod claim;
mod crl;
mod current;
mod deployment;
mod error;
mod establishment;
#[cfg(test)]
mod every_column_tests;
mod examination;
mod generation;
mod guard;
mod hook;
mod in_memory;
mod issuance;
mod kept;
mod layout;
mod left_keys;
mod losses;
mod moved;
mod moving_in;
mod noted_head;
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
mod seen_key;
mod server_secret;
mod settings;
mod staging;
mod survey;
mod suspect;
#[cfg(test)]
mod test_ca;
#[cfg(test)]
mod tests;
mod timer;
mod verification;

pub use acquaintance::Acquaintance;
pub use adoption::Foundling;
pub use backup::{
    Backup, BackupError, BackupWish, Defect, EarlierBackups, Keys, LookedAt, Manifest, MissingIssuingKey, Omitted,
    Over, Restored, Tolerance, WhyMissing, are_bearable, look_at_backup,
};
pub use bringing::{brought, destination, let_go, port, remove_copies, untold};
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
pub use moved::{AddressChange, Moved, whereabouts};
pub use moving_in::{MovedKey, MovingIn, Successor};
pub use opened::{CaKey, Home};
pub use order::{KeyChoice, Order};
pub use outside::{Outside, VERIFY_LIMIT};
pub use profiles::{find_profile, profile_names};
pub use renewal::{Candidate, Need, Reason, Renewal, RenewalWish, Urgency};
pub use responder::{FoundResponder, ResponderOrigin};
pub use rollout::{Deployed, LabelLock, Stop};
pub use rotation::{NextIssuing, NextRoot, StillNeeded, Unused};
pub use route::{HOOK_LIMIT, Route, RouteError, shown_at};
pub use server_secret::{ServerSecret, ServerSecretError};
pub use settings::Settings;
pub use survey::{Finding, FindingKind, Lifespan, Severity, Survey, SurveyOptions};
pub use suspect::Suspect;
pub use timer::{Account, Job, Scheduler, Timer, TimerError};
pub use verification::asked_by;
