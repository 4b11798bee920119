//! Databases of NSS: the certificates of Chromium on Linux, and of each profile of Firefox.

use std::path::PathBuf;

/// Whose database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Chromium and its kin on Linux, which share one.
    Chromium,
    /// A profile of Firefox.
    Firefox,
}

/// A database in a directory of the person's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Whose it is.
    pub browser: Browser,
    /// The directory with `cert9.db`; of Chromium's also the one that the browser has not made yet: it does at its first start.
    pub directory: PathBuf,
}
