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

    /// Where the end of the audit log is noted.
    pub fn audit_head(&self) -> PathBuf {
        self.directory.join("audit.head")
    }

    /// The directory of the roots.
    pub fn root(&self) -> PathBuf {
        self.directory.join(ROOT)
    }

    /// The directory of one root: that of the first holds those of the others.
    pub fn root_of(&self, ordinal: i64) -> PathBuf {
        if ordinal == FIRST { self.root() } else { self.root().join(ordinal.to_string()) }
    }

    /// The certificate of a root.
    pub fn root_certificate(&self, ordinal: i64) -> PathBuf {
        self.root_of(ordinal).join("root.crt.pem")
    }

    /// The key of a root, unless it was taken away.
    pub fn root_key(&self, ordinal: i64) -> PathBuf {
        self.root_of(ordinal).join(ROOT_KEY)
    }

    /// Where the key of a root lies in a directory outside of the home; several may lie there together.
    pub fn root_key_in(directory: &Path, ordinal: i64) -> PathBuf {
        let name = if ordinal == FIRST { ROOT_KEY.to_owned() } else { format!("root-{ordinal}.key.pem") };
        directory.join(name)
    }

    /// The directory of the issuing CAs.
    pub fn issuing(&self) -> PathBuf {
        self.directory.join(ISSUING)
    }

    /// The directory of one issuing CA.
    pub fn issuing_of(&self, ordinal: i64) -> PathBuf {
        self.issuing().join(ordinal.to_string())
    }

    /// The certificate of an issuing CA.
    pub fn issuing_certificate(&self, ordinal: i64) -> PathBuf {
        self.issuing_of(ordinal).join("ca.crt.pem")
    }

    /// The key of an issuing CA.
    pub fn issuing_key(&self, ordinal: i64) -> PathBuf {
        self.issuing_of(ordinal).join("ca.key.pem")
    }

    /// The directory of the newest CRLs.
    pub fn crls(&self) -> PathBuf {
        self.directory.join(CRLS)
    }

    /// The newest CRL of a CA, in DER; the CA as file names have it: `issuing-1`.
    pub fn crl(&self, ca: &str) -> PathBuf {
        self.crls().join(format!("{ca}.crl"))
    }

    /// The same in PEM.
    pub fn crl_pem(&self, ca: &str) -> PathBuf {
        self.crls().join(format!("{ca}.crl.pem"))
    }

    /// The operator's own profiles.
    pub fn profiles(&self) -> PathBuf {
        self.directory.join("profiles")
    }

    /// All generations of all lineages.
    pub fn archive(&self) -> PathBuf {
        self.directory.join(ARCHIVE)
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
        self.directory.join(LIVE)
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

    /// Further CAs whose keys are made and that are not all in their places yet.
    pub(super) fn admission(&self) -> Self {
        Self::new(self.directory.join(".rotate-unfinished"))
    }

    /// How the path of whatever lies in this home begins.
    pub(super) fn prefix(&self) -> String {
        format!("{}/", self.directory.display())
    }

    /// This home while it is being restored: beside its place, so that one renaming brings it there.
    pub(super) fn restoring(&self) -> Self {
        let name = self.directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self::new(self.directory.with_file_name(format!(".{name}.restoring")))
    }

    /// A new CA that is whole and on its way to its place.
    pub(super) fn finished(&self) -> Self {
        Self::new(self.directory.join(".init-finished"))
    }
}

/// The ordinal of the root that `init` makes.
pub(super) const FIRST: i64 = 1;
/// The file name of the root's key.
const ROOT_KEY: &str = "root.key.pem";
pub(super) const LEDGER: &str = "ledger.db";
pub(super) const ROOT: &str = "root";
pub(super) const ISSUING: &str = "issuing";
pub(super) const CRLS: &str = "crl";
pub(super) const ARCHIVE: &str = "archive";
pub(super) const LIVE: &str = "live";
