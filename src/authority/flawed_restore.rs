//! A ledger that comes out of a backup and is not as it was written. Before anything is signed with it, whatever the log or a list that
//! its CA signed says is revoked is so again, and a label stands for what its newest certificate says.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use time::OffsetDateTime;

use super::{
    act::Act,
    ca::{Authority, CaCertificate},
    flawed_destinations::{ForgottenDestination, set_destinations_right},
    flawed_devices::set_devices_right,
    issuer_role::IssuerId,
    ledger_error::LedgerError,
    revocation::{Revoked, follow_up, write},
    soundness::Testimony,
    standing::{Revocation, instant},
};
use crate::{
    store::{StoreError, Transaction},
    x509::{CertificateList, RevocationReason, SerialNumber, serial_number::Epoch},
};

/// What was set right in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetRight {
    /// How many certificates are revoked again.
    pub revocations: usize,
    /// How many labels stand for other names or another certificate, or are renewed in another way, than their rows said.
    pub labels: usize,
    /// How many labels are brought elsewhere, or by another command, than their rows said.
    pub destinations: usize,
    /// The labels that are brought nowhere now, because nobody knows for sure where they were.
    pub forgotten: Vec<ForgottenDestination>,
    /// How many devices are not what their rows said.
    pub devices: usize,
}

/// A certificate that is revoked by what somebody signed or the log tells.
struct ToldRevocation {
    issuer: IssuerId,
    serial: SerialNumber,
    revocation: Revocation,
}

impl Authority {
    /// Sets right what could make a signature wrong. The next octet of serial numbers follows the highest that the log knows.
    pub(super) fn set_right(
        &self,
        rows: &Transaction<'_>,
        lists: &[(IssuerId, CertificateList)],
        now: OffsetDateTime,
    ) -> Result<SetRight, LedgerError> {
        let mut told = in_log(rows)?;
        told.extend(lists.iter().flat_map(|(issuer, list)| in_list(*issuer, list)));
        let mut set_right = SetRight::default();
        for told in &told {
            let ca = self.cas().iter().find(|ca| ca.id() == told.issuer);
            set_right.revocations += usize::from(ca.map_or(Ok(false), |ca| revoke_again(rows, told, ca, now))?);
        }
        set_right.revocations += list_again(rows, now)?;
        let told = Testimony::read(rows)?;
        set_right.labels = self.set_lineages_right(rows, &told)?;
        let destinations = set_destinations_right(rows, &told, now)?;
        set_right.labels += destinations.own_set_right;
        set_right.destinations = destinations.set_right;
        set_right.forgotten = destinations.forgotten;
        set_right.devices = set_devices_right(rows, &told)?;
        Ok(set_right)
    }

    /// The octet that serial numbers begin with after a restore, of a ledger whose own word for it may be wrong: above all that the log
    /// tells, of restores and of each number that was reserved.
    pub(super) fn epoch_after(&self, rows: &Transaction<'_>) -> Result<Epoch, StoreError> {
        let acts = [Act::Restore, Act::Reserve].map(|act| act.as_str().into());
        let logged = rows.query("SELECT detail FROM audit WHERE act IN ($1, $2)", &acts, |row| row.text(0))?;
        let octets = logged.iter().flat_map(|detail| {
            let detail: Json = serde_json::from_str(detail).unwrap_or_default();
            // An octet that none can be is no word about the others.
            let noted =
                detail.get("serial_epoch").and_then(Json::as_u64).and_then(|octet| Epoch::new(octet.try_into().ok()?));
            let serial = detail.get("serial").and_then(Json::as_str).and_then(|text| text.parse::<SerialNumber>().ok());
            [noted, serial.and_then(|serial| serial.epoch())].into_iter().flatten()
        });
        Ok(octets.chain([self.epoch]).max_by_key(|epoch| epoch.octet()).unwrap_or(self.epoch).next())
    }
}

/// Raises the number that each CA's lists keep clear of to the highest that the log or a list in its files tells.
pub(super) fn raise_crl_floors(
    rows: &Transaction<'_>,
    lists: &[(IssuerId, CertificateList)],
) -> Result<(), StoreError> {
    let acts = [Act::ReserveCrl, Act::IssueCrl].map(|act| act.as_str().into());
    let logged = rows.query("SELECT detail FROM audit WHERE act IN ($1, $2)", &acts, |row| row.text(0))?;
    let logged = logged.iter().filter_map(|detail| {
        let detail: Json = serde_json::from_str(detail).ok()?;
        Some((detail.get("issuer")?.as_i64()?, detail.get("number")?.as_i64()?))
    });
    let listed = lists.iter().filter_map(|(issuer, list)| Some((issuer.0, list.tbs().crl_number()?.get())));
    let mut highest: BTreeMap<i64, i64> = BTreeMap::new();
    for (issuer, number) in logged.chain(listed) {
        highest.entry(issuer).and_modify(|highest| *highest = number.max(*highest)).or_insert(number);
    }
    for (issuer, number) in highest {
        let text = "UPDATE issuers SET crl_floor = $1 WHERE id = $2 AND COALESCE(crl_floor, 0) < $1";
        rows.execute(text, &[number.into(), issuer.into()])?;
    }
    Ok(())
}

/// What the log says was revoked, as far as it can be read.
fn in_log(rows: &Transaction<'_>) -> Result<Vec<ToldRevocation>, StoreError> {
    let text = "SELECT at, detail FROM audit WHERE act = $1 ORDER BY sequence";
    let entries = rows.query(text, &[Act::Revoke.as_str().into()], |row| Ok((row.integer(0)?, row.text(1)?)))?;
    let read = |(at, detail): (i64, String)| {
        let detail: Json = serde_json::from_str(&detail).ok()?;
        let text = |name: &str| detail.get(name).and_then(Json::as_str);
        let at = detail.pointer("/row/revoked_at").and_then(Json::as_i64).unwrap_or(at);
        Some(ToldRevocation {
            issuer: IssuerId(detail.get("issuer")?.as_i64()?),
            serial: text("serial")?.parse().ok()?,
            revocation: Revocation { at: instant(at).ok()?, reason: text("reason")?.parse().ok()? },
        })
    };
    Ok(entries.into_iter().filter_map(read).collect())
}

fn in_list(issuer: IssuerId, list: &CertificateList) -> impl Iterator<Item = ToldRevocation> + '_ {
    list.tbs().revoked().filter_map(move |entry| {
        let reason = entry.reason.and_then(|word| word.parse().ok()).unwrap_or(RevocationReason::Unspecified);
        let serial = SerialNumber::from_octets(entry.serial).ok()?;
        Some(ToldRevocation { issuer, serial, revocation: Revocation { at: entry.revocation_date, reason } })
    })
}

/// Tells whether the ledger did not say so. Of a certificate whose row is lost nothing else is known, so that the lists have it until
/// its CA ends.
fn revoke_again(
    rows: &Transaction<'_>,
    told: &ToldRevocation,
    ca: &CaCertificate,
    now: OffsetDateTime,
) -> Result<bool, LedgerError> {
    let ToldRevocation { issuer, serial, revocation } = told;
    let serial = serial.to_string();
    let known = rows.query_row(
        "SELECT id, revoked_at FROM certificates WHERE serial = $1 AND issuer = $2",
        &[serial.as_str().into(), issuer.0.into()],
        |row| Ok((row.integer(0)?, row.optional_integer(1)?)),
    )?;
    match known {
        Some((_, Some(_))) => Ok(false),
        Some((place, None)) => {
            write(rows, place, Revoked::Now(*revocation))?;
            follow_up(rows, place, revocation.reason)?;
            Ok(true)
        }
        None => {
            let (at, end) =
                (revocation.at.unix_timestamp(), ca.certificate().tbs().validity().not_after().unix_timestamp());
            rows.execute(
                "INSERT INTO certificates (issuer, serial, profile, names, subject, not_before, not_after, reserved_at, \
                 issued_at, revoked_at, revocation_reason, listed_until) \
                 VALUES ($1, $2, 'lost', '[]', '', 0, $3, $4, 0, $5, $6, $7)",
                &[
                    issuer.0.into(),
                    serial.into(),
                    end.into(),
                    now.unix_timestamp().into(),
                    at.into(),
                    revocation.reason.as_str().into(),
                    at.max(end).into(),
                ],
            )?;
            Ok(true)
        }
    }
}

/// What is revoked is listed until its end, and what was listed is revoked; tells how many rows said otherwise.
fn list_again(rows: &Transaction<'_>, now: OffsetDateTime) -> Result<usize, StoreError> {
    let undated = rows.execute(
        "UPDATE certificates SET revoked_at = $1 WHERE listed_until IS NOT NULL AND revoked_at IS NULL",
        &[now.unix_timestamp().into()],
    )?;
    let end = "CASE WHEN not_after > revoked_at THEN not_after ELSE revoked_at END";
    let unlisted = rows.execute(
        &format!(
            "UPDATE certificates SET listed_until = {end} \
             WHERE revoked_at IS NOT NULL AND (listed_until IS NULL OR listed_until < {end})"
        ),
        &[],
    )?;
    Ok(undated + unlisted)
}
