//! A certificate's row with every column, as it stands in the ledger.

use serde::Deserialize;

use crate::store::{Row, StoreError};

/// What an adoption may change of a row, by the names of the columns, as the entry about it tells what stood there before.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Adoptable<'a> {
    pub(super) profile: &'a str,
    pub(super) label: Option<&'a str>,
    pub(super) generation: Option<i64>,
    pub(super) names: &'a str,
    pub(super) subject: Option<&'a str>,
}

/// A row of `certificates`.
pub(super) struct CertificateRow {
    pub(super) id: i64,
    pub(super) issuer: i64,
    pub(super) serial: String,
    pub(super) profile: String,
    pub(super) label: Option<String>,
    pub(super) generation: Option<i64>,
    pub(super) names: String,
    pub(super) subject: Option<String>,
    pub(super) not_before: i64,
    pub(super) not_after: i64,
    pub(super) key_sha256: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) tbs: Option<Vec<u8>>,
    pub(super) certificate: Option<Vec<u8>>,
    pub(super) reserved_at: i64,
    pub(super) issued_at: Option<i64>,
    pub(super) revoked_at: Option<i64>,
    pub(super) revocation_reason: Option<String>,
    pub(super) listed_until: Option<i64>,
}

impl CertificateRow {
    const COLUMNS: &str = "id, issuer, serial, profile, label, generation, names, subject, not_before, not_after, key_sha256, \
        sha256, tbs, certificate, reserved_at, issued_at, revoked_at, revocation_reason, listed_until";

    /// All rows, in the order in which they were written.
    pub(super) fn all() -> String {
        format!("SELECT {} FROM certificates ORDER BY id", Self::COLUMNS)
    }

    /// The row of a generation of a label.
    pub(super) fn of_generation() -> String {
        format!("SELECT {} FROM certificates WHERE label = $1 AND generation = $2", Self::COLUMNS)
    }

    pub(super) fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.integer(0)?,
            issuer: row.integer(1)?,
            serial: row.text(2)?,
            profile: row.text(3)?,
            label: row.optional_text(4)?,
            generation: row.optional_integer(5)?,
            names: row.text(6)?,
            subject: row.optional_text(7)?,
            not_before: row.integer(8)?,
            not_after: row.integer(9)?,
            key_sha256: row.optional_text(10)?,
            sha256: row.optional_text(11)?,
            tbs: row.optional_blob(12)?,
            certificate: row.optional_blob(13)?,
            reserved_at: row.integer(14)?,
            issued_at: row.optional_integer(15)?,
            revoked_at: row.optional_integer(16)?,
            revocation_reason: row.optional_text(17)?,
            listed_until: row.optional_integer(18)?,
        })
    }

    /// What an adoption may change.
    pub(super) fn adoptable(&self) -> Adoptable<'_> {
        Adoptable {
            profile: &self.profile,
            label: self.label.as_deref(),
            generation: self.generation,
            names: &self.names,
            subject: self.subject.as_deref(),
        }
    }

    /// Since when it is revoked, and why.
    pub(super) fn revocation(&self) -> Option<(i64, &str)> {
        self.revoked_at.map(|at| (at, self.revocation_reason.as_deref().unwrap_or_default()))
    }
}
