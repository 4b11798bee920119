//! Backups: one file, an archive of tar under a seal of age, which anybody's `age` and `tar` open.

mod ca_keys;
mod error;
mod evidence;
#[cfg(test)]
mod flawed_tests;
mod keeping;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod keeping_tests;
mod making;
mod manifest;
mod member;
mod packing;
mod reading;
mod restoring;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests;
mod wish;

pub use ca_keys::{MissingIssuingKey, WhyMissing};
pub use error::{BackupError, Defect, are_bearable};
pub use keeping::EarlierBackups;
pub use making::Backup;
pub use manifest::{Manifest, Omitted};
pub use restoring::{LookedAt, Restored, Tolerance, look_at_backup};
pub use wish::{BackupWish, Keys, Over};
