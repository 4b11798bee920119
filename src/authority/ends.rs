//! What ends, and when: the certificates that servers use, those whose keys are kept elsewhere, and the devices that know
//! an earlier root only. Each answer is a number and the first few rows.

use std::path::{Path, PathBuf};

use time::{Duration, OffsetDateTime};

use super::{ca::Authority, label, ledger::Ledger, ledger_error::LedgerError, standing::instant};
use crate::store::{Row, StoreError, Transaction, Value};

/// A certificate that is in use, and when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InUse {
    /// The lineage it belongs to, or what it was called by; its serial number where it has neither.
    pub label: String,
    /// Its serial number in hexadecimal digits.
    pub serial: String,
    /// The first second of its life.
    pub not_before: OffsetDateTime,
    /// The last one.
    pub not_after: OffsetDateTime,
}

/// A certificate and the addresses at which its server shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The lineage.
    pub label: String,
    /// The certificate under `live/`, in DER.
    pub certificate: Vec<u8>,
    /// The addresses, as they were given.
    pub addresses: Vec<String>,
    /// The kind of server there, by the word of its preset.
    pub server: Option<String>,
}

/// How many there are, and the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Few<T> {
    /// How many.
    pub number: u64,
    /// The first.
    pub first: Vec<T>,
}

impl Authority {
    /// The certificates of lineages that are shown under `live/`, the next one due first, and how many there are. A lineage
    /// that shall have no other certificate is left out; so below.
    ///
    /// # Errors
    /// A ledger that fails; so for those below.
    pub fn in_use(&self, most: u32) -> Result<Few<InUse>, LedgerError> {
        self.ledger.few(LIVE, "l.due_at IS NOT NULL", "l.due_at, l.label", &[], most)
    }

    /// Those of them whose life is over.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn in_use_ended(&self, most: u32) -> Result<Few<InUse>, LedgerError> {
        let now = self.doors.clock.now();
        self.ledger.few(LIVE, "l.due_at <= $1 AND c.not_after < $1", "c.not_after", &[seconds(now)], most)
    }

    /// Those of them whose life has not begun: a clock was ahead when they were issued.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn in_use_ahead(&self, most: u32) -> Result<Few<InUse>, LedgerError> {
        let now = self.doors.clock.now();
        let condition = "c.not_before > $1 AND l.label = c.label AND l.published = c.generation \
                         AND l.due_at IS NOT NULL AND c.revoked_at IS NULL";
        self.ledger.few(BEGUN_LATE, condition, "c.not_before", &[seconds(now)], most)
    }

    /// The certificates of OCSP responders whose life has not begun.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn responders_ahead(&self, most: u32) -> Result<Few<InUse>, LedgerError> {
        let now = self.doors.clock.now();
        let condition = format!(
            "c.not_before > $1 AND l.label = c.label AND l.generation = c.generation AND c.label LIKE '{}%' \
             AND c.revoked_at IS NULL",
            label::RESPONDERS
        );
        self.ledger.few(BEGUN_LATE, &condition, "c.not_before", &[seconds(now)], most)
    }

    /// Those of them that live still and have been due for a time; what is due because of a revocation is told otherwise.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn in_use_overdue(&self, since: Duration, most: u32) -> Result<Few<InUse>, LedgerError> {
        let now = self.doors.clock.now();
        let condition = "l.due_at > 0 AND l.due_at <= $1 AND c.not_after >= $2 AND c.revoked_at IS NULL";
        self.ledger.few(LIVE, condition, "l.due_at", &[seconds(now - since), seconds(now)], most)
    }

    /// Those of them that end within a time.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn in_use_ending(&self, within: Duration, most: u32) -> Result<Few<InUse>, LedgerError> {
        let now = self.doors.clock.now();
        let end = now.checked_add(within).map_or(Value::Integer(i64::MAX), seconds);
        let condition = "l.due_at IS NOT NULL AND c.not_after BETWEEN $1 AND $2 AND c.revoked_at IS NULL";
        self.ledger.few(LIVE, condition, "c.not_after", &[seconds(now), end], most)
    }

    /// Those of them that were revoked and are waiting for another.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn in_use_revoked(&self, most: u32) -> Result<Few<InUse>, LedgerError> {
        let now = self.doors.clock.now();
        let condition = "l.due_at <= $1 AND c.revoked_at IS NOT NULL";
        self.ledger.few(LIVE, condition, "c.not_after", &[seconds(now)], most)
    }

    /// The certificates about keys kept elsewhere that end between two instants, and have no successor of the same label
    /// or about the same key.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn elsewhere_ending(
        &self,
        from: OffsetDateTime,
        until: OffsetDateTime,
        most: u32,
    ) -> Result<Few<InUse>, LedgerError> {
        let condition = format!(
            "c.generation IS NULL AND c.issued_at IS NOT NULL AND c.revoked_at IS NULL AND c.not_after BETWEEN $1 AND $2 \
             AND c.profile NOT IN ('root', 'issuing', 'cross') AND COALESCE(c.label, '') <> '{}' \
             AND NOT EXISTS (SELECT 1 FROM certificates n WHERE n.label = c.label AND n.id > c.id AND n.issued_at IS NOT NULL) \
             AND NOT EXISTS (SELECT 1 FROM certificates n WHERE n.key_sha256 = c.key_sha256 AND n.id > c.id \
             AND n.issued_at IS NOT NULL)",
            label::SHARE
        );
        self.ledger.few("FROM certificates c", &condition, "c.not_after", &[seconds(from), seconds(until)], most)
    }

    /// What the devices are called that proved their trust in an earlier root, and not in the one with this fingerprint. Who
    /// retired a root has let go of those that did not come since.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn devices_without(&self, root: &str, most: u32) -> Result<Few<String>, LedgerError> {
        let retired_at = self.rotations.iter().filter_map(|rotation| rotation.retired_at).max();
        let is_changing = self.rotation().is_some();
        let since = retired_at.filter(|_| !is_changing).map_or(i64::MIN, OffsetDateTime::unix_timestamp);
        self.ledger.devices_without(root, since, most)
    }

    /// Where servers show the certificates that are under `live/`, in the order of their labels, those after a label, and how
    /// many such lineages there are.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn watched(&self, after: &str, most: u32) -> Result<Few<Watched>, LedgerError> {
        self.ledger.watched(after, most)
    }

    /// The directories into which copies of certificates go.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn copied_into(&self) -> Result<Vec<PathBuf>, LedgerError> {
        let text = "SELECT DISTINCT out, combined FROM deployments WHERE out IS NOT NULL OR combined IS NOT NULL";
        let rows = self.ledger.store.read::<_, StoreError>(|transaction| {
            transaction.query(text, &[], |row| Ok((row.optional_text(0)?, row.optional_text(1)?)))
        })?;
        let directories = rows.into_iter().flat_map(|(out, combined)| {
            let beside = combined.and_then(|file| PathBuf::from(file).parent().map(Path::to_owned));
            [out.map(PathBuf::from), beside]
        });
        Ok(directories.flatten().collect())
    }

    /// When a certificate last got to its server.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn last_deployment_at(&self) -> Result<Option<OffsetDateTime>, LedgerError> {
        let newest = self.ledger.store.read::<_, StoreError>(|transaction| {
            transaction.query_row(
                "SELECT MAX(at) FROM deployments WHERE outcome IN ('deployed', 'verified')",
                &[],
                |row| row.optional_integer(0),
            )
        })?;
        newest.flatten().map(instant).transpose()
    }
}

impl Ledger {
    fn few(
        &self,
        from: &str,
        condition: &str,
        order: &str,
        values: &[Value],
        most: u32,
    ) -> Result<Few<InUse>, LedgerError> {
        self.store.read(|transaction| {
            let number = count(transaction, &format!("SELECT COUNT(*) {from} WHERE {condition}"), values)?;
            let text = format!(
                "SELECT COALESCE(c.label, c.serial), c.serial, c.not_before, c.not_after {from} WHERE {condition} \
                 ORDER BY {order} LIMIT {most}"
            );
            let rows = transaction.query(&text, values, read_row)?;
            let first = rows.into_iter().map(in_use).collect::<Result<_, _>>()?;
            Ok(Few { number, first })
        })
    }

    fn watched(&self, after: &str, most: u32) -> Result<Few<Watched>, LedgerError> {
        let wrong = || StoreError::WrongContent { column: "verify".to_owned(), expected: "list of addresses" };
        let from = "FROM deployments d JOIN lineages l ON l.label = d.label \
                    JOIN certificates c ON c.label = l.label AND c.generation = l.published \
                    WHERE d.label > $1 AND d.verify <> '[]' AND l.due_at IS NOT NULL AND c.certificate IS NOT NULL";
        self.store.read(|transaction| {
            let number = count(transaction, &format!("SELECT COUNT(*) {from}"), &[after.into()])?;
            let text =
                format!("SELECT d.label, c.certificate, d.verify, d.server {from} ORDER BY d.label LIMIT {most}");
            let first = transaction.query(&text, &[after.into()], |row| {
                let addresses = serde_json::from_str(&row.text(2)?).map_err(|_| wrong())?;
                let certificate = row.optional_blob(1)?.unwrap_or_default();
                Ok(Watched { label: row.text(0)?, certificate, addresses, server: row.optional_text(3)? })
            })?;
            Ok(Few { number, first })
        })
    }

    fn devices_without(&self, root: &str, since: i64, most: u32) -> Result<Few<String>, LedgerError> {
        let behind = "FROM devices d WHERE EXISTS (SELECT 1 FROM device_roots r WHERE r.device = d.id \
                      AND r.trusted_at IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM device_roots r \
                      WHERE r.device = d.id AND r.root = $1 AND r.trusted_at IS NOT NULL) AND d.last_seen >= $2";
        let values = [Value::from(root), since.into()];
        self.store.read(|transaction| {
            let number = count(transaction, &format!("SELECT COUNT(*) {behind}"), &values)?;
            let text = format!("SELECT COALESCE(d.name, d.address) {behind} ORDER BY d.last_seen DESC LIMIT {most}");
            Ok(Few { number, first: transaction.query(&text, &values, |row| row.text(0))? })
        })
    }
}

fn count(transaction: &Transaction<'_>, text: &str, values: &[Value]) -> Result<u64, StoreError> {
    let number = transaction.query_row(text, values, |row| row.integer(0))?;
    Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default())
}

fn read_row(row: &Row<'_>) -> Result<(String, String, i64, i64), StoreError> {
    Ok((row.text(0)?, row.text(1)?, row.integer(2)?, row.integer(3)?))
}

fn in_use((label, serial, not_before, not_after): (String, String, i64, i64)) -> Result<InUse, LedgerError> {
    Ok(InUse { label, serial, not_before: instant(not_before)?, not_after: instant(not_after)? })
}

fn seconds(instant: OffsetDateTime) -> Value {
    instant.unix_timestamp().into()
}

/// What `live/` shows.
const LIVE: &str = "FROM lineages l JOIN certificates c ON c.label = l.label AND c.generation = l.published";
/// From the certificates to their lineages, in this order: few begin in the time to come.
const BEGUN_LATE: &str = "FROM certificates c CROSS JOIN lineages l";
