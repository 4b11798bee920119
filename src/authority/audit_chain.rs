//! The chain of the audit log: each entry is bound to the one before it by a hash, wherever the entries are read from.

use super::act::Act;
use crate::{
    store::{Row, StoreError, Transaction},
    x509::{certificate::sha256, hexadecimal},
};

/// An entry as it was written: the hash is over these very texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place, from 1.
    pub sequence: i64,
    /// When it was written, in seconds since 1970.
    pub at: i64,
    /// What was done: a word of [`Act`], or of a newer program.
    pub act: String,
    /// About what, as JSON.
    pub detail: String,
    /// The hash over it and the hash before.
    pub hash: [u8; 32],
}

/// The end of a log: what a copy kept elsewhere is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditHead {
    /// How many entries there are.
    pub entries: i64,
    /// The hash of the newest, as hexadecimal digits.
    pub hash: String,
}

/// What the log says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every entry follows from the one before it.
    Whole {
        /// How many entries there are.
        entries: i64,
        /// The hash of the newest, as hexadecimal digits.
        head: String,
    },
    /// The first entry that does not.
    Broken {
        /// Its place.
        sequence: i64,
    },
}

/// A log that is read from its beginning, entry by entry.
#[derive(Clone, Debug)]
pub struct AuditChain {
    entries: i64,
    hash: [u8; 32],
    at: i64,
}

impl AuditEntry {
    pub(super) const COLUMNS: &str = "sequence, at, act, detail, hash";

    pub(super) fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let wrong = |_| StoreError::WrongContent { column: "hash".to_owned(), expected: "hash of 32 bytes" };
        Ok(Self {
            sequence: row.integer(0)?,
            at: row.integer(1)?,
            act: row.text(2)?,
            detail: row.text(3)?,
            hash: row.blob(4)?.try_into().map_err(wrong)?,
        })
    }

    /// Whether it follows from the entry before it, as that stands there.
    pub(super) fn is_chained(&self, rows: &Transaction<'_>) -> Result<bool, StoreError> {
        if self.sequence == 1 {
            return Ok(self.follows(&[0; 32]));
        }
        let text = "SELECT hash FROM audit WHERE sequence = $1";
        let before = rows.query_row(text, &[(self.sequence - 1).into()], |row| row.blob(0))?;
        Ok(before.and_then(|before| before.try_into().ok()).is_some_and(|before| self.follows(&before)))
    }

    /// Whether its hash is the one that follows from another.
    pub(super) fn follows(&self, previous: &[u8; 32]) -> bool {
        self.hash == entry_hash(self.sequence, self.at, &self.act, &self.detail, previous)
    }
}

impl Default for AuditChain {
    fn default() -> Self {
        Self { entries: 0, hash: [0; 32], at: i64::MIN }
    }
}

impl AuditChain {
    /// Takes the next entry; false where it does not follow, or is earlier than the one before and does not say that the
    /// clock is right.
    #[must_use]
    pub fn follow(&mut self, entry: &AuditEntry) -> bool {
        let goes_back = entry.at < self.at && entry.act != Act::AcceptClock.as_str();
        if entry.sequence != self.entries + 1 || goes_back || !entry.follows(&self.hash) {
            return false;
        }
        *self = Self { entries: entry.sequence, hash: entry.hash, at: entry.at };
        true
    }

    /// Goes on from an entry that does not follow, as it stands; its time is not believed.
    pub fn go_on_from(&mut self, entry: &AuditEntry) {
        *self = Self { entries: entry.sequence, hash: entry.hash, at: self.at };
    }

    /// Where it has come to.
    pub fn head(&self) -> AuditHead {
        AuditHead { entries: self.entries, hash: hexadecimal(&self.hash) }
    }
}

/// Sees whether each entry follows from the one before it.
pub(super) fn verify(transaction: &Transaction<'_>) -> Result<Verdict, StoreError> {
    let (mut chain, mut broken) = (AuditChain::default(), None);
    each::<StoreError>(transaction, |entry| {
        if broken.is_none() && !chain.follow(&entry) {
            broken = Some(chain.head().entries + 1);
        }
        Ok(())
    })?;
    let AuditHead { entries, hash } = chain.head();
    Ok(broken.map_or(Verdict::Whole { entries, head: hash }, |sequence| Verdict::Broken { sequence }))
}

/// Takes every entry of the log, the oldest first.
pub(super) fn each<E: From<StoreError>>(
    transaction: &Transaction<'_>,
    mut take: impl FnMut(AuditEntry) -> Result<(), E>,
) -> Result<(), E> {
    let text = format!("SELECT {} FROM audit WHERE sequence > 0 ORDER BY sequence", AuditEntry::COLUMNS);
    transaction.each(&text, &[], |row| take(AuditEntry::read(row)?))
}

/// Each part is preceded by its length, so that no two entries hash the same text.
pub(super) fn entry_hash(sequence: i64, at: i64, act: &str, detail: &str, previous: &[u8; 32]) -> [u8; 32] {
    let mut text = Vec::with_capacity(detail.len() + 96);
    for part in
        [sequence.to_string().as_bytes(), at.to_string().as_bytes(), act.as_bytes(), detail.as_bytes(), previous]
    {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    }
    sha256(&text)
}
