//! What is due, and what became of bringing certificates to their servers.
//!
//! A deployment is pending from the transaction that records its certificate, so that whatever stops a command, the
//! next one knows what is not finished. What failed stays issued and good: it is brought again, and not made again.

use std::collections::BTreeMap;

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{
    act::Act,
    audit::Head,
    ca::Authority,
    intent::{DeploymentOutcome, Intent},
    intent_rows::{await_deployment, detail, read_intent, write_destination},
    label::{Label, is_own},
    ledger::Ledger,
    ledger_error::LedgerError,
    own_address_rows::write_own_addresses,
};
use crate::store::{Row, StoreError, Transaction, Value};

/// What became of bringing the newest certificate of a label to its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentRecord {
    /// The lineage.
    pub label: String,
    /// Which certificate of it was brought.
    pub generation: i64,
    /// Which one is put back where that fails, if there is one.
    pub previous: Option<i64>,
    /// What became of it.
    pub outcome: DeploymentOutcome,
    /// Why it failed.
    pub message: Option<String>,
    /// Since when it is so.
    pub at: OffsetDateTime,
}

impl Authority {
    /// What is remembered of a label, if it is that of a lineage.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn intent(&self, label: &str) -> Result<Option<Intent>, LedgerError> {
        self.ledger.store.read(|transaction| Ok(read_intent(transaction, label)?))
    }

    /// Changes what is remembered of a label; false where it is no lineage's.
    ///
    /// # Errors
    /// A ledger that fails, or one in which that label is not as it was written: the log would tell of it what nobody wanted.
    pub fn edit(&self, label: &Label, intent: &Intent) -> Result<bool, LedgerError> {
        self.glance_at([label.as_str()])?;
        self.ledger.edit(label, intent, self.doors.clock.now())
    }

    /// The labels of whose newest certificate too little is left ([`Validity::wanting_from`](crate::x509::Validity::wanting_from)),
    /// or which was revoked, or has not begun, or ends within a time, the earliest first.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn due(&self, within: Option<Duration>) -> Result<Vec<String>, LedgerError> {
        self.ledger.due(self.doors.clock.now(), within)
    }

    /// From when on another certificate of a label is wanted, if one is ever.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn due_at(&self, label: &str) -> Result<Option<OffsetDateTime>, LedgerError> {
        let due = self.ledger.store.read(|transaction| {
            let due = "SELECT due_at FROM lineages WHERE label = $1";
            transaction.query_row(due, &[label.into()], |row| row.optional_integer(0))
        })?;
        Ok(due.flatten().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()))
    }

    /// All labels whose certificates are kept here, in the order of the alphabet.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn lineages(&self) -> Result<Vec<String>, LedgerError> {
        self.ledger
            .store
            .read(|transaction| {
                Ok(transaction.query("SELECT label FROM lineages ORDER BY label", &[], |row| row.text(0))?)
            })
            .map(without_own)
    }

    /// The kinds of servers that labels are for, by the words of their presets; labels for none are left out.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn servers(&self) -> Result<BTreeMap<String, String>, LedgerError> {
        let text = "SELECT label, server FROM deployments WHERE server IS NOT NULL";
        let rows: Vec<(String, String)> = self.ledger.store.read(|transaction| {
            transaction.query(text, &[], |row| Ok((row.text(0)?, row.text(1)?))).map_err(LedgerError::from)
        })?;
        Ok(rows.into_iter().collect())
    }

    /// The deployments that are not where they shall be: on their way, failed, or rolled back.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn unfinished_deployments(&self) -> Result<Vec<DeploymentRecord>, LedgerError> {
        self.ledger
            .deployments("WHERE outcome IN ('pending', 'withdrawn', 'failed', 'rolled_back') ORDER BY label", &[])
    }

    /// The deployment of a label, if there was one.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn deployment(&self, label: &str) -> Result<Option<DeploymentRecord>, LedgerError> {
        Ok(self.ledger.deployments("WHERE label = $1 AND outcome IS NOT NULL", &[label.into()])?.pop())
    }

    /// All deployments there were, in the order of their labels.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn deployments(&self) -> Result<Vec<DeploymentRecord>, LedgerError> {
        self.ledger.deployments("WHERE outcome IS NOT NULL ORDER BY label", &[])
    }

    /// Notes that the newest certificate of a label is brought to its server once more.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn await_deployment(&self, label: &str) -> Result<(), LedgerError> {
        let now = self.doors.clock.now();
        self.ledger.store.transaction(|transaction| Ok(await_deployment(transaction, label, None, now)?))
    }

    /// Takes the newest certificate of a label back and publishes the one before: `swap` is called while no other
    /// process can publish.
    ///
    /// # Errors
    /// What `swap` returns, or a ledger that fails.
    pub fn withdraw<E: From<LedgerError> + From<StoreError>>(
        &self,
        label: &str,
        previous: i64,
        message: &str,
        swap: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let now = self.doors.clock.now();
        self.ledger.store.transaction(|transaction| {
            settle(transaction, label, DeploymentOutcome::Withdrawn, Some(message), now)?;
            transaction
                .execute("UPDATE lineages SET published = $1 WHERE label = $2", &[previous.into(), label.into()])?;
            swap()
        })
    }

    /// Notes what became of a deployment.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn settle_deployment(
        &self,
        label: &str,
        outcome: DeploymentOutcome,
        message: Option<&str>,
    ) -> Result<(), LedgerError> {
        let now = self.doors.clock.now();
        self.ledger.store.transaction(|transaction| settle(transaction, label, outcome, message, now))
    }
}

impl Ledger {
    pub(super) fn edit(&self, label: &Label, intent: &Intent, now: OffsetDateTime) -> Result<bool, LedgerError> {
        self.store.transaction(|transaction| {
            let key = intent.key.map(|key| key.as_str());
            let changed = transaction.execute(
                "UPDATE lineages SET profile = $1, key_algorithm = $2, key_policy = $3, days = $4 WHERE label = $5",
                &[
                    intent.profile.as_str().into(),
                    key.into(),
                    intent.key_policy.as_str().into(),
                    intent.days.into(),
                    label.as_str().into(),
                ],
            )?;
            if changed == 0 {
                return Ok(false);
            }
            write_destination(transaction, label.as_str(), &intent.destination)?;
            write_own_addresses(transaction, label.as_str(), &intent.own)?;
            let detail = json!({
                "label": label.as_str(),
                "profile": intent.profile,
                "key": key,
                "key_policy": intent.key_policy.as_str(),
                "days": intent.days,
                "follow_ip": intent.own.follow_ip.as_str(),
                "own_addresses": intent.own.had,
                "destination": detail(&intent.destination),
            });
            Head::read(transaction)?.append(transaction, now, Act::Edit, &detail)?;
            Ok(true)
        })
    }

    fn due(&self, now: OffsetDateTime, within: Option<Duration>) -> Result<Vec<String>, LedgerError> {
        self.store.read(|transaction| {
            let due = "SELECT label FROM lineages WHERE due_at <= $1 ORDER BY due_at, label";
            let mut labels = transaction.query(due, &[now.unix_timestamp().into()], |row| row.text(0))?;
            // Those that a clock dated ahead, found by their begin: the first table is the one that is looked through.
            let ahead = "SELECT l.label FROM certificates c CROSS JOIN lineages l WHERE c.not_before > $1 \
                         AND l.label = c.label AND l.generation = c.generation AND l.due_at > $1 \
                         ORDER BY c.not_before, l.label";
            labels.extend(transaction.query(ahead, &[now.unix_timestamp().into()], |row| row.text(0))?);
            let Some(end) = within.and_then(|within| now.checked_add(within)) else { return Ok(labels) };
            let ending = transaction.query(
                "SELECT l.label FROM certificates c JOIN lineages l ON l.label = c.label AND l.generation = c.generation \
                 WHERE c.not_after BETWEEN $2 AND $1 AND c.not_before <= $2 AND l.due_at > $2 ORDER BY c.not_after, l.label",
                &[end.unix_timestamp().into(), now.unix_timestamp().into()],
                |row| row.text(0),
            )?;
            labels.extend(ending);
            Ok(labels)
        })
        .map(without_own)
    }

    fn deployments(&self, condition: &str, values: &[Value]) -> Result<Vec<DeploymentRecord>, LedgerError> {
        let columns = "SELECT label, generation, previous, outcome, message, at FROM deployments ";
        self.store.read(|transaction| Ok(transaction.query(&format!("{columns}{condition}"), values, read_row)?))
    }
}

/// The OCSP responder renews its own certificate, which is brought nowhere.
fn without_own(labels: Vec<String>) -> Vec<String> {
    labels.into_iter().filter(|label| !is_own(label)).collect()
}

fn read_row(row: &Row<'_>) -> Result<DeploymentRecord, StoreError> {
    let wrong = |column: &str, expected| StoreError::WrongContent { column: column.to_owned(), expected };
    Ok(DeploymentRecord {
        label: row.text(0)?,
        generation: row.integer(1)?,
        previous: row.optional_integer(2)?,
        outcome: row.text(3)?.parse().map_err(|()| wrong("outcome", "outcome of a deployment"))?,
        message: row.optional_text(4)?,
        at: OffsetDateTime::from_unix_timestamp(row.integer(5)?)
            .map_err(|_| wrong("at", "time in seconds since 1970"))?,
    })
}

fn settle(
    transaction: &Transaction<'_>,
    label: &str,
    outcome: DeploymentOutcome,
    message: Option<&str>,
    now: OffsetDateTime,
) -> Result<(), LedgerError> {
    let generation = transaction.query_row(
        "UPDATE deployments SET outcome = $1, message = $2, at = $3 WHERE label = $4 RETURNING generation",
        &[outcome.as_str().into(), message.into(), now.unix_timestamp().into(), label.into()],
        |row| row.optional_integer(0),
    )?;
    // A lineage that is brought nowhere has nothing to settle.
    let Some(generation) = generation else { return Ok(()) };
    let detail = json!({ "label": label, "generation": generation, "outcome": outcome.as_str(), "message": message });
    Ok(Head::read(transaction)?.append(transaction, now, Act::Deploy, &detail)?)
}
