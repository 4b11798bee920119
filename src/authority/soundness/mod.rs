//! Whether the ledger is as it was written: its pages, its log, and each row against what the log says of it and against the
//! signature of who issued it.

mod account;
mod broken_links;
mod certificate_row;
mod certificates;
mod crls;
mod devices;
mod flaw;
mod glance;
mod issuers;
mod known;
mod known_marks;
mod lineages;
mod log_walk;
mod looking;
mod moved_in;
mod testimony;
mod told;
mod told_lineage;

pub(super) use account::{ToldDevice, ToldRoot};
pub use flaw::{Examined, Flaw, FlawKind, MOST_FLAWS};
pub(super) use known::ToldApart;
pub(super) use log_walk::LogWalk;
pub(super) use moved_in::MovedIn;
pub(super) use testimony::Testimony;
