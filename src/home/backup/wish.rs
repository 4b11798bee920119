//! What is wanted of a backup.

use crate::keys::Passphrase;

/// What is wanted of a backup.
#[derive(Clone, Copy, Debug)]
pub struct BackupWish<'a> {
    /// What opens it again.
    pub passphrase: &'a Passphrase,
    /// Whether the keys of the roots are in it.
    pub root_keys: Keys,
    /// Whether the keys of the certificates are in it.
    pub leaf_keys: Keys,
    /// What to do with a file that is there.
    pub over: Over,
}

/// Whether keys are in a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// They are left out.
    Leave,
    /// They are in it.
    Take,
}

/// What to do with a file that has the name of the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Leave it, and fail.
    Nothing,
    /// Put the backup in its place.
    Anything,
}
