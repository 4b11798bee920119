//! The device ledger: who came to the onboarding page, what was fetched, and when trust in which root was proven. A
//! later change of root knows from it whom it concerns.
//!
//! Each first time is one transaction with its audit entry; looking at the page again changes nothing.

use serde_json::json;
use time::OffsetDateTime;

use super::{
    act::Act,
    audit::Head,
    ca::Authority,
    device_record::{Arrival, DeviceKey, DeviceRecord, DeviceRoot, kept_text},
    inventory::Page,
    ledger::Ledger,
    ledger_error::LedgerError,
};
use crate::{
    store::{Row, StoreError, Transaction},
    x509::Certificate,
};

impl Authority {
    /// From now on waits so many seconds for another process that writes, and no longer: whoever writes down visits is
    /// asked to stop at any time.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn wait_at_most(&self, seconds: u64) -> Result<(), LedgerError> {
        Ok(self.ledger.store.wait_at_most(seconds)?)
    }

    /// Writes down that a device came; a known one comes again.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn meet_device(&self, arrival: &Arrival) -> Result<DeviceRecord, LedgerError> {
        self.ledger.meet_device(arrival, self.doors.clock.now())
    }

    /// Gives a device the name that its owner chose, and tells what is kept of it; an empty one takes the name away.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn name_device(&self, key: &DeviceKey, name: &str) -> Result<Option<String>, LedgerError> {
        self.ledger.name_device(key, name, self.doors.clock.now())
    }

    /// Writes down that a device fetched a root, if it is the first time.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn device_fetched(&self, key: &DeviceKey, root: &Certificate) -> Result<(), LedgerError> {
        self.ledger.note_about_root(key, root, Act::FetchRoot, self.doors.clock.now())
    }

    /// Writes down that a device proved its trust in a root, if it is the first time.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn device_trusts(&self, key: &DeviceKey, root: &Certificate) -> Result<(), LedgerError> {
        self.ledger.note_about_root(key, root, Act::ProveTrust, self.doors.clock.now())
    }

    /// A page of devices, the newest first.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn devices(&self, page: Page) -> Result<Vec<DeviceRecord>, LedgerError> {
        self.ledger.devices(page)
    }

    /// Every device that fetched a root or proved its trust in one, the newest first: whom a change of root concerns.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn devices_that_know_a_root(&self) -> Result<Vec<DeviceRecord>, LedgerError> {
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let page = self.ledger.devices(Page { limit: PAGE, before })?;
            let Some(last) = page.last() else { return Ok(found) };
            before = Some(last.place);
            found.extend(page.into_iter().filter(|device| !device.roots.is_empty()));
        }
    }

    /// What the devices that came last are known by, so that they are known again.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn known_devices(&self, most: u32) -> Result<Vec<DeviceKey>, LedgerError> {
        self.ledger.known_devices(most)
    }
}

impl Ledger {
    fn meet_device(&self, arrival: &Arrival, now: OffsetDateTime) -> Result<DeviceRecord, LedgerError> {
        let address = kept_text(&arrival.address, MOST_OF_ADDRESS);
        let platform = kept_text(&arrival.platform, MOST_OF_PLATFORM);
        let user_agent = kept_text(&arrival.user_agent, MOST_OF_USER_AGENT);
        let key = arrival.key.hexadecimal();
        self.store.transaction(|transaction| {
            let place = transaction.query_row(
                "INSERT INTO devices (key_sha256, address, platform, user_agent, first_seen, last_seen) \
                 VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (key_sha256) DO UPDATE SET address = excluded.address, \
                 platform = excluded.platform, user_agent = excluded.user_agent, last_seen = excluded.last_seen \
                 RETURNING id",
                &[
                    key.as_str().into(),
                    address.as_str().into(),
                    platform.as_str().into(),
                    user_agent.as_str().into(),
                    now.unix_timestamp().into(),
                ],
                |row| row.integer(0),
            )?;
            let place = place.ok_or(LedgerError::Unreadable { what: "a device" })?;
            let detail = json!({ "device": place, "address": address, "platform": platform, "user_agent": user_agent });
            Head::read(transaction)?.append(transaction, now, Act::MeetDevice, &detail)?;
            let mut found = read_devices(transaction, place.checked_add(1), 1)?;
            found.pop().ok_or(LedgerError::Unreadable { what: "a device" })
        })
    }

    fn name_device(&self, key: &DeviceKey, name: &str, now: OffsetDateTime) -> Result<Option<String>, LedgerError> {
        let name = Some(kept_text(name, MOST_OF_NAME)).filter(|name| !name.is_empty());
        self.store.transaction(|transaction| {
            let Some(device) = place_of(transaction, key)? else { return Ok(None) };
            let changed = transaction.execute(
                "UPDATE devices SET name = $1 WHERE id = $2 AND COALESCE(name, '') <> COALESCE($1, '')",
                &[name.clone().into(), device.into()],
            )?;
            if changed > 0 {
                let detail = json!({ "device": device, "name": name });
                Head::read(transaction)?.append(transaction, now, Act::NameDevice, &detail)?;
            }
            Ok(name)
        })
    }

    fn note_about_root(
        &self,
        key: &DeviceKey,
        root: &Certificate,
        act: Act,
        now: OffsetDateTime,
    ) -> Result<(), LedgerError> {
        let column = if act == Act::ProveTrust { "trusted_at" } else { "fetched_at" };
        let root = root.fingerprint();
        self.store.transaction(|transaction| {
            let Some(device) = place_of(transaction, key)? else { return Ok(()) };
            let changed = transaction.execute(
                &format!(
                    "INSERT INTO device_roots (device, root, {column}) VALUES ($1, $2, $3) \
                     ON CONFLICT (device, root) DO UPDATE SET {column} = excluded.{column} \
                     WHERE device_roots.{column} IS NULL"
                ),
                &[device.into(), root.as_str().into(), now.unix_timestamp().into()],
            )?;
            if changed > 0 {
                let detail = json!({ "device": device, "root_sha256": root });
                Head::read(transaction)?.append(transaction, now, act, &detail)?;
            }
            Ok(())
        })
    }

    fn devices(&self, page: Page) -> Result<Vec<DeviceRecord>, LedgerError> {
        self.store.read(|transaction| read_devices(transaction, page.before, page.limit))
    }

    fn known_devices(&self, most: u32) -> Result<Vec<DeviceKey>, LedgerError> {
        let texts = self.store.read::<_, StoreError>(|transaction| {
            transaction.query(
                "SELECT key_sha256 FROM devices ORDER BY last_seen DESC, id DESC LIMIT $1",
                &[i64::from(most).into()],
                |row| row.text(0),
            )
        })?;
        let read = |text: &String| DeviceKey::from_hexadecimal(text);
        texts.iter().map(read).collect::<Option<_>>().ok_or(LedgerError::Unreadable { what: "a device" })
    }
}

fn place_of(transaction: &Transaction<'_>, key: &DeviceKey) -> Result<Option<i64>, StoreError> {
    let key = key.hexadecimal();
    transaction.query_row("SELECT id FROM devices WHERE key_sha256 = $1", &[key.into()], |row| row.integer(0))
}

fn read_devices(
    transaction: &Transaction<'_>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<DeviceRecord>, LedgerError> {
    let mut devices = transaction.query(
        "SELECT id, name, address, platform, user_agent, first_seen, last_seen FROM devices \
         WHERE id < $1 ORDER BY id DESC LIMIT $2",
        &[before.unwrap_or(i64::MAX).into(), i64::from(limit).into()],
        read_device,
    )?;
    for device in &mut devices {
        device.roots = transaction.query(
            "SELECT root, fetched_at, trusted_at FROM device_roots WHERE device = $1 \
             ORDER BY COALESCE(trusted_at, fetched_at) DESC, root",
            &[device.place.into()],
            read_root,
        )?;
    }
    Ok(devices)
}

fn read_device(row: &Row<'_>) -> Result<DeviceRecord, StoreError> {
    Ok(DeviceRecord {
        place: row.integer(0)?,
        name: row.optional_text(1)?,
        address: row.text(2)?,
        platform: row.text(3)?,
        user_agent: row.text(4)?,
        first_seen: instant(row.integer(5)?)?,
        last_seen: instant(row.integer(6)?)?,
        roots: Vec::new(),
    })
}

fn read_root(row: &Row<'_>) -> Result<DeviceRoot, StoreError> {
    Ok(DeviceRoot {
        sha256: row.text(0)?,
        fetched_at: row.optional_integer(1)?.map(instant).transpose()?,
        trusted_at: row.optional_integer(2)?.map(instant).transpose()?,
    })
}

fn instant(seconds: i64) -> Result<OffsetDateTime, StoreError> {
    let wrong = |_| StoreError::WrongContent { column: "last_seen".to_owned(), expected: "time in seconds since 1970" };
    OffsetDateTime::from_unix_timestamp(seconds).map_err(wrong)
}

/// How many devices are read together.
const PAGE: u32 = 1000;
/// The most characters that are kept of each.
const MOST_OF_NAME: usize = 60;
const MOST_OF_ADDRESS: usize = 45;
const MOST_OF_PLATFORM: usize = 20;
const MOST_OF_USER_AGENT: usize = 240;

#[cfg(test)]
#[path = "devices_tests.rs"]
mod tests;
