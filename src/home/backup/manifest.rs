//! The manifest: the last file of a backup, which says what all others are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::authority::AuditHead;

/// What a backup is, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of the backup: a program that knows another one only does not read it.
    pub format: u32,
    /// The version of the program that made it.
    pub hubca: String,
    /// What the CA is called.
    pub ca: String,
    /// SHA-256 of its root's certificate.
    pub root_sha256: String,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// The end of the audit log in it.
    pub audit: ManifestHead,
    /// What was left out.
    pub without: Vec<Omitted>,
    /// Every other file by its name.
    pub files: BTreeMap<String, ManifestFile>,
}

/// The end of an audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestHead {
    /// How many entries there are.
    pub entries: i64,
    /// The hash of the newest.
    pub head: String,
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Keys that a backup has only where that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Omitted {
    /// The keys of the roots.
    RootKey,
    /// The keys of the certificates that were issued.
    LeafKeys,
}

impl Manifest {
    /// The form of today.
    pub(super) const FORMAT: u32 = 1;

    /// When the backup was made.
    pub fn made_at(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::parse(&self.made_at, &Rfc3339).ok()
    }
}

impl Omitted {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RootKey => "root_key",
            Self::LeafKeys => "leaf_keys",
        }
    }
}

impl From<AuditHead> for ManifestHead {
    fn from(head: AuditHead) -> Self {
        Self { entries: head.entries, head: head.hash }
    }
}
