//! Whether a certificate can be used, as `list` and `show` tell it.

use serde::Serialize;
use time::OffsetDateTime;

use crate::authority::{CaCertificate, CertificateRecord, Status};

/// What a certificate amounts to, and what else keeps devices from taking it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Condition {
    status: Status,
    /// Whether its life has begun.
    begun: bool,
    /// Whether the CA that issued it was revoked.
    issuer_revoked: bool,
}

impl Condition {
    /// Of a row of the ledger at an instant, among the CAs that were revoked.
    pub fn of(record: &CertificateRecord, revoked: &[&CaCertificate], now: OffsetDateTime) -> Self {
        let is_issuer = |ca: &&CaCertificate| ca.role() == record.issuer && ca.ordinal() == record.issuer_ordinal;
        Self { status: record.status(now), begun: record.has_begun(now), issuer_revoked: revoked.iter().any(is_issuer) }
    }

    /// In words: the first of them that counts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self { status: Status::Good, issuer_revoked: true, .. } => "CA revoked",
            Self { status: Status::Good, begun: false, .. } => "not begun",
            Self { status, .. } => status.as_str(),
        }
    }
}
