//! What was met and does not move in: where, and why. Nothing is left behind without being named.

use std::path::{Path, PathBuf};

use thiserror::Error;
use time::Date;

use super::index_line::{IndexLineError, Lost};
use crate::{keys::KeyReadError, system::FileError};

/// Something that does not move in.
#[derive(Debug)]
pub struct Unread {
    /// The file.
    pub path: PathBuf,
    /// The line of it, from 1.
    pub line: Option<u64>,
    /// Why.
    pub reason: Reason,
}

/// Why something does not move in.
#[derive(Debug, Error)]
pub enum Reason {
    /// A line that is none.
    #[error(transparent)]
    Line(#[from] IndexLineError),
    /// A part of a line.
    #[error("{0}")]
    Lost(Lost),
    /// A number that stands in the index before.
    #[error("the serial number {0} stands in it a second time; it is revoked if either line says so")]
    Twice(String),
    /// A certificate under the number of the root's own.
    #[error(
        "the certificate in it has the serial number {0} of the root itself, which no CA gives twice (RFC 5280 4.1.2.2): it is not \
         kept, so give its server another"
    )]
    NumberOfRoot(String),
    /// The same, and it is revoked.
    #[error(
        "the certificate with the serial number {0} is revoked, and the root itself has that number: no list can say so without \
         revoking the root, so see that nobody uses it"
    )]
    RevokedAsRoot(String),
    /// The root in its own book.
    #[error("the root itself is revoked in it, which no device asks for: it stays in force until devices let go of it")]
    RootRevoked,
    /// The number of the last CRL.
    #[error("`{0}` is no CRL number that can be gone on from; the next one is the time in milliseconds")]
    CrlNumber(String),
    /// A file that cannot be read.
    #[error("{0}")]
    File(FileError),
    /// A key that cannot be used.
    #[error("its key is not taken: {0}")]
    Key(KeyReadError),
    /// The key of a CA below that does not open.
    #[error("its key is not taken: {0}")]
    Locked(String),
    /// A key without a certificate of this CA that is good.
    #[error("its key belongs to no good certificate of this CA")]
    KeyAlone,
    /// The key of a certificate for nobody who would be found by a name.
    #[error(
        "its key is that of the certificate of `{0}`, which names no host and no address: the certificate is kept, and nothing renews it"
    )]
    KeyWithoutLabel(String),
    /// Another copy of the key of a CA.
    #[error("its key is that of the CA `{0}`, and moves in from another file")]
    KeyOfCa(String),
    /// The key of a certificate that is not the newest for its names.
    #[error("its key is that of a certificate for `{0}` that is not the newest of them")]
    KeyOfEarlier(String),
    /// A certificate of somebody else.
    #[error("the certificate in it is by `{0}`, which does not move in")]
    ByAnother(String),
    /// A certificate whose signature nobody should trust, and that is in no index.
    #[error("the certificate in it names this CA and is in no index, and its signature does not verify")]
    Unproven,
    /// A CRL of somebody else.
    #[error("the CRL in it is by `{0}`, which does not move in")]
    ListByAnother(String),
    /// A CRL that nobody should believe.
    #[error("the CRL in it names this CA, and its signature does not verify")]
    ListUnproven,
    /// Numbers that are known by a CRL and by nothing else.
    #[error(
        "not in any index: {0} of the certificates that it revokes; they stay revoked, and their names and ends are not known"
    )]
    OnlyRevoked(usize),
    /// A certificate of no number.
    #[error("a certificate in it has a serial number that RFC 5280 does not allow")]
    Serial,
    /// A CA that nobody above it vouches for.
    #[error("the CA `{0}` in it does not stand below the root, and does not move in")]
    OtherCa(String),
    /// A CA below whose books are not there.
    #[error("the CA `{0}` in it is kept as a certificate that can be revoked; what it issued is not known")]
    CaWithoutBooks(String),
    /// A container that takes a password of its own.
    #[error("it is a PKCS#12 file, of which the key and the certificate are not taken")]
    Pkcs12,
    /// Text or bytes of no kind that is looked for.
    #[error("it is neither a certificate nor a key")]
    Neither,
    /// A CA below whose life is over, or has not begun.
    #[error(
        "its key is not taken: the CA `{subject}` is valid from {not_before} to {not_after}, so that nobody trusts what it signs now"
    )]
    NotValid {
        /// Whose key it is.
        subject: String,
        /// When the CA begins.
        not_before: Date,
        /// When it ends.
        not_after: Date,
    },
    /// Something below a CA that is none itself.
    #[error("`{0}` in it may not sign certificates: it moves in as a certificate, and what it signed does not")]
    MayNotSign(String),
    /// The book of a CA that does not move in.
    #[error("it is the index of a CA that was not found beside it, and is not read")]
    Index,
    /// A CA that is there already, under the same certificate or key.
    #[error(
        "the CA `{0}` in it is one that moves in already, from another file; an index beside it is read for the same CA"
    )]
    SameCa(String),
    /// The first of the directories that there was no room for.
    #[error(
        "it is the first of the directories that are not looked into ({count} of them), because there are more than {most}: a CA that \
         lies there, what it revoked, and keys are not known here; name the directory of the CA itself, or take away what is no part \
         of it"
    )]
    NotLookedInto {
        /// How many there are.
        count: usize,
        /// How many are looked into.
        most: usize,
    },
    /// A link that leads out of the directory.
    #[error("it is a link that leads out of the directory, and is not followed")]
    Link,
    /// More files than are looked at.
    #[error(
        "not looked at: {count} of the files in it, because there are more than {most}; CRLs go first, and certificates are found \
         under their numbers all the same, but keys are not: name the directory of the CA itself, or take away what is no part of it"
    )]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many are looked at.
        most: usize,
    },
    /// A database that only its own program reads.
    #[error("it is the database of step-ca, which only step-ca reads: what it issued and revoked is not known here")]
    StepDatabase,
}

impl Reason {
    /// Whether things may lie behind it that nobody has seen.
    pub(super) fn hides_more(&self) -> bool {
        matches!(self, Self::NotLookedInto { .. } | Self::TooMany { .. } | Self::File(_))
    }
}

impl Unread {
    /// A whole file.
    pub(super) fn file(path: &Path, reason: impl Into<Reason>) -> Self {
        Self { path: path.to_owned(), line: None, reason: reason.into() }
    }

    /// One line of a file.
    pub(super) fn line(path: &Path, line: u64, reason: impl Into<Reason>) -> Self {
        Self { path: path.to_owned(), line: Some(line), reason: reason.into() }
    }
}
