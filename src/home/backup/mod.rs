//! Backups: one file, an archive of tar under a seal of age, which anybody's `age` and `tar` open.

mod error;
mod keeping;
mod making;
mod manifest;
mod member;
mod reading;
mod restoring;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests;

pub use error::{BackupError, Defect};
pub use keeping::EarlierBackups;
pub use making::{Backup, BackupWish, Keys, Over};
pub use manifest::{Manifest, Omitted};
pub use restoring::{LookedAt, Restored, look_at_backup};
