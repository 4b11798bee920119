//! The changes of root in the ledger: which root follows which, and how far that has come. Each step is one transaction
//! with its audit entry, and a step that was taken is not taken again.

use serde_json::json;
use thiserror::Error;
use time::OffsetDateTime;

use super::{act::Act, audit::Head, issuer_role::IssuerId, ledger::Ledger, ledger_error::LedgerError};
use crate::store::{Row, StoreError, Transaction};

/// A change of root, as the ledger has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rotation {
    pub(super) place: i64,
    pub(super) old_root: IssuerId,
    pub(super) new_root: IssuerId,
    pub(super) begun_at: OffsetDateTime,
    pub(super) cut_over_at: Option<OffsetDateTime>,
    pub(super) retired_at: Option<OffsetDateTime>,
    pub(super) abandoned_at: Option<OffsetDateTime>,
    pub(super) is_settled: bool,
}

/// Whether a step was taken just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It was.
    Taken,
    /// An earlier command took it.
    TakenBefore,
}

/// Why a step of a change of root is not taken.
#[derive(Debug, Error)]
pub enum RotationError {
    /// There is none to take a step of.
    #[error("no change of root is under way")]
    NotUnderWay,
    /// The old root is in force still.
    #[error("the change of root is not cut over yet")]
    NotCutOver,
    /// The new root is in force already.
    #[error("the change of root is cut over: servers and devices may rely on the new root alone")]
    CutOver,
    /// A clock was ahead when its CAs were made: nobody would accept what they sign.
    #[error("`{ca}` is valid from {} on, which is not yet", begins.date())]
    NotBegun {
        /// The CA, such as `root/2`.
        ca: String,
        /// When it begins.
        begins: OffsetDateTime,
    },
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<StoreError> for RotationError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

/// A step after the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    CutOver,
    Retire,
    Abandon,
    /// The same though it is cut over: the new root has not begun.
    AbandonAhead,
}

impl Rotation {
    pub(super) fn is_under_way(&self) -> bool {
        self.retired_at.is_none() && self.abandoned_at.is_none()
    }

    /// Whether a step was taken, is to be taken now, or cannot be.
    fn examine(&self, step: Step) -> Result<Effect, RotationError> {
        let before = match step {
            Step::CutOver => self.cut_over_at.is_some() && self.is_under_way(),
            Step::Retire => self.retired_at.is_some(),
            Step::Abandon | Step::AbandonAhead => self.abandoned_at.is_some(),
        };
        match step {
            _ if before => Ok(Effect::TakenBefore),
            _ if !self.is_under_way() => Err(RotationError::NotUnderWay),
            Step::Retire if self.cut_over_at.is_none() => Err(RotationError::NotCutOver),
            Step::Abandon if self.cut_over_at.is_some() => Err(RotationError::CutOver),
            _ => Ok(Effect::Taken),
        }
    }
}

/// Notes that a change of root has begun, in the transaction that takes the new root among the CAs.
pub(super) fn begin(
    transaction: &Transaction<'_>,
    head: &mut Head,
    old: IssuerId,
    new: IssuerId,
    now: OffsetDateTime,
) -> Result<(), LedgerError> {
    transaction.execute(
        "INSERT INTO rotations (old_root, new_root, begun_at, settled) VALUES ($1, $2, $3, 0)",
        &[old.0.into(), new.0.into(), now.unix_timestamp().into()],
    )?;
    Ok(head.append(transaction, now, Act::BeginRotation, &detail(old, new, now))?)
}

impl Ledger {
    /// All of them, the oldest first.
    pub(super) fn rotations(&self) -> Result<Vec<Rotation>, LedgerError> {
        Ok(self.store.read(all)?)
    }

    /// Takes a step of the newest, unless it was taken.
    pub(super) fn step(&self, step: Step, now: OffsetDateTime) -> Result<Effect, RotationError> {
        self.store.transaction(|transaction| {
            let newest = all(transaction)?.pop().ok_or(RotationError::NotUnderWay)?;
            let effect = newest.examine(step)?;
            if effect == Effect::Taken {
                let (column, act) = match step {
                    Step::CutOver => ("cut_over_at", Act::CutOver),
                    Step::Retire => ("retired_at", Act::RetireRoot),
                    Step::Abandon | Step::AbandonAhead => ("abandoned_at", Act::AbandonRotation),
                };
                transaction.execute(
                    &format!("UPDATE rotations SET {column} = $1, settled = 0 WHERE id = $2"),
                    &[now.unix_timestamp().into(), newest.place.into()],
                )?;
                let detail = detail(newest.old_root, newest.new_root, now);
                Head::read(transaction)?.append(transaction, now, act, &detail)?;
            }
            Ok(effect)
        })
    }

    /// Notes that every chain is the one that the newest step calls for.
    pub(super) fn settle(&self, rotation: &Rotation) -> Result<(), LedgerError> {
        let at = |time: Option<OffsetDateTime>| time.map(OffsetDateTime::unix_timestamp).unwrap_or_default();
        self.store.transaction(|transaction| {
            // A step that another process took since has chains of its own to look at.
            transaction.execute(
                "UPDATE rotations SET settled = 1 WHERE id = $1 AND COALESCE(cut_over_at, 0) = $2 \
                 AND COALESCE(retired_at, 0) = $3 AND COALESCE(abandoned_at, 0) = $4",
                &[
                    rotation.place.into(),
                    at(rotation.cut_over_at).into(),
                    at(rotation.retired_at).into(),
                    at(rotation.abandoned_at).into(),
                ],
            )?;
            Ok(())
        })
    }
}

/// All of them, the oldest first.
pub(super) fn all(transaction: &Transaction<'_>) -> Result<Vec<Rotation>, StoreError> {
    transaction.query(
        "SELECT id, old_root, new_root, begun_at, cut_over_at, retired_at, abandoned_at, settled FROM rotations ORDER BY id",
        &[],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<Rotation, StoreError> {
    let instant = |seconds: i64| {
        OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| StoreError::WrongContent {
            column: "begun_at".to_owned(),
            expected: "time in seconds since 1970",
        })
    };
    let optional = |seconds: Option<i64>| seconds.map(instant).transpose();
    Ok(Rotation {
        place: row.integer(0)?,
        old_root: IssuerId(row.integer(1)?),
        new_root: IssuerId(row.integer(2)?),
        begun_at: instant(row.integer(3)?)?,
        cut_over_at: optional(row.optional_integer(4)?)?,
        retired_at: optional(row.optional_integer(5)?)?,
        abandoned_at: optional(row.optional_integer(6)?)?,
        is_settled: row.integer(7)? != 0,
    })
}

fn detail(old: IssuerId, new: IssuerId, now: OffsetDateTime) -> serde_json::Value {
    json!({ "old_root": old.0, "new_root": new.0, "row": { "at": now.unix_timestamp() } })
}
