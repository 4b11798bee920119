//! A revocation list told in words.

use serde::Serialize;
use time::OffsetDateTime;

use super::certificate::{or_none, signature_algorithm};
use crate::{
    cli::{
        moment::Moment,
        page::{Page, counted},
    },
    x509::CertificateList,
};

/// What a revocation list says.
#[derive(Debug, Serialize)]
pub struct CrlDescription {
    issuer: String,
    number: Option<String>,
    this_update: Moment,
    next_update: Option<Moment>,
    signature_algorithm: String,
    revoked: Vec<Revoked>,
}

#[derive(Debug, Serialize)]
struct Revoked {
    serial: String,
    date: Moment,
    reason: Option<&'static str>,
}

impl CrlDescription {
    /// What a list says.
    pub fn of(list: &CertificateList) -> Self {
        let tbs = list.tbs();
        Self {
            issuer: tbs.issuer().to_string(),
            number: tbs.number().map(str::to_owned),
            this_update: tbs.this_update().into(),
            next_update: tbs.next_update().map(Moment::from),
            signature_algorithm: signature_algorithm(list.signature_oid()),
            revoked: tbs
                .revoked()
                .map(|revoked| Revoked {
                    serial: revoked.serial_digits(),
                    date: revoked.revocation_date.into(),
                    reason: revoked.reason,
                })
                .collect(),
        }
    }

    /// Tells it.
    pub fn tell(&self, page: &mut Page, now: OffsetDateTime) {
        page.heading("certificate revocation list");
        page.field("issuer", or_none(&self.issuer));
        page.field("number", self.number.as_deref().unwrap_or("none"));
        page.field("made", &self.this_update.told(now));
        let next = self.next_update.map(|next| next.told(now));
        page.field("next", next.as_deref().unwrap_or("it does not say"));
        page.field("signed with", &self.signature_algorithm);
        page.field("revokes", &counted(self.revoked.len(), "certificate"));
        if self.revoked.is_empty() {
            return;
        }
        page.blank();
        let rows = self.revoked.iter().take(SHOWN).map(|revoked| {
            [revoked.serial.clone(), revoked.date.date(), revoked.reason.unwrap_or_default().to_owned()]
        });
        page.table(["serial", "revoked", "reason"], 2, rows);
        if self.revoked.len() > SHOWN {
            page.line(&format!("and {} more; --json lists them all", self.revoked.len() - SHOWN));
        }
    }
}

/// More rows than anybody reads.
const SHOWN: usize = 100;
