//! Where the labels of a ledger that is not as it was written are brought, and by which command. A row alone is not believed: what it
//! says may be a command that somebody else wants to be run. It stands where a whole entry of the log tells the same, or it is set
//! right by the last word of the log; else it is forgotten, and a person says it anew.

use serde_json::Value as Json;
use time::OffsetDateTime;

use super::{
    intent::{DeploymentOutcome, Destination, OwnAddresses},
    intent_rows::{await_deployment, of_detail, read_destination},
    ledger_error::LedgerError,
    own_address_rows::{read_own, read_own_addresses, write_own_addresses},
    soundness::Testimony,
};
use crate::store::{Row, StoreError, Transaction};

/// What was done about the labels.
#[derive(Default)]
pub(super) struct SetDestinations {
    /// How many are brought elsewhere than their rows said, as the log tells.
    pub(super) set_right: usize,
    /// Those of which nobody knows where they were brought.
    pub(super) forgotten: Vec<ForgottenDestination>,
    /// How many had other addresses of this machine than the log tells of.
    pub(super) own_set_right: usize,
}

/// A label of which nobody knows for sure where it was brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgottenDestination {
    /// The label.
    pub label: String,
    /// What its row said, where it could be read: a person may know that it is right.
    pub said: Option<Destination>,
}

/// A row of `deployments`.
struct Held {
    destination: Result<Destination, StoreError>,
    /// Whether what became of bringing the newest certificate can be read, and is about that one.
    is_of_newest: bool,
}

/// Sets right where each label is brought, and which addresses of this machine it names.
pub(super) fn set_destinations_right(
    rows: &Transaction<'_>,
    told: &Testimony,
    now: OffsetDateTime,
) -> Result<SetDestinations, LedgerError> {
    let mut done = SetDestinations::default();
    for table in ["deployments", "own_addresses"] {
        rows.execute(&format!("DELETE FROM {table} WHERE label NOT IN (SELECT label FROM lineages)"), &[])?;
    }
    let text = "SELECT l.label, l.generation, d.out, d.combined, d.file_owner, d.file_group, d.file_mode, d.hook, d.hook_limit, \
                d.verify, d.server, d.label, d.outcome, d.generation FROM lineages l \
                LEFT JOIN deployments d ON d.label = l.label ORDER BY l.label";
    for (label, held) in rows.query(text, &[], |row| Ok((row.text(0)?, Held::read(row)?)))? {
        done.own_set_right += usize::from(set_own_right(rows, &label, told)?);
        let right = told_destination(&label, held.as_ref(), told);
        match (&held, &right) {
            (None, Some(right)) if right.is_nowhere() => continue,
            (Some(Held { destination: Ok(destination), is_of_newest }), Some(right))
                if destination == right && !right.is_nowhere() =>
            {
                if !is_of_newest {
                    await_deployment(rows, &label, None, now)?;
                }
                continue;
            }
            _ => {}
        }
        rows.execute("DELETE FROM deployments WHERE label = $1", &[label.as_str().into()])?;
        if let Some(right) = right {
            await_deployment(rows, &label, Some(&right), now)?;
            done.set_right += 1;
        } else {
            let said = held.and_then(|held| held.destination.ok());
            done.forgotten.push(ForgottenDestination { label, said });
        }
    }
    Ok(done)
}

impl Held {
    fn read(row: &Row<'_>) -> Result<Option<Self>, StoreError> {
        if row.optional_text(11)?.is_none() {
            return Ok(None);
        }
        let outcome = row.optional_text(12)?.map(|word| word.parse::<DeploymentOutcome>()).transpose();
        let is_newest = row.optional_integer(13)? == Some(row.integer(1)?);
        Ok(Some(Self {
            destination: read_destination(row, 2),
            is_of_newest: outcome.is_ok_and(|outcome| outcome != Some(DeploymentOutcome::Pending) || is_newest),
        }))
    }
}

/// Where a label is brought, as far as that is known.
fn told_destination(label: &str, held: Option<&Held>, told: &Testimony) -> Option<Destination> {
    let held = held.and_then(|held| held.destination.as_ref().ok());
    let lineage = told.lineages.get(label);
    let known = lineage.and_then(|lineage| {
        let right = of_detail(lineage.destination.as_ref()?, held)?;
        let is_as_held = *held.unwrap_or(&Destination::default()) == right;
        is_known(told, lineage.destination_entry, is_as_held).then_some(right)
    });
    // Where neither says a place or a command, none is forgotten.
    let is_nowhere = held.is_none_or(Destination::is_nowhere)
        && lineage.and_then(|lineage| lineage.destination.as_ref()).is_none_or(Json::is_null);
    known.or_else(|| is_nowhere.then(Destination::default))
}

/// Whether what an entry tells is known to be so: the row says the same, or nothing that came later can have told otherwise.
fn is_known(told: &Testimony, entry: i64, is_as_held: bool) -> bool {
    if is_as_held { told.is_whole(entry) } else { told.is_last_word(entry) }
}

/// Tells whether they were not; what is not known is forgotten.
fn set_own_right(rows: &Transaction<'_>, label: &str, told: &Testimony) -> Result<bool, StoreError> {
    let held = read_own_addresses(rows, label).map(Option::unwrap_or_default).ok();
    let known = told.lineages.get(label).and_then(|lineage| {
        let (follow_ip, had) = lineage.own.as_ref()?;
        let right = read_own(&had.to_string(), follow_ip.as_str()?).ok()?;
        is_known(told, lineage.entry, held.as_ref() == Some(&right)).then_some(right)
    });
    let right: OwnAddresses = known.unwrap_or_default();
    let is_other = held.as_ref() != Some(&right);
    if is_other {
        write_own_addresses(rows, label, &right)?;
    }
    Ok(is_other)
}
