//! Timers: what makes a machine run `renew` every day and `audit verify` every week, as systemd, cron or launchd take it.
//!
//! A timer is a plan: it is shown, put in place and taken away like any other.

mod account;
mod chore;
mod cron;
mod error;
mod job;
mod launchd;
mod scheduler;
mod systemd;
#[cfg(test)]
mod tests;

pub use account::Account;
pub use error::TimerError;
pub use job::Job;
pub use scheduler::{Scheduler, Timer};
