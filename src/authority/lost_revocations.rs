//! What the ledger has lost of what was revoked: no CRL is signed that would leave it out or tell it otherwise.

use std::collections::HashMap;

use serde_json::Value as Json;
use time::OffsetDateTime;

use super::{act::Act, audit_chain::AuditEntry, issuer_role::IssuerId, ledger_error::LedgerError, told_of};
use crate::{
    store::{Row, StoreError, Transaction},
    x509::{CertificateList, CrlEntry, RevocationReason, SerialNumber},
};

/// A revocation as the log tells it.
pub(super) struct ToldRevocation {
    serial: String,
    issuer: Option<i64>,
    reason: String,
    /// Since when, in seconds since 1970, if that is told.
    at: Option<i64>,
    /// Whether it was revoked before, for a weaker reason.
    is_for_worse: bool,
}

/// An issuer's newest list, with which the next is compared.
struct Newest {
    number: i64,
    this_update: i64,
    /// A long one is not kept.
    crl: Option<Vec<u8>>,
    /// The entry that reserved it, and how many it had.
    reserved: Option<(i64, Option<i64>)>,
}

impl ToldRevocation {
    fn of(entry: &AuditEntry) -> Option<Self> {
        let detail: Json = serde_json::from_str(&entry.detail).ok()?;
        let text = |name: &str| detail.get(name).and_then(Json::as_str).map(str::to_owned);
        Some(Self {
            serial: text("serial")?,
            issuer: detail.get("issuer").and_then(Json::as_i64),
            reason: text("reason")?,
            at: detail.pointer("/row/revoked_at").and_then(Json::as_i64),
            is_for_worse: detail.get("was").is_some(),
        })
    }

    fn all(entries: &[AuditEntry], issuer: IssuerId) -> impl Iterator<Item = Self> {
        entries.iter().filter_map(Self::of).filter(move |told| told.issuer == Some(issuer.0))
    }

    /// The last of a certificate.
    pub(super) fn last(rows: &Transaction<'_>, issuer: IssuerId, serial: &str) -> Result<Option<Self>, StoreError> {
        Ok(Self::all(&told_of::of_revocation(rows, serial)?, issuer).last())
    }

    /// Whether a list of now tells it as it was.
    fn is_of(&self, entry: &CrlEntry, now: OffsetDateTime) -> bool {
        let is_date = |at: i64| at.min(now.unix_timestamp()) == entry.revocation_date.unix_timestamp();
        self.reason == entry.reason.as_str() && self.at.is_none_or(is_date)
    }
}

impl Newest {
    fn read(rows: &Transaction<'_>, issuer: IssuerId) -> Result<Option<Self>, StoreError> {
        let text = "SELECT number, this_update, crl FROM crls WHERE issuer = $1 AND signed_at IS NOT NULL \
                    ORDER BY number DESC LIMIT 1";
        let read = |row: &Row<'_>| Ok((row.integer(0)?, row.integer(1)?, row.optional_blob(2)?));
        let Some((number, this_update, crl)) = rows.query_row(text, &[issuer.0.into()], read)? else { return Ok(None) };
        let is_its = |told: &Json| {
            let said = |name: &str| told.get(name).and_then(Json::as_i64);
            (said("issuer"), said("number")) == (Some(issuer.0), Some(number))
        };
        let reserved = told_of::newest(rows, Act::ReserveCrl, is_its)?;
        let reserved = reserved.map(|(place, told)| (place, told.get("revoked").and_then(Json::as_i64)));
        Ok(Some(Self { number, this_update, crl, reserved }))
    }
}

/// Signs nothing where the ledger has lost what was revoked: each revoked row has to be listed until its end; what was revoked since the
/// newest list is listed as it was; and what stood in that list stands in the next, unless its time is over. Of a long list, which is not
/// kept, it is known how many it had.
pub(super) fn refuse_lost(
    rows: &Transaction<'_>,
    issuer: IssuerId,
    (published, now): (i64, OffsetDateTime),
    entries: &[CrlEntry],
) -> Result<(), LedgerError> {
    refuse_unlisted(rows, issuer)?;
    let Some(newest) = Newest::read(rows, issuer)? else { return Ok(()) };
    let since = match newest.reserved {
        Some((place, _)) => told_of::revoked_since(rows, place)?,
        None => Vec::new(),
    };
    let since: Vec<_> = ToldRevocation::all(&since, issuer).collect();
    let listed: HashMap<String, &CrlEntry> =
        entries.iter().map(|entry| (entry.serial_number.to_string(), entry)).collect();
    let last: HashMap<&str, &ToldRevocation> = since.iter().map(|told| (&*told.serial, told)).collect();
    for (serial, told) in &last {
        let entry = listed.get(*serial).ok_or_else(|| LedgerError::RevocationLost { serial: (*serial).to_owned() })?;
        if !told.is_of(entry, now) {
            return Err(told_otherwise(serial));
        }
    }
    // What is wrong since a restore was told then, and is set right as far as it can be.
    let restored = told_of::newest(rows, Act::Restore, |_| true)?.map_or(0, |(place, _)| place);
    let is_compared = newest.reserved.is_some_and(|(place, _)| place > restored);
    if let Some(crl) = &newest.crl {
        let list = CertificateList::from_der(crl).map_err(|_| LedgerError::Unreadable { what: "a CRL" })?;
        let this_update = list.tbs().this_update();
        for was in list.tbs().revoked() {
            let Ok(serial) = SerialNumber::from_octets(was.serial).map(|serial| serial.to_string()) else { continue };
            match listed.get(&serial) {
                None if is_over(rows, issuer, &serial, published)? => {}
                None => return Err(LedgerError::RevocationLost { serial }),
                Some(_) if last.contains_key(&*serial) || !is_compared || now < this_update => {}
                Some(entry) => {
                    let reason = was.reason.unwrap_or(RevocationReason::Unspecified.as_str());
                    let is_as_it_was = reason == entry.reason.as_str()
                        && was.revocation_date == entry.revocation_date.min(this_update);
                    let is_told = || ToldRevocation::last(rows, issuer, &serial);
                    if !is_as_it_was && !is_told()?.is_some_and(|told| told.is_of(entry, now)) {
                        return Err(told_otherwise(&serial));
                    }
                }
            }
        }
    }
    match newest.reserved {
        Some((_, Some(had))) if is_compared => {
            let new = since.iter().filter(|told| !told.is_for_worse).count();
            let over = over_since(rows, issuer, &newest, published)?;
            refuse_fewer(had.saturating_add(count(new)), over.saturating_add(count(entries.len())))
        }
        _ => Ok(()),
    }
}

/// Each revoked row is listed until its end.
fn refuse_unlisted(rows: &Transaction<'_>, issuer: IssuerId) -> Result<(), LedgerError> {
    // The sign keeps the index of what is revoked the one that is used: no other row is read.
    let unlisted = "SELECT serial FROM certificates WHERE revoked_at IS NOT NULL AND +issuer = $1 AND (listed_until IS NULL \
                    OR listed_until <> CASE WHEN not_after > revoked_at THEN not_after ELSE revoked_at END) LIMIT 1";
    match rows.query_row(unlisted, &[issuer.0.into()], |row| row.text(0))? {
        Some(serial) => Err(LedgerError::RevocationLost { serial }),
        None => Ok(()),
    }
}

/// Whether a certificate that was listed need not be listed any more.
fn is_over(rows: &Transaction<'_>, issuer: IssuerId, serial: &str, published: i64) -> Result<bool, StoreError> {
    let until = "SELECT listed_until FROM certificates WHERE serial = $1 AND issuer = $2";
    let until = rows.query_row(until, &[serial.into(), issuer.0.into()], |row| row.optional_integer(0))?;
    Ok(until.flatten().is_some_and(|until| until < published))
}

/// How many of those that the newest list had need not be listed any more.
fn over_since(rows: &Transaction<'_>, issuer: IssuerId, newest: &Newest, published: i64) -> Result<i64, StoreError> {
    let before = "SELECT this_update FROM crls WHERE issuer = $1 AND signed_at IS NOT NULL AND number < $2 \
                  AND this_update <= $3 ORDER BY number DESC LIMIT 1";
    let values = [issuer.0.into(), newest.number.into(), newest.this_update.into()];
    let before = rows.query_row(before, &values, |row| row.integer(0))?.unwrap_or(0);
    let over = "SELECT COUNT(*) FROM certificates WHERE issuer = $1 AND listed_until >= $2 AND listed_until < $3";
    let values = [issuer.0.into(), before.into(), published.into()];
    Ok(rows.query_row(over, &values, |row| row.integer(0))?.unwrap_or(0))
}

fn refuse_fewer(told: i64, held: i64) -> Result<(), LedgerError> {
    if held >= told {
        return Ok(());
    }
    let message = format!("the log tells of {told} revoked certificates to be listed, and the ledger has {held}");
    Err(LedgerError::Changed { message })
}

fn told_otherwise(serial: &str) -> LedgerError {
    LedgerError::Changed {
        message: format!("the revocation of {serial} is another than the one that the log tells of"),
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
