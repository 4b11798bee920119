//! CRL numbers in the ledger: reserved with the hash of the bytes that will be signed, then signed and published.
//!
//! Drafting happens inside the transaction that reserves: so a list with a higher number never says less than one with a
//! lower.

use std::thread;

use serde_json::json;
use time::OffsetDateTime;

use super::{
    act::Act,
    audit::{CLOCK_TOLERANCE, Head},
    issuer_role::IssuerId,
    ledger::Ledger,
    ledger_error::LedgerError,
    lost_revocations::refuse_lost,
    standing::{instant, read_revocation},
};
use crate::{
    lint::ClearedCrl,
    store::{StoreError, Transaction},
    x509::{CertificateList, CrlEntry, CrlNumber, TbsCertList, certificate::sha256, hexadecimal},
};

/// A CRL that was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedCrl {
    /// Its number, RFC 5280 5.2.3.
    pub number: i64,
    /// When it was made.
    pub this_update: OffsetDateTime,
    /// When the next is due at the latest.
    pub next_update: OffsetDateTime,
}

impl SignedCrl {
    /// Whether a clock that was ahead has dated it, by more than time services move one: it does not hold yet.
    pub fn is_ahead(&self, now: OffsetDateTime) -> bool {
        now < self.this_update - CLOCK_TOLERANCE
    }

    /// Whether half of its life is over, or none of it has come, so that another is wanted.
    pub fn is_due(&self, now: OffsetDateTime) -> bool {
        self.is_ahead(now) || self.is_half_over(now)
    }

    /// Whether half of its life is over.
    pub fn is_half_over(&self, now: OffsetDateTime) -> bool {
        now >= self.next_update - (self.next_update - self.this_update) / 2
    }
}

/// What a CRL is made of.
pub(super) struct Revocations {
    /// The highest number that was ever reserved, or that a restored ledger keeps clear of.
    pub(super) last: Option<CrlNumber>,
    /// The date of the list: the time now, or that of the newest audit entry where the clock went back a little.
    pub(super) now: OffsetDateTime,
    /// What was revoked and has to be listed.
    pub(super) entries: Vec<CrlEntry>,
}

/// What is in the ledger and may now be signed; only the ledger makes one.
pub(super) struct ReservedCrl {
    place: CrlPlace,
    tbs: TbsCertList,
}

/// Whose CRL it is, and which.
#[derive(Clone, Copy)]
pub(super) struct CrlPlace {
    issuer: IssuerId,
    number: CrlNumber,
}

/// What was signed and is not yet recorded.
#[must_use = "a CRL that is signed and never recorded is not published"]
pub(super) struct SignedList {
    place: CrlPlace,
    list: CertificateList,
}

impl ReservedCrl {
    pub(super) fn into_parts(self) -> (CrlPlace, TbsCertList) {
        (self.place, self.tbs)
    }
}

impl CrlPlace {
    pub(super) fn number(self) -> CrlNumber {
        self.number
    }

    /// The issuer has signed the very bytes that were reserved and looked at the result.
    pub(super) fn signed(self, list: CertificateList) -> SignedList {
        SignedList { place: self, list }
    }
}

impl SignedList {
    /// The list, for good.
    pub(super) fn into_list(self) -> CertificateList {
        self.list
    }
}

impl Ledger {
    /// Takes the next number and writes down what will be signed under it: what `draft` makes of the revocations.
    pub(super) fn reserve_crl<E: From<LedgerError> + From<StoreError>>(
        &self,
        issuer: IssuerId,
        now: OffsetDateTime,
        draft: impl FnOnce(Revocations) -> Result<ClearedCrl, E>,
    ) -> Result<ReservedCrl, E> {
        self.store.transaction(|transaction| {
            let mut head = Head::read(transaction)?;
            let (revocations, changes) = revocations(transaction, issuer, head.date(now))?;
            let tbs = draft(revocations)?.into_tbs();
            Ok(reserve(transaction, &mut head, CrlDraft { issuer, tbs, changes }, now)?)
        })
    }

    /// Calls `publish` with what was signed while no other process can publish, then records it. One that is not the
    /// issuer's newest any more is recorded only: what is published never goes back. The
    /// newest keeps its bytes, unless there are many: such a list is made anew where its file is lost.
    pub(super) fn record_crl<E: From<LedgerError> + From<StoreError>>(
        &self,
        signed: &SignedList,
        now: OffsetDateTime,
        publish: impl FnOnce(&CertificateList) -> Result<(), E>,
    ) -> Result<SignedCrl, E> {
        let SignedList { place: CrlPlace { issuer, number }, list } = signed;
        let crl = list.as_der();
        self.store.transaction(|transaction| {
            let newest = newest_number(transaction, *issuer)?;
            let is_newest = newest.is_none_or(|newest| newest < number.get());
            let hash = hash_while(crl, || if is_newest { publish(list) } else { Ok(()) })?;
            if is_newest {
                transaction
                    .execute("UPDATE crls SET crl = NULL WHERE issuer = $1 AND crl IS NOT NULL", &[issuer.0.into()])?;
            }
            let kept = Some(crl).filter(|crl| is_newest && crl.len() <= MOST_KEPT);
            let recorded = transaction.query_row(
                "UPDATE crls SET crl = $1, signed_at = $2 WHERE issuer = $3 AND number = $4 AND signed_at IS NULL \
                 RETURNING this_update, next_update",
                &[kept.into(), now.unix_timestamp().into(), issuer.0.into(), number.get().into()],
                |row| Ok((row.integer(0)?, row.integer(1)?)),
            )?;
            let (this_update, next_update) = recorded.ok_or(LedgerError::Unreadable { what: "a reserved CRL" })?;
            let row = json!({ "is_kept": kept.is_some() });
            let detail = json!({ "issuer": issuer.0, "number": number.get(), "sha256": hash, "row": row });
            Head::read(transaction)?.append(transaction, now, Act::IssueCrl, &detail)?;
            let (this_update, next_update) = (instant(this_update)?, instant(next_update)?);
            Ok(SignedCrl { number: number.get(), this_update, next_update })
        })
    }

    /// Whether an issuer's newest CRL is the one of which `tbs` is what was signed.
    pub(super) fn is_newest_crl(&self, issuer: IssuerId, tbs: &[u8]) -> Result<bool, LedgerError> {
        let newest = self.store.read(|transaction| {
            transaction.query_row(
                "SELECT tbs_sha256 FROM crls WHERE issuer = $1 AND signed_at IS NOT NULL ORDER BY number DESC LIMIT 1",
                &[issuer.0.into()],
                |row| row.text(0),
            )
        })?;
        Ok(newest.is_some_and(|newest| newest == hexadecimal(&sha256(tbs))))
    }

    /// The bytes of an issuer's newest CRL, where it was small enough to keep.
    pub(super) fn newest_crl(&self, issuer: IssuerId) -> Result<Option<Vec<u8>>, LedgerError> {
        self.store.read(|transaction| {
            Ok(transaction
                .query_row(
                    "SELECT crl FROM crls WHERE issuer = $1 AND signed_at IS NOT NULL ORDER BY number DESC LIMIT 1",
                    &[issuer.0.into()],
                    |row| row.optional_blob(0),
                )?
                .flatten())
        })
    }
}

/// The hash of a list, computed while `work` is done: of a long one it takes about as long as writing its files.
fn hash_while<E>(crl: &[u8], work: impl FnOnce() -> Result<(), E>) -> Result<String, E> {
    let hash = || hexadecimal(&sha256(crl));
    thread::scope(|scope| {
        let hashing = scope.spawn(hash);
        work()?;
        Ok(hashing.join().unwrap_or_else(|_| hash()))
    })
}

fn newest_number(transaction: &Transaction<'_>, issuer: IssuerId) -> Result<Option<i64>, StoreError> {
    transaction.query_row(
        "SELECT number FROM crls WHERE issuer = $1 AND signed_at IS NOT NULL ORDER BY number DESC LIMIT 1",
        &[issuer.0.into()],
        |row| row.integer(0),
    )
}

/// What an issuer's next CRL has to say, and how often its revocations have changed by now.
fn revocations(
    transaction: &Transaction<'_>,
    issuer: IssuerId,
    now: OffsetDateTime,
) -> Result<(Revocations, i64), LedgerError> {
    let row = transaction.query_row(
        "SELECT revocations, crl_floor FROM issuers WHERE id = $1",
        &[issuer.0.into()],
        |row| Ok((row.integer(0)?, row.optional_integer(1)?)),
    )?;
    let (changes, floor) = row.ok_or(LedgerError::Unreadable { what: "an issuer" })?;
    let last = transaction.query_row(
        "SELECT number FROM crls WHERE issuer = $1 ORDER BY number DESC LIMIT 1",
        &[issuer.0.into()],
        |row| row.integer(0),
    )?;
    // RFC 5280 3.3: an entry stays until one list after the end of its certificate has had it. A list that a clock dated ahead
    // is none after an end that is still to come.
    let published = transaction.query_row(
        "SELECT this_update FROM crls WHERE issuer = $1 AND signed_at IS NOT NULL AND this_update <= $2 \
         ORDER BY number DESC LIMIT 1",
        &[issuer.0.into(), now.unix_timestamp().into()],
        |row| row.integer(0),
    )?;
    let mut entries = Vec::new();
    transaction.each(
        "SELECT serial, revoked_at, revocation_reason FROM certificates \
         WHERE issuer = $1 AND listed_until >= $2 ORDER BY listed_until, serial",
        &[issuer.0.into(), published.unwrap_or(0).into()],
        |row| {
            entries.push(entry(&row.text(0)?, row.integer(1)?, row.optional_text(2)?, now)?);
            Ok::<_, LedgerError>(())
        },
    )?;
    refuse_lost(transaction, issuer, (published.unwrap_or(0), now), &entries)?;
    let last = last.max(floor).and_then(CrlNumber::new);
    Ok((Revocations { last, now, entries }, changes))
}

fn entry(serial: &str, at: i64, reason: Option<String>, now: OffsetDateTime) -> Result<CrlEntry, LedgerError> {
    let unreadable = LedgerError::Unreadable { what: "a serial number" };
    let revocation = read_revocation(Some(at), reason)?.ok_or(LedgerError::Unreadable { what: "a revocation" })?;
    Ok(CrlEntry {
        serial_number: serial.parse().map_err(|_| unreadable)?,
        // What a clock dated ahead holds since now at the latest: some verifiers take a date to come for not yet revoked.
        revocation_date: revocation.at.min(now),
        reason: revocation.reason,
    })
}

/// A list that may be signed, and the state of the revocations that it tells.
struct CrlDraft {
    issuer: IssuerId,
    tbs: TbsCertList,
    changes: i64,
}

fn reserve(
    transaction: &Transaction<'_>,
    head: &mut Head,
    draft: CrlDraft,
    now: OffsetDateTime,
) -> Result<ReservedCrl, LedgerError> {
    let CrlDraft { issuer, tbs, changes } = draft;
    let unreadable = LedgerError::Unreadable { what: "a draft without number or end" };
    let (Some(number), Some(next_update)) = (tbs.crl_number(), tbs.next_update()) else { return Err(unreadable) };
    let tbs_sha256 = hexadecimal(&sha256(tbs.as_der()));
    transaction.execute(
        "INSERT INTO crls (issuer, number, this_update, next_update, revocations, tbs_sha256) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            issuer.0.into(),
            number.get().into(),
            tbs.this_update().unix_timestamp().into(),
            next_update.unix_timestamp().into(),
            changes.into(),
            tbs_sha256.as_str().into(),
        ],
    )?;
    let detail = json!({
        "issuer": issuer.0,
        "number": number.get(),
        "revoked": tbs.revoked().len(),
        "tbs_sha256": tbs_sha256,
        "row": {
            "this_update": tbs.this_update().unix_timestamp(),
            "next_update": next_update.unix_timestamp(),
            "revocations": changes,
        },
    });
    head.append(transaction, now, Act::ReserveCrl, &detail)?;
    Ok(ReservedCrl { place: CrlPlace { issuer, number }, tbs })
}

/// A list of some eighty thousand entries: it is written and read again each time that the next one is made, and lies in each backup. That of
/// CAs, whose key is put away, is far below.
const MOST_KEPT: usize = 4 * 1024 * 1024;
