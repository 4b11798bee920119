//! Where everything lies in a home.

use std::path::{Path, PathBuf};

/// The paths of a home. The file names in `live/` are certbot's, because every guide uses them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    directory: PathBuf,
}

impl Layout {
    /// The paths of the home in a directory.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The home itself.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The settings.
    pub fn settings(&self) -> PathBuf {
        self.directory.join("hubca.toml")
    }

    /// The ledger.
    pub fn ledger(&self) -> PathBuf {
        self.directory.join(LEDGER)
    }

    /// The directory of the root.
    pub fn root(&self) -> PathBuf {
        self.directory.join(ROOT)
    }

    /// The certificate of the root.
    pub fn root_certificate(&self) -> PathBuf {
        self.root().join("root.crt.pem")
    }

    /// The key of the root, unless it was taken away.
    pub fn root_key(&self) -> PathBuf {
        self.root().join(ROOT_KEY)
    }

    /// Where the key of the root lies in a directory outside of the home.
    pub fn root_key_in(directory: &Path) -> PathBuf {
        directory.join(ROOT_KEY)
    }

    /// The directory of the issuing CAs.
    pub fn issuing(&self) -> PathBuf {
        self.directory.join(ISSUING)
    }

    /// The certificate of an issuing CA.
    pub fn issuing_certificate(&self, ordinal: i64) -> PathBuf {
        self.issuing().join(ordinal.to_string()).join("ca.crt.pem")
    }

    /// The key of an issuing CA.
    pub fn issuing_key(&self, ordinal: i64) -> PathBuf {
        self.issuing().join(ordinal.to_string()).join("ca.key.pem")
    }

    /// The operator's own profiles.
    pub fn profiles(&self) -> PathBuf {
        self.directory.join("profiles")
    }

    /// All generations of all lineages.
    pub fn archive(&self) -> PathBuf {
        self.directory.join("archive")
    }

    /// All generations of a lineage.
    pub fn lineage(&self, label: &str) -> PathBuf {
        self.archive().join(label)
    }

    /// One generation of a lineage.
    pub fn generation(&self, label: &str, generation: i64) -> PathBuf {
        self.lineage(label).join(generation.to_string())
    }

    /// The links to the newest generations.
    pub fn live(&self) -> PathBuf {
        self.directory.join("live")
    }

    /// The link to the newest generation of a lineage.
    pub fn live_link(&self, label: &str) -> PathBuf {
        self.live().join(label)
    }

    /// What that link says: relative, so that a home can be moved.
    pub fn live_target(label: &str, generation: i64) -> PathBuf {
        Path::new("..").join("archive").join(label).join(generation.to_string())
    }

    /// A new CA while it is being made.
    pub(super) fn unfinished(&self) -> Self {
        Self::new(self.directory.join(".init-unfinished"))
    }

    /// A new CA that is whole and on its way to its place.
    pub(super) fn finished(&self) -> Self {
        Self::new(self.directory.join(".init-finished"))
    }
}

/// The file name of the root's key.
const ROOT_KEY: &str = "root.key.pem";
pub(super) const LEDGER: &str = "ledger.db";
pub(super) const ROOT: &str = "root";
pub(super) const ISSUING: &str = "issuing";
