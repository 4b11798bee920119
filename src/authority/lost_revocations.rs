//! What the ledger has lost of what was revoked: no CRL is signed that would leave it out or tell it otherwise.

use std::collections::HashMap;

use serde_json::Value as Json;
use time::OffsetDateTime;

use super::{
    act::Act, audit_chain::AuditEntry, issuer_role::IssuerId, ledger_error::LedgerError, standing::Revocation, told_of,
};
use crate::{
    store::{Row, StoreError, Transaction},
    x509::{Certificate, CertificateList, CrlEntry, RevocationReason, SerialNumber},
};

/// A revocation as the log tells it.
pub(super) struct ToldRevocation {
    /// The place of the entry.
    entry: i64,
    serial: SerialNumber,
    issuer: Option<i64>,
    reason: String,
    /// Since when, in seconds since 1970, if that is told.
    at: Option<i64>,
}

/// An issuer's newest list, with which the next is compared.
struct Newest {
    /// The entry that reserved it, where the log has it.
    reserved: Option<i64>,
    /// A very long one is not kept.
    list: Option<CertificateList>,
}

impl ToldRevocation {
    fn of(entry: &AuditEntry) -> Option<Self> {
        let detail: Json = serde_json::from_str(&entry.detail).ok()?;
        let text = |name: &str| detail.get(name).and_then(Json::as_str).map(str::to_owned);
        Some(Self {
            entry: entry.sequence,
            serial: text("serial")?.parse().ok()?,
            issuer: detail.get("issuer").and_then(Json::as_i64),
            reason: text("reason")?,
            at: detail.pointer("/row/revoked_at").and_then(Json::as_i64),
        })
    }

    fn all(entries: &[AuditEntry], issuer: IssuerId) -> impl Iterator<Item = Self> {
        entries.iter().filter_map(Self::of).filter(move |told| told.issuer == Some(issuer.0))
    }

    /// The last of a certificate.
    fn last(rows: &Transaction<'_>, issuer: IssuerId, serial: &SerialNumber) -> Result<Option<Self>, StoreError> {
        Ok(Self::all(&told_of::of_revocation(rows, &serial.to_string())?, issuer).last())
    }

    /// Whether a list of now tells it as it was.
    fn is_of(&self, entry: &CrlEntry, now: OffsetDateTime) -> bool {
        let is_date = |at: i64| at.min(now.unix_timestamp()) == entry.revocation_date.unix_timestamp();
        self.reason == entry.reason.as_str() && self.at.is_none_or(is_date)
    }
}

/// Says nothing of a certificate that is revoked, or is not, unlike the log tells. What is wrong since a restore was told then.
///
/// # Errors
/// [`LedgerError::RevocationLost`], [`LedgerError::Changed`], or a ledger that fails.
pub(super) fn refuse_untold(
    rows: &Transaction<'_>,
    issuer: IssuerId,
    serial: &SerialNumber,
    held: Option<&Revocation>,
) -> Result<(), LedgerError> {
    let Some(told) = ToldRevocation::last(rows, issuer, serial)? else { return Ok(()) };
    let Some(held) = held else { return Err(lost(serial)) };
    let is_as_told = told.reason == held.reason.as_str() && told.at.is_none_or(|at| at == held.at.unix_timestamp());
    if is_as_told || told.entry < restored(rows)? { Ok(()) } else { Err(told_otherwise(serial)) }
}

impl Newest {
    /// Reads it; none where none was signed.
    fn read(rows: &Transaction<'_>, issuer: IssuerId, restored: i64) -> Result<Option<Self>, LedgerError> {
        let said = |told: &Json, name: &str| told.get(name).and_then(Json::as_i64);
        let is_its = |told: &Json| said(told, "issuer") == Some(issuer.0);
        let text =
            "SELECT number, crl FROM crls WHERE issuer = $1 AND signed_at IS NOT NULL ORDER BY number DESC LIMIT 1";
        let read = |row: &Row<'_>| Ok((row.integer(0)?, row.optional_blob(1)?));
        let held = rows.query_row(text, &[issuer.0.into()], read)?;
        let told = told_of::newest(rows, Act::IssueCrl, is_its)?.filter(|(place, _)| *place > restored);
        let told_number = told.as_ref().and_then(|(_, told)| said(told, "number"));
        let Some((number, crl)) = held.filter(|(number, _)| told_number.is_none_or(|told| told <= *number)) else {
            return told_number.map_or(Ok(None), |number| Err(list_lost(number)));
        };
        let is_kept = told.filter(|_| told_number == Some(number));
        let is_kept = is_kept.and_then(|(_, told)| told.pointer("/row/is_kept").and_then(Json::as_bool));
        if is_kept == Some(true) && crl.is_none() {
            return Err(list_lost(number));
        }
        let list = crl.map(|crl| CertificateList::from_der(&crl)).transpose();
        let list = list.map_err(|_| LedgerError::Unreadable { what: "a CRL" })?;
        let is_reserved = |told: &Json| is_its(told) && said(told, "number") == Some(number);
        let reserved = told_of::newest(rows, Act::ReserveCrl, is_reserved)?.map(|(place, _)| place);
        Ok(Some(Self { reserved, list }))
    }
}

/// Signs nothing where the ledger has lost what was revoked: each revoked row has to be listed until its end; what was revoked since the
/// newest list is listed as it was; and what stood in that list stands in the next, unless its time is over. And nothing else is listed.
pub(super) fn refuse_lost(
    rows: &Transaction<'_>,
    issuer: IssuerId,
    (published, now): (i64, OffsetDateTime),
    entries: &[CrlEntry],
) -> Result<(), LedgerError> {
    refuse_unlisted(rows, issuer)?;
    // What is wrong since a restore was told then, and is set right as far as it can be.
    let restored = restored(rows)?;
    let newest = Newest::read(rows, issuer, restored)?;
    let reserved = newest.as_ref().map_or(Some(0), |newest| newest.reserved);
    let since = told_of::revoked_since(rows, reserved.map_or(i64::MAX, |place| place.max(restored)))?;
    if let Some(broken) = first_broken(rows, &since)? {
        let message = format!("entry {broken} of the audit log does not follow from the one before it");
        return Err(LedgerError::Changed { message });
    }
    let last: HashMap<SerialNumber, ToldRevocation> =
        ToldRevocation::all(&since, issuer).map(|told| (told.serial, told)).collect();
    let listed: HashMap<SerialNumber, &CrlEntry> = entries.iter().map(|entry| (entry.serial_number, entry)).collect();
    for (serial, told) in &last {
        match listed.get(serial) {
            Some(entry) if told.is_of(entry, now) => {}
            Some(_) => return Err(told_otherwise(serial)),
            // One whose time is over may be revoked for a worse reason.
            None if is_over(rows, issuer, serial, published)? => {}
            None => return Err(lost(serial)),
        }
    }
    let list = newest.as_ref().and_then(|newest| newest.list.as_ref());
    let was: HashMap<SerialNumber, (&str, OffsetDateTime)> = list.map_or_else(HashMap::new, |list| {
        let entry = |serial, reason: Option<&'static str>, at| {
            Some((SerialNumber::from_octets(serial).ok()?, (reason.unwrap_or(UNSPECIFIED), at)))
        };
        list.tbs().revoked().filter_map(|was| entry(was.serial, was.reason, was.revocation_date)).collect()
    });
    for serial in was.keys().filter(|serial| !listed.contains_key(*serial)) {
        if !is_over(rows, issuer, serial, published)? {
            return Err(lost(serial));
        }
    }
    // A very long list is not kept: what is not told since then may have stood in it.
    let is_known = newest.is_none() || list.is_some();
    let is_sound_since = reserved.is_some_and(|place| place >= restored);
    if !is_known || !is_sound_since {
        return Ok(());
    }
    let this_update = list.map_or(now, |list| list.tbs().this_update());
    let has_moved_in = told_of::newest(rows, Act::Import, |_| true)?.is_some();
    for (serial, entry) in listed.iter().filter(|(serial, _)| !last.contains_key(serial)) {
        let (is_as_it_was, may_be_untold) = match was.get(serial) {
            Some((reason, at)) => {
                let is_date = *at == entry.revocation_date.min(this_update);
                (*reason == entry.reason.as_str() && is_date, now < this_update)
            }
            // What moved in revoked is in no entry, and where the clock went back it may stand in a list again.
            None => (false, has_moved_in),
        };
        let is_told = || ToldRevocation::last(rows, issuer, serial);
        if !is_as_it_was && !is_told()?.map_or(may_be_untold, |told| told.is_of(entry, now)) {
            return Err(told_otherwise(serial));
        }
    }
    Ok(())
}

/// The newest restore, or 0.
fn restored(rows: &Transaction<'_>) -> Result<i64, StoreError> {
    Ok(told_of::newest(rows, Act::Restore, |_| true)?.map_or(0, |(place, _)| place))
}

/// The first entry that does not follow from the one before it.
fn first_broken(rows: &Transaction<'_>, entries: &[AuditEntry]) -> Result<Option<i64>, StoreError> {
    for entry in entries {
        if !entry.is_chained(rows)? {
            return Ok(Some(entry.sequence));
        }
    }
    Ok(None)
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

/// Whether a certificate that was listed need not be listed any more, by its bytes where they are known.
fn is_over(
    rows: &Transaction<'_>,
    issuer: IssuerId,
    serial: &SerialNumber,
    published: i64,
) -> Result<bool, LedgerError> {
    let text = "SELECT listed_until, not_after, certificate FROM certificates WHERE serial = $1 AND issuer = $2";
    let read = |row: &Row<'_>| Ok((row.optional_integer(0)?, row.integer(1)?, row.optional_blob(2)?));
    let row = rows.query_row(text, &[serial.to_string().into(), issuer.0.into()], read)?;
    let Some((Some(until), not_after, certificate)) = row else { return Ok(false) };
    let is_end = |der: &Vec<u8>| {
        let certificate = Certificate::from_der(der);
        certificate.is_ok_and(|held| held.tbs().validity().not_after().unix_timestamp() == not_after)
    };
    Ok(until < published && certificate.as_ref().is_none_or(is_end))
}

fn lost(serial: &SerialNumber) -> LedgerError {
    LedgerError::RevocationLost { serial: serial.to_string() }
}

fn list_lost(number: i64) -> LedgerError {
    let message = format!("the CRL {number}, with which the next one is compared, is not in the ledger any more");
    LedgerError::Changed { message }
}

fn told_otherwise(serial: &SerialNumber) -> LedgerError {
    let message = format!("the revocation of {serial} is another than the one that the log tells of");
    LedgerError::Changed { message }
}

/// As a list tells it of which it does not say why.
const UNSPECIFIED: &str = RevocationReason::Unspecified.as_str();
