//! What an examination finds: each thing that is not as it was written.

use time::OffsetDateTime;

use super::known_marks::KnownMarks;
use crate::authority::audit_chain::AuditHead;

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What it is about.
    pub kind: FlawKind,
    /// Which: the place of an entry, a serial number, a CA, a label, a path.
    pub subject: String,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// What a flaw is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlawKind {
    /// The pages or the indexes of the database.
    Database,
    /// The chain of the audit log.
    AuditLog,
    /// A certificate's row.
    Certificate,
    /// A CRL's row, or its file.
    Crl,
    /// A lineage's row.
    Lineage,
    /// What the ledger says of the whole: its name, how serial numbers go on.
    Authority,
    /// What the ledger says of a CA, or of a change of root.
    Ca,
    /// What the ledger says of a device.
    Device,
    /// The certificate file of a CA.
    CaFile,
    /// The key file of a CA.
    CaKey,
    /// The settings.
    Settings,
    /// Nothing that is known: nobody could look at all of it.
    Unseen,
}

/// What was looked at, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// The end of the log, as far as it is whole.
    pub head: AuditHead,
    /// How many certificates there are, reserved ones among them.
    pub certificates: u64,
    /// How many CRLs have their bytes in the ledger.
    pub crls: u64,
    /// What is wrong, in the order in which it was found; no more than are worth reading.
    pub flaws: Vec<Flaw>,
    /// What was wrong already when the home was restored, and since when that is known.
    pub known: Vec<(Flaw, OffsetDateTime)>,
    pub(super) known_marks: KnownMarks,
}

impl FlawKind {
    /// The word for it in JSON; never renamed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::AuditLog => "audit_log",
            Self::Certificate => "certificate",
            Self::Crl => "crl",
            Self::Lineage => "lineage",
            Self::Authority => "authority",
            Self::Ca => "ca",
            Self::Device => "device",
            Self::CaFile => "ca_file",
            Self::CaKey => "ca_key",
            Self::Settings => "settings",
            Self::Unseen => "unseen",
        }
    }
}

impl Examined {
    /// Adds what is wrong, unless so much is that nobody would read on.
    pub fn add(&mut self, kind: FlawKind, subject: impl Into<String>, message: impl Into<String>) {
        if self.flaws.len() < MOST_FLAWS {
            self.flaws.push(Flaw { kind, subject: subject.into(), message: message.into() });
        }
    }
}

/// How many flaws are told.
pub const MOST_FLAWS: usize = 100;
