//! What is remembered of a lineage, in the ledger.

use serde_json::{Value as Json, json};
use time::OffsetDateTime;

use super::{
    intent::{DeploymentOutcome, Destination, Intent},
    own_address_rows::read_own_addresses,
};
use crate::{
    store::{Row, StoreError, Transaction, Value},
    system::FileMode,
};

/// What is remembered of a label, if it is that of a lineage.
pub(super) fn read_intent(transaction: &Transaction<'_>, label: &str) -> Result<Option<Intent>, StoreError> {
    let own = read_own_addresses(transaction, label)?.unwrap_or_default();
    transaction.query_row(
        "SELECT l.profile, l.key_algorithm, l.key_policy, l.days, d.out, d.combined, d.file_owner, d.file_group, \
         d.file_mode, d.hook, d.hook_limit, d.verify, d.server FROM lineages l LEFT JOIN deployments d ON d.label = l.label \
         WHERE l.label = $1",
        &[label.into()],
        |row| {
            Ok(Intent {
                profile: row.text(0)?,
                key: parsed(row.optional_text(1)?, "key_algorithm", "algorithm of a key")?,
                key_policy: parsed(Some(row.text(2)?), "key_policy", "policy for keys")?.unwrap_or_default(),
                days: row.optional_integer(3)?.map(|days| whole(days, "days")).transpose()?,
                own: own.clone(),
                destination: read_destination(row, 4)?,
            })
        },
    )
}

pub(super) fn read_destination(row: &Row<'_>, first: usize) -> Result<Destination, StoreError> {
    let wrong = || StoreError::WrongContent { column: "verify".to_owned(), expected: "list of addresses" };
    let verify = row.optional_text(first + 7)?;
    Ok(Destination {
        out: row.optional_text(first)?,
        combined: row.optional_text(first + 1)?,
        owner: row.optional_text(first + 2)?,
        group: row.optional_text(first + 3)?,
        mode: parsed::<FileMode>(row.optional_text(first + 4)?, "file_mode", "mode of a file")?,
        hook: row.optional_text(first + 5)?,
        hook_limit: row.optional_integer(first + 6)?.map(|seconds| whole(seconds, "hook_limit")).transpose()?,
        verify: match verify {
            Some(list) => serde_json::from_str(&list).map_err(|_| wrong())?,
            None => Vec::new(),
        },
        server: row.optional_text(first + 8)?,
    })
}

fn parsed<T: std::str::FromStr>(
    word: Option<String>,
    column: &str,
    expected: &'static str,
) -> Result<Option<T>, StoreError> {
    let wrong = |_| StoreError::WrongContent { column: column.to_owned(), expected };
    word.map(|word| word.parse().map_err(wrong)).transpose()
}

fn whole(number: i64, column: &str) -> Result<u32, StoreError> {
    let wrong = |_| StoreError::WrongContent { column: column.to_owned(), expected: "whole number" };
    u32::try_from(number).map_err(wrong)
}

/// Writes where a lineage is brought; where that is nowhere, nothing is left to become of it.
pub(super) fn write_destination(
    transaction: &Transaction<'_>,
    label: &str,
    destination: &Destination,
) -> Result<(), StoreError> {
    if destination.is_nowhere() {
        transaction.execute("DELETE FROM deployments WHERE label = $1", &[label.into()])?;
        return Ok(());
    }
    let text = |value: &Option<String>| Value::from(value.as_deref());
    transaction.execute(
        "INSERT INTO deployments (label, out, combined, file_owner, file_group, file_mode, hook, hook_limit, verify, \
         server) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (label) DO UPDATE SET out = excluded.out, \
         combined = excluded.combined, file_owner = excluded.file_owner, file_group = excluded.file_group, \
         file_mode = excluded.file_mode, hook = excluded.hook, hook_limit = excluded.hook_limit, \
         verify = excluded.verify, server = excluded.server",
        &[
            label.into(),
            text(&destination.out),
            text(&destination.combined),
            text(&destination.owner),
            text(&destination.group),
            destination.mode.map(FileMode::as_str).into(),
            text(&destination.hook),
            destination.hook_limit.into(),
            json!(destination.verify).to_string().into(),
            text(&destination.server),
        ],
    )?;
    Ok(())
}

/// Notes that the newest certificate of a label is to be brought to its server, where there is one. What was brought
/// before and did not arrive is nothing to go back to: what `live` showed before that is.
pub(super) fn await_deployment(
    transaction: &Transaction<'_>,
    label: &str,
    destination: Option<&Destination>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    if let Some(destination) = destination {
        write_destination(transaction, label, destination)?;
    }
    transaction.execute(
        "UPDATE deployments SET generation = l.generation, \
         previous = CASE WHEN outcome IN ('pending', 'failed') AND previous IS NOT NULL THEN previous \
         ELSE NULLIF(l.published, 0) END, outcome = $2, message = NULL, at = $3 \
         FROM lineages l WHERE l.label = deployments.label AND deployments.label = $1",
        &[label.into(), DeploymentOutcome::Pending.as_str().into(), now.unix_timestamp().into()],
    )?;
    Ok(())
}

/// A destination as the audit log tells it.
pub(super) fn detail(destination: &Destination) -> Json {
    json!({
        "server": destination.server,
        "out": destination.out,
        "combined": destination.combined,
        "owner": destination.owner,
        "group": destination.group,
        "mode": destination.mode.map(FileMode::as_str),
        "hook": destination.hook,
        "hook_limit": destination.hook_limit,
        "verify": destination.verify,
    })
}

/// Reads what [`detail`] wrote; none where it is something else. Entries of an earlier version tell no server: that of the row is
/// taken, for it is neither a place nor a command.
pub(super) fn of_detail(told: &Json, held: Option<&Destination>) -> Option<Destination> {
    if told.is_null() {
        return Some(Destination::default());
    }
    let text = |name: &str| match told.get(name)? {
        Json::Null => Some(None),
        told => told.as_str().map(|text| Some(text.to_owned())),
    };
    let number = |name: &str| match told.get(name)? {
        Json::Null => Some(None),
        told => told.as_u64().and_then(|number| u32::try_from(number).ok()).map(Some),
    };
    let mode = text("mode")?.map(|word| word.parse::<FileMode>()).transpose().ok()?;
    let verify = serde_json::from_value(told.get("verify")?.clone()).ok()?;
    let server = match told.get("server") {
        None => held.and_then(|held| held.server.clone()),
        Some(_) => text("server")?,
    };
    Some(Destination {
        server,
        out: text("out")?,
        combined: text("combined")?,
        owner: text("owner")?,
        group: text("group")?,
        mode,
        hook: text("hook")?,
        hook_limit: number("hook_limit")?,
        verify,
    })
}
