//! The devices in a ledger that is not as it was written: each is what the log tells of it. One of which it tells nothing is forgotten; it
//! comes to the onboarding page again.

use serde_json::Value as Json;

use super::soundness::{Testimony, ToldDevice, ToldRoot};
use crate::store::{Row, StoreError, Transaction, Value};

/// What a device said of itself, and its name.
type Said = [Option<String>; 4];

/// Sets each device right, and tells how many were not.
pub(super) fn set_devices_right(rows: &Transaction<'_>, told: &Testimony) -> Result<usize, StoreError> {
    rows.execute("DELETE FROM device_roots WHERE device NOT IN (SELECT id FROM devices)", &[])?;
    let text = "SELECT id, address, platform, user_agent, name FROM devices ORDER BY id";
    let mut changed = 0;
    for (id, held) in rows.query(text, &[], |row| Ok((row.integer(0)?, read(row)?)))? {
        let right = told.devices.get(&id).and_then(|told| Some((told, said(told)?)));
        let Some((told, right)) = right else {
            for (table, column) in [("device_roots", "device"), ("devices", "id")] {
                rows.execute(&format!("DELETE FROM {table} WHERE {column} = $1"), &[id.into()])?;
            }
            changed += 1;
            continue;
        };
        let is_other = held != right;
        if is_other {
            write(rows, id, right)?;
        }
        changed += usize::from(set_roots_right(rows, id, told)? || is_other);
    }
    Ok(changed)
}

fn read(row: &Row<'_>) -> Result<Said, StoreError> {
    Ok([row.optional_text(1)?, row.optional_text(2)?, row.optional_text(3)?, row.optional_text(4)?])
}

/// What the log tells of a device; none where it tells nothing of how it came.
fn said(told: &ToldDevice) -> Option<Said> {
    let text = |name: &str| told.arrival.get(name).and_then(Json::as_str).map(str::to_owned);
    let name = told.name.as_str().map(str::to_owned);
    Some([Some(text("address")?), Some(text("platform")?), Some(text("user_agent")?), name])
}

fn write(rows: &Transaction<'_>, id: i64, right: Said) -> Result<(), StoreError> {
    let mut values: Vec<Value> = right.into_iter().map(Value::from).collect();
    values.push(id.into());
    let text = "UPDATE devices SET address = $1, platform = $2, user_agent = $3, name = $4 WHERE id = $5";
    rows.execute(text, &values).map(|_| ())
}

fn set_roots_right(rows: &Transaction<'_>, id: i64, told: &ToldDevice) -> Result<bool, StoreError> {
    let text = "SELECT root, fetched_at, trusted_at FROM device_roots WHERE device = $1 ORDER BY root";
    let held = rows.query(text, &[id.into()], |row| {
        let did = ToldRoot { fetched_at: row.optional_integer(1)?, trusted_at: row.optional_integer(2)? };
        Ok((row.text(0)?, did))
    })?;
    let is_done = |root: &ToldRoot| (root.fetched_at.is_some(), root.trusted_at.is_some());
    let held: Vec<_> = held.iter().map(|(root, did)| (root, is_done(did))).collect();
    let right: Vec<_> = told.roots.iter().map(|(root, did)| (root, is_done(did))).collect();
    if held == right {
        return Ok(false);
    }
    rows.execute("DELETE FROM device_roots WHERE device = $1", &[id.into()])?;
    for (root, ToldRoot { fetched_at, trusted_at }) in &told.roots {
        let text = "INSERT INTO device_roots (device, root, fetched_at, trusted_at) VALUES ($1, $2, $3, $4)";
        rows.execute(text, &[id.into(), root.as_str().into(), (*fetched_at).into(), (*trusted_at).into()])?;
    }
    Ok(true)
}
