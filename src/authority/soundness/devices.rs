//! Devices: each row against what they said of themselves and what they proved, as the log tells it.

use std::mem::take;

use serde_json::json;

use super::{
    flaw::FlawKind,
    looking::{Looking, other_than},
};
use crate::authority::ledger_error::LedgerError;

impl Looking<'_> {
    pub(super) fn at_devices(&mut self) -> Result<(), LedgerError> {
        let mut told = take(&mut self.account.devices);
        self.rows.each("SELECT id, name, address, platform, user_agent FROM devices ORDER BY id", &[], |row| {
            let (id, name) = (row.integer(0)?, json!(row.optional_text(1)?));
            let arrival = [
                ("address", json!(row.text(2)?)),
                ("platform", json!(row.text(3)?)),
                ("user_agent", json!(row.text(4)?)),
            ];
            let told = told.remove(&id);
            let is_as_told = told.as_ref().is_some_and(|told| {
                !told.arrival.is_null() && other_than(&told.arrival, &arrival).is_none() && told.name == name
            });
            if !is_as_told {
                self.examined.add(
                    FlawKind::Device,
                    id.to_string(),
                    format!("the device {id} is not what the log tells"),
                );
            }
            let mut roots = told.map(|told| told.roots).unwrap_or_default();
            let text = "SELECT root, fetched_at, trusted_at FROM device_roots WHERE device = $1 ORDER BY root";
            self.rows.each(text, &[id.into()], |row| {
                let held = (row.optional_integer(1)?.is_some(), row.optional_integer(2)?.is_some());
                let told = roots.remove(&row.text(0)?);
                if told.map(|told| (told.fetched_at.is_some(), told.trusted_at.is_some())) != Some(held) {
                    let message = format!("what the device {id} did about a root is not what the log tells");
                    self.examined.add(FlawKind::Device, id.to_string(), message);
                }
                Ok::<_, LedgerError>(())
            })?;
            if !roots.is_empty() {
                let message = format!("what the device {id} did about a root is not in the ledger");
                self.examined.add(FlawKind::Device, id.to_string(), message);
            }
            Ok::<_, LedgerError>(())
        })?;
        for id in told.into_keys() {
            self.examined.add(FlawKind::Device, id.to_string(), format!("the device {id} is not in the ledger"));
        }
        let strangers = "SELECT DISTINCT device FROM device_roots WHERE device NOT IN (SELECT id FROM devices)";
        for id in self.rows.query(strangers, &[], |row| row.integer(0))? {
            self.examined.add(FlawKind::Device, id.to_string(), format!("the device {id} is not in the ledger"));
        }
        Ok(())
    }
}
