//! The end of the audit log, to which the next entry is bound.
//!
//! An entry is written in the transaction of the change it tells of, so there is no change without one. Editing,
//! removing or moving an entry breaks the chain; cutting off the newest ones shows only against a head kept elsewhere.

use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime};

use super::{
    act::Act,
    audit_chain::{AuditEntry, AuditHead, entry_hash},
    ledger_error::LedgerError,
};
use crate::{
    store::{StoreError, Transaction},
    x509::hexadecimal,
};

/// The newest entry, from which the next follows.
pub(super) struct Head {
    sequence: i64,
    hash: [u8; 32],
    /// When it was written, in seconds since 1970.
    pub(super) at: Option<i64>,
}

impl Head {
    /// Reads it, and sees whether it follows from the one before: what cannot be told is not added to.
    pub(super) fn read(transaction: &Transaction<'_>) -> Result<Self, LedgerError> {
        let text = format!("SELECT {} FROM audit ORDER BY sequence DESC LIMIT 2", AuditEntry::COLUMNS);
        let mut newest = transaction.query(&text, &[], AuditEntry::read)?.into_iter();
        let Some(AuditEntry { sequence, at, hash, .. }) = newest.as_slice().first().cloned() else {
            return Ok(Self { sequence: 0, hash: [0; 32], at: None });
        };
        let (last, before) = (newest.next(), newest.next());
        let before = before.map_or((0, [0; 32]), |before| (before.sequence, before.hash));
        if before.0 + 1 != sequence || !last.is_some_and(|last| last.follows(&before.1)) {
            return Err(LedgerError::LogBroken { sequence });
        }
        Ok(Self { sequence, hash, at: Some(at) })
    }

    /// Reads it, whether or not it follows from the one before. Its time is that of the newest entry that does: one in the future, which
    /// nobody wrote, would hold up all that comes.
    pub(super) fn as_it_stands(transaction: &Transaction<'_>) -> Result<Self, LedgerError> {
        match Self::read(transaction) {
            Err(LedgerError::LogBroken { .. }) => {}
            read => return read,
        }
        let text = format!("SELECT {} FROM audit ORDER BY sequence DESC LIMIT {MOST_BROKEN}", AuditEntry::COLUMNS);
        let newest = transaction.query(&text, &[], AuditEntry::read)?;
        let is_whole = |pair: &&[AuditEntry]| match pair {
            [entry, before] => before.sequence + 1 == entry.sequence && entry.follows(&before.hash),
            _ => false,
        };
        let at = newest.windows(2).find(is_whole).and_then(|pair| pair.first()).map(|entry| entry.at);
        let as_read = |AuditEntry { sequence, hash, .. }: &AuditEntry| Self { sequence: *sequence, hash: *hash, at };
        Ok(newest.first().map_or(Self { sequence: 0, hash: [0; 32], at: None }, as_read))
    }

    /// How many entries there are, and the hash of this one.
    pub(super) fn told(&self) -> AuditHead {
        AuditHead { entries: self.sequence, hash: hexadecimal(&self.hash) }
    }

    /// When it was written, where a clock is behind it by more than time services move one.
    pub(super) fn ahead_of(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let at = OffsetDateTime::from_unix_timestamp(self.at?).ok()?;
        (now < at - CLOCK_TOLERANCE).then_some(at)
    }

    /// The date of what is done now and cannot wait: never before this entry where a time service took back a little, so
    /// that dates follow the log. A clock that is far behind may be the one that is right: then it has the word.
    pub(super) fn date(&self, now: OffsetDateTime) -> OffsetDateTime {
        let at = self.at.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
        if self.ahead_of(now).is_some() { now } else { at.map_or(now, |at| at.max(now)) }
    }

    /// Writes the next entry.
    pub(super) fn append(
        &mut self,
        transaction: &Transaction<'_>,
        now: OffsetDateTime,
        act: Act,
        detail: &Json,
    ) -> Result<(), StoreError> {
        // Never earlier than the entry before: small steps back must not add up to a long way.
        let at = now.unix_timestamp().max(self.at.unwrap_or(i64::MIN));
        self.write(transaction, at, act, detail)
    }

    /// Writes that the clock is right, though it is behind: the only entry that may be earlier than the one before it.
    pub(super) fn accept(&mut self, transaction: &Transaction<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
        let detail = json!({ "newest": self.at, "clock": now.unix_timestamp() });
        self.write(transaction, now.unix_timestamp(), Act::AcceptClock, &detail)
    }

    fn write(&mut self, transaction: &Transaction<'_>, at: i64, act: Act, detail: &Json) -> Result<(), StoreError> {
        let detail = detail.to_string();
        let sequence = self.sequence + 1;
        let hash = entry_hash(sequence, at, act.as_str(), &detail, &self.hash);
        transaction.execute(
            "INSERT INTO audit (sequence, at, act, detail, hash) VALUES ($1, $2, $3, $4, $5)",
            &[sequence.into(), at.into(), act.as_str().into(), detail.into(), hash.into()],
        )?;
        *self = Self { sequence, hash, at: Some(at) };
        Ok(())
    }
}

/// How many entries are looked through for one that follows from the one before it: no log with more that do not is gone on with.
const MOST_BROKEN: usize = 256;
/// How far the clock may go back between two entries: time services move it a little.
pub(super) const CLOCK_TOLERANCE: Duration = Duration::minutes(5);
