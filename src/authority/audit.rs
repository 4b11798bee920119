//! The audit log: what was done, each entry bound to the one before it by a hash.
//!
//! An entry is written in the transaction of the change it tells of, so there is no change without one. Editing,
//! removing or moving an entry breaks the chain; cutting off the newest ones shows only against a head kept elsewhere.

use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime};

use crate::{
    store::{StoreError, Transaction},
    x509::{certificate::sha256, hexadecimal},
};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The CA was made.
    Establish,
    /// A CA was given its place among the issuers.
    AddIssuer,
    /// A serial number was reserved and what will be signed written down.
    Reserve,
    /// A certificate was signed and is handed out.
    Issue,
    /// A certificate was revoked, or is revoked for a worse reason.
    Revoke,
    /// A change of root was begun.
    BeginRotation,
    /// A change of root was cut over: the new root vouches for what is issued from now on.
    CutOver,
    /// The old root of a change was retired.
    RetireRoot,
    /// A change of root was given up.
    AbandonRotation,
    /// A CRL number was reserved, with the hash of what will be signed.
    ReserveCrl,
    /// A CRL was signed and is published.
    IssueCrl,
    /// What is remembered of a lineage was changed.
    Edit,
    /// A certificate was brought to its server, or was not.
    Deploy,
    /// The protection of a key was changed.
    ProtectKey,
    /// A device came to the onboarding page, or came again on another day.
    MeetDevice,
    /// A device was given a name.
    NameDevice,
    /// A device fetched a root.
    FetchRoot,
    /// A device proved that it trusts a root.
    ProveTrust,
    /// A clock that was behind the log was said to be right.
    AcceptClock,
}

impl Act {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Establish => "establish",
            Self::AddIssuer => "add-issuer",
            Self::Reserve => "reserve",
            Self::Issue => "issue",
            Self::Revoke => "revoke",
            Self::BeginRotation => "begin-rotation",
            Self::CutOver => "cut-over",
            Self::RetireRoot => "retire-root",
            Self::AbandonRotation => "abandon-rotation",
            Self::ReserveCrl => "reserve-crl",
            Self::IssueCrl => "issue-crl",
            Self::Edit => "edit",
            Self::Deploy => "deploy",
            Self::ProtectKey => "protect-key",
            Self::MeetDevice => "meet-device",
            Self::NameDevice => "name-device",
            Self::FetchRoot => "fetch-root",
            Self::ProveTrust => "prove-trust",
            Self::AcceptClock => "accept-clock",
        }
    }
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

/// The newest entry, from which the next follows.
pub(super) struct Head {
    sequence: i64,
    hash: [u8; 32],
    /// When it was written, in seconds since 1970.
    pub(super) at: Option<i64>,
}

impl Head {
    pub(super) fn read(transaction: &Transaction<'_>) -> Result<Self, StoreError> {
        let newest = transaction.query_row(
            "SELECT sequence, at, hash FROM audit ORDER BY sequence DESC LIMIT 1",
            &[],
            |row| Ok((row.integer(0)?, row.integer(1)?, row.blob(2)?)),
        )?;
        Ok(match newest {
            Some((sequence, at, hash)) => {
                let wrong = |_| StoreError::WrongContent { column: "hash".to_owned(), expected: "hash of 32 bytes" };
                Self { sequence, hash: hash.try_into().map_err(wrong)?, at: Some(at) }
            }
            None => Self { sequence: 0, hash: [0; 32], at: None },
        })
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

/// Reads the whole log and sees whether each entry follows from the one before, and is no earlier unless it says that the
/// clock is right.
pub(super) fn verify(transaction: &Transaction<'_>) -> Result<Verdict, StoreError> {
    let (mut hash, mut before) = ([0; 32], i64::MIN);
    let mut next = 1;
    loop {
        let page = transaction.query(
            "SELECT sequence, at, act, detail, hash FROM audit WHERE sequence >= $1 ORDER BY sequence LIMIT 1000",
            &[next.into()],
            |row| Ok((row.integer(0)?, row.integer(1)?, row.text(2)?, row.text(3)?, row.blob(4)?)),
        )?;
        if page.is_empty() {
            return Ok(Verdict::Whole { entries: next - 1, head: hexadecimal(&hash) });
        }
        for (sequence, at, act, detail, stored) in page {
            let expected = entry_hash(sequence, at, &act, &detail, &hash);
            let goes_back = at < before && act != Act::AcceptClock.as_str();
            if sequence != next || stored != expected || goes_back {
                return Ok(Verdict::Broken { sequence: next });
            }
            (hash, before) = (expected, at);
            next += 1;
        }
    }
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

/// How far the clock may go back between two entries: time services move it a little.
pub(super) const CLOCK_TOLERANCE: Duration = Duration::minutes(5);
