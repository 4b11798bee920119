//! The inventory: what the ledger answers when asked for certificates. No answer reads more rows than it shows.

use time::{Duration, OffsetDateTime};

use super::{
    issuer_role::{IssuerId, IssuerRole},
    label,
    ledger::Ledger,
    ledger_error::LedgerError,
    record::{CertificateRecord, RecordedName},
};
use crate::{
    store::{Row, StoreError, Value},
    x509::{certificate::sha256, hexadecimal},
};

/// Which certificates are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection<'a> {
    /// Those that were handed out and are neither a CA's, nor the onboarding page's, nor an OCSP responder's.
    Issued,
    /// Those of them whose life ends within so many days, the earliest end first.
    Expiring {
        /// The days.
        days: u32,
    },
    /// The newest of each lineage that is for a kind of server, in the order of their labels.
    For {
        /// The word of its preset.
        server: &'a str,
    },
    /// Those of them that were revoked.
    Revoked,
    /// Every row, with the CAs', the onboarding page's, the OCSP responders' and what was only reserved.
    All,
}

/// One page of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The most rows.
    pub limit: u32,
    /// Only rows before this place; none for the newest page.
    pub before: Option<i64>,
}

const COLUMNS: &str = "SELECT c.id, i.role, i.ordinal, c.serial, c.profile, c.label, c.generation, c.names, \
     c.not_before, c.not_after, c.key_sha256, c.sha256, c.certificate, c.issued_at, c.revoked_at, \
     c.revocation_reason, c.subject FROM certificates c JOIN issuers i ON i.id = c.issuer ";

impl Ledger {
    /// A page of certificates, newest first; where they expire, in the order of their ends.
    ///
    /// # Errors
    /// A store that fails, or content that this program did not write.
    pub(super) fn select(
        &self,
        selection: Selection<'_>,
        page: Page,
        now: OffsetDateTime,
    ) -> Result<Vec<CertificateRecord>, LedgerError> {
        let before = Value::from(page.before.unwrap_or(i64::MAX));
        let limit = Value::from(i64::from(page.limit));
        let end_entity = end_entity();
        match selection {
            Selection::Issued => {
                self.rows(&format!("WHERE c.id < $1 AND {end_entity} ORDER BY c.id DESC LIMIT $2"), &[before, limit])
            }
            Selection::Revoked => {
                self.rows("WHERE c.id < $1 AND c.revoked_at IS NOT NULL ORDER BY c.id DESC LIMIT $2", &[before, limit])
            }
            Selection::For { server } => self.rows(
                "JOIN lineages l ON l.label = c.label AND l.generation = c.generation \
                 JOIN deployments d ON d.label = l.label \
                 WHERE d.server = $1 AND c.issued_at IS NOT NULL ORDER BY d.label LIMIT $2",
                &[server.into(), limit],
            ),
            Selection::All => self.rows("WHERE c.id < $1 ORDER BY c.id DESC LIMIT $2", &[before, limit]),
            Selection::Expiring { days } => {
                let end = now.checked_add(Duration::days(i64::from(days)));
                let end = end.map_or(i64::MAX, OffsetDateTime::unix_timestamp);
                self.rows(
                    &format!(
                        "WHERE c.not_after BETWEEN $1 AND $2 AND {end_entity} AND c.revoked_at IS NULL \
                         ORDER BY c.not_after LIMIT $3"
                    ),
                    &[now.unix_timestamp().into(), end.into(), limit],
                )
            }
        }
    }

    /// The certificates of a label that were issued, newest first.
    pub(super) fn by_label(&self, label: &str, limit: u32) -> Result<Vec<CertificateRecord>, LedgerError> {
        self.rows(
            "WHERE c.label = $1 AND c.issued_at IS NOT NULL ORDER BY c.id DESC LIMIT $2",
            &[label.into(), i64::from(limit).into()],
        )
    }

    /// The certificates of a serial number: one for each issuer that used it.
    pub(super) fn by_serial(&self, serial: &str) -> Result<Vec<CertificateRecord>, LedgerError> {
        self.rows("WHERE c.serial = $1 ORDER BY c.id DESC", &[serial.into()])
    }

    /// Whether anything for a server that some issuers issued is not over, revoked or not.
    pub(super) fn is_any_living(&self, issuers: &[IssuerId], now: OffsetDateTime) -> Result<bool, LedgerError> {
        let text = format!(
            "SELECT c.id FROM certificates c WHERE c.issuer = $1 AND c.not_after >= $2 AND {} LIMIT 1",
            end_entity()
        );
        self.store.read(|transaction| {
            for issuer in issuers {
                let values = [issuer.0.into(), now.unix_timestamp().into()];
                if transaction.query_row(&text, &values, |row| row.integer(0))?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// The good certificates of some issuers that are in use: of a lineage the newest is, and the one under `live/`, which
    /// is another where the newest did not work at its server.
    pub(super) fn in_use_by(
        &self,
        issuers: &[IssuerId],
        page: Page,
        now: OffsetDateTime,
    ) -> Result<Vec<CertificateRecord>, LedgerError> {
        let end_entity = end_entity();
        let mut found = Vec::new();
        for issuer in issuers {
            found.extend(self.rows(
                &format!(
                    "WHERE c.issuer = $1 AND c.not_after >= $2 AND c.id < $3 AND {end_entity} AND c.revoked_at IS NULL \
                     AND c.profile <> 'ocsp-responder' AND (c.generation IS NULL OR EXISTS (SELECT 1 FROM lineages l \
                     WHERE l.label = c.label AND c.generation IN (l.generation, l.published))) \
                     ORDER BY c.id DESC LIMIT $4"
                ),
                &[
                    issuer.0.into(),
                    now.unix_timestamp().into(),
                    page.before.unwrap_or(i64::MAX).into(),
                    i64::from(page.limit).into(),
                ],
            )?);
        }
        found.sort_by_key(|record| std::cmp::Reverse(record.place));
        found.truncate(usize::try_from(page.limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// What so many lineages after a label have under `live/`, and the newest of each, which is another where it did not
    /// work at its server: label, generation, whether it is published, and who issued it.
    pub(super) fn current(&self, after: &str, limit: u32) -> Result<Vec<(String, i64, bool, IssuerId)>, LedgerError> {
        Ok(self.store.read(|transaction| {
            transaction.query(
                "SELECT l.label, c.generation, c.generation = l.published, c.issuer FROM \
                 (SELECT label, generation, published FROM lineages WHERE label > $1 ORDER BY label LIMIT $2) l \
                 JOIN certificates c ON c.label = l.label AND c.generation IN (l.generation, l.published) \
                 ORDER BY l.label, c.generation",
                &[after.into(), i64::from(limit).into()],
                |row| Ok((row.text(0)?, row.integer(1)?, row.integer(2)? != 0, IssuerId(row.integer(3)?))),
            )
        })?)
    }

    fn rows(&self, condition: &str, values: &[Value]) -> Result<Vec<CertificateRecord>, LedgerError> {
        self.store.read(|transaction| Ok(transaction.query(&format!("{COLUMNS}{condition}"), values, read_row)?))
    }
}

/// Handed out, and neither a CA's, nor the onboarding page's, nor an OCSP responder's.
fn end_entity() -> String {
    format!(
        "c.issued_at IS NOT NULL AND c.profile NOT IN ('root', 'issuing', 'cross') \
         AND COALESCE(c.label, '') <> '{}' AND COALESCE(c.label, '') NOT LIKE '{}%'",
        label::SHARE,
        label::RESPONDERS
    )
}

fn read_row(row: &Row<'_>) -> Result<CertificateRecord, StoreError> {
    let wrong = |column: &str, expected| StoreError::WrongContent { column: column.to_owned(), expected };
    let time = |seconds: i64| {
        OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| wrong("not_after", "time in seconds since 1970"))
    };
    let optional_time = |seconds: Option<i64>| seconds.map(time).transpose();
    let names: Vec<RecordedName> = serde_json::from_str(&row.text(7)?).map_err(|_| wrong("names", "list of names"))?;
    let (sha256_told, certificate) = (row.optional_text(11)?, row.optional_blob(12)?);
    if let (Some(told), Some(der)) = (&sha256_told, &certificate)
        && *told != hexadecimal(&sha256(der))
    {
        return Err(wrong("certificate", "certificate with its fingerprint"));
    }
    Ok(CertificateRecord {
        place: row.integer(0)?,
        issuer: IssuerRole::from_str(&row.text(1)?).ok_or_else(|| wrong("role", "role of an issuer"))?,
        issuer_ordinal: row.integer(2)?,
        serial: row.text(3)?,
        profile: row.text(4)?,
        label: row.optional_text(5)?,
        generation: row.optional_integer(6)?,
        names,
        not_before: time(row.integer(8)?)?,
        not_after: time(row.integer(9)?)?,
        key_sha256: row.optional_text(10)?,
        sha256: sha256_told,
        certificate,
        issued_at: optional_time(row.optional_integer(13)?)?,
        revoked_at: optional_time(row.optional_integer(14)?)?,
        revocation_reason: row.optional_text(15)?,
        subject: row.optional_text(16)?,
    })
}
