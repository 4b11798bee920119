//! The CA as a whole, its issuers and its changes of root: each row against the log, and each issuer against its certificate.

use std::mem::take;

use serde_json::json;
use time::OffsetDateTime;

use super::{
    account::{Step, ToldIssuer, ToldRotation},
    flaw::FlawKind,
    looking::{Looking, other_than},
};
use crate::{
    authority::{
        ledger_error::LedgerError,
        revocation::cas_revoked,
        rotation::{self, Rotation},
    },
    store::{Row, StoreError},
    x509::{Certificate, DistinguishedName},
};

impl Looking<'_> {
    pub(super) fn at_authority(&mut self) -> Result<(), LedgerError> {
        let (told, is_partial) = (take(&mut self.account.authority), self.account.is_partial);
        let text = "SELECT name, established, serial_epoch, clocks, backed_up_at, backed_up_to FROM authority";
        let rows = self.rows.query(text, &[], |row| {
            let backup = (row.optional_integer(4)?, row.optional_text(5)?);
            Ok((row.text(0)?, row.integer(1)?, row.integer(2)?, row.integer(3)?, backup))
        })?;
        let mut add = |what: &str| {
            let message = format!("{what} of the CA is not what the log tells");
            self.examined.add(FlawKind::Authority, "authority", message);
        };
        let [(name, established, serial_epoch, clocks, backup)] = rows.as_slice() else {
            add("the number of rows");
            return Ok(());
        };
        // Nothing is compared with a log whose beginning is lost, which was named before.
        let Some(told_name) = told.name else { return Ok(()) };
        for (is_other, what) in [
            (*name != told_name, "the name"),
            (Some(*established) != told.established, "the beginning"),
            (*serial_epoch != told.serial_epoch, "the octet with which serial numbers begin"),
            (*clocks != told.clocks, "how often a clock was accepted"),
            (!is_partial && *backup != told.backup.unzip(), "the newest backup"),
        ] {
            if is_other {
                add(what);
            }
        }
        Ok(())
    }

    pub(super) fn at_issuers(&mut self) -> Result<(), LedgerError> {
        self.revoked = cas_revoked(self.rows)?;
        let mut told = take(&mut self.account.issuers);
        let text = "SELECT id, role, ordinal, signed_by, subject, certificate, revocations, crl_floor, set_aside FROM issuers \
                    ORDER BY id";
        for issuer in self.rows.query(text, &[], IssuerRow::read)? {
            let certificate = issuer.certificate.as_deref().map(Certificate::from_der);
            let certificate = certificate.and_then(Result::ok);
            if let Some((kind, wrong)) = issuer.unlike(told.remove(&issuer.id).as_ref(), certificate.as_ref()) {
                let path = format!("{}/{}", issuer.role, issuer.ordinal);
                let message = format!("{wrong} of the CA {path} is not what the log or its certificate tells");
                self.examined.add(kind, path, message);
            }
            let Some(certificate) = certificate else { continue };
            self.keys.insert(issuer.id, certificate.tbs().public_key().clone());
        }
        for missing in told.values() {
            let message =
                format!("entry {} tells of the CA {}, and the ledger has none", missing.entry, missing.subject);
            self.examined.add(FlawKind::Ca, &*missing.subject, message);
        }
        Ok(())
    }

    pub(super) fn at_rotations(&mut self) -> Result<(), LedgerError> {
        let told = take(&mut self.account.rotations);
        let rows = rotation::all(self.rows)?;
        let are_as_told = (1..).zip(&rows).zip(&told).all(|((place, row), told)| row.place == place && told.is_of(row));
        if rows.len() != told.len() || !are_as_told {
            let message = "the changes of root are not those that the log tells of";
            self.examined.add(FlawKind::Ca, "rotations", message);
        }
        Ok(())
    }
}

impl ToldRotation {
    /// Whether a row says what is told.
    fn is_of(&self, row: &Rotation) -> bool {
        let steps = [
            (self.begun_at, Some(row.begun_at)),
            (self.cut_over_at, row.cut_over_at),
            (self.retired_at, row.retired_at),
            (self.abandoned_at, row.abandoned_at),
        ];
        let is_step = |(told, held): (Step, Option<OffsetDateTime>)| match told {
            Step::TakenAt(at) => held.map(OffsetDateTime::unix_timestamp) == Some(at),
            Step::Taken => held.is_some(),
            Step::NotTaken => held.is_none(),
        };
        let roots = (Some(row.old_root.0), Some(row.new_root.0));
        roots == (self.old_root, self.new_root) && steps.into_iter().all(is_step)
    }
}

/// A row of `issuers`.
struct IssuerRow {
    id: i64,
    role: String,
    ordinal: i64,
    signed_by: Option<i64>,
    subject: Vec<u8>,
    certificate: Option<Vec<u8>>,
    revocations: i64,
    crl_floor: Option<i64>,
    set_aside: Option<String>,
}

impl IssuerRow {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.integer(0)?,
            role: row.text(1)?,
            ordinal: row.integer(2)?,
            signed_by: row.optional_integer(3)?,
            subject: row.blob(4)?,
            certificate: row.optional_blob(5)?,
            revocations: row.integer(6)?,
            crl_floor: row.optional_integer(7)?,
            set_aside: row.optional_text(8)?,
        })
    }

    /// What of it is not as it was told, and what that concerns.
    fn unlike(&self, told: Option<&ToldIssuer>, certificate: Option<&Certificate>) -> Option<(FlawKind, &'static str)> {
        let Some(told) = told else { return Some((FlawKind::Ca, "the row")) };
        if self.role != told.role {
            return Some((FlawKind::Ca, "the role"));
        }
        let row = told.row.clone().unwrap_or_default();
        if other_than(&row, &[("ordinal", json!(self.ordinal)), ("signed_by", json!(self.signed_by))]).is_some() {
            return Some((FlawKind::Ca, "the place"));
        }
        let name = DistinguishedName::from_der(&self.subject).ok();
        let is_its = certificate.is_none_or(|certificate| certificate.tbs().subject().as_der() == self.subject);
        if !is_its || name.is_none_or(|name| name.to_string() != told.subject) {
            return Some((FlawKind::Ca, "the name"));
        }
        // Of an earlier version of this program it is not known which certificate an issuer has.
        let is_told = told.row.is_some() || told.sha256.is_some();
        if (is_told || certificate.is_none() && self.certificate.is_some())
            && certificate.map(Certificate::fingerprint) != told.sha256
        {
            return Some((FlawKind::Ca, "the certificate"));
        }
        if told.set_aside != self.set_aside {
            return Some((FlawKind::Ca, "whether it issues"));
        }
        if told.revocations.is_some_and(|told| told != self.revocations) {
            return Some((FlawKind::Crl, "the number of revocations"));
        }
        if told.crl_floor.is_some_and(|told| told != self.crl_floor) {
            return Some((FlawKind::Crl, "the number above which the lists go on"));
        }
        None
    }
}
