//! Revocation: what was issued is withdrawn, once and for good.
//!
//! The ledger says it at once, and so does an OCSP responder that reads it; a CRL says it when the next one is made.

use std::collections::HashSet;

use serde_json::json;
use thiserror::Error;
use time::OffsetDateTime;

use super::{
    act::Act,
    audit::Head,
    ca::{Authority, CaCertificate},
    issuer::Issuer,
    issuer_role::{IssuerId, IssuerRole},
    label::RESPONDERS,
    ledger::Ledger,
    ledger_error::LedgerError,
    lost_revocations::refuse_untold,
    record::CertificateRecord,
    standing::{Revocation, Standing, read_revocation},
};
use crate::{
    store::{StoreError, Transaction},
    x509::{Certificate, RevocationReason, SerialNumber},
};

/// What became of a wish to revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It is revoked from now on.
    Now(Revocation),
    /// It was revoked before, and stays so.
    Already(Revocation),
    /// It was revoked before, for another reason; that its key is in wrong hands is news.
    ForWorse {
        /// Why it was revoked until now.
        was: RevocationReason,
        /// What holds from now on; the time is that of the first revocation.
        now: Revocation,
    },
}

impl Revoked {
    /// What holds from now on.
    fn revocation(self) -> Revocation {
        let (Self::Now(revocation) | Self::Already(revocation) | Self::ForWorse { now: revocation, .. }) = self;
        revocation
    }
}

/// Why nothing was revoked.
#[derive(Debug, Error)]
pub enum RevokeError {
    /// Nobody stands above a root who could say that it is revoked.
    #[error("`{0}` is a root: nobody above it could say that it is revoked")]
    Root(String),
    /// RFC 5280 5.3.1: the reason is for the certificates of CAs.
    #[error("cACompromise is a reason for a CA, and {0} is none")]
    NotACa(String),
    /// The ledger did not take it down.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Authority {
    /// Revokes a certificate. One that is revoked already stays as it is, but for a key that turns out to be in wrong
    /// hands: that takes the place of a weaker reason. No clock stands in the way: nothing is needed more after an accident.
    ///
    /// # Errors
    /// The certificate of a root, a reason that is for CAs only, or a ledger that fails.
    pub fn revoke(&self, record: &CertificateRecord, reason: RevocationReason) -> Result<Revoked, RevokeError> {
        if let Some(root) = self.itself(record) {
            return Err(RevokeError::Root(root.certificate().tbs().subject().to_string()));
        }
        let own = |ca: &&CaCertificate| record.certificate.as_deref() == Some(ca.certificate().as_der());
        let ca = self.cas().iter().find(own).map(CaCertificate::id);
        if reason == RevocationReason::CaCompromise && ca.is_none() {
            return Err(RevokeError::NotACa(record.serial.clone()));
        }
        Ok(self.ledger.revoke(record.place, ca, reason, self.doors.clock.now())?)
    }

    /// What is known of a serial number of an issuer: nothing, where it was never issued.
    ///
    /// # Errors
    /// A ledger that fails, or one that tells a revocation otherwise than the log.
    pub fn standing(&self, issuer: IssuerId, serial: &SerialNumber) -> Result<Option<Standing>, LedgerError> {
        self.ledger.standing(issuer, serial)
    }

    /// Whether any certificate about the key of this one was revoked: that key gets no other.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn is_key_revoked(&self, record: &CertificateRecord) -> Result<bool, LedgerError> {
        let Some(key) = &record.key_sha256 else { return Ok(record.revoked_at.is_some()) };
        self.ledger.is_key_revoked(key)
    }

    /// How a CA's own certificate stands with the CA above it; a root answers for itself.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn standing_of(&self, ca: &CaCertificate) -> Result<Option<Standing>, LedgerError> {
        match (ca.signed_by(), ca.certificate().tbs().serial_number()) {
            (Some(above), Ok(serial)) => self.standing(above, &serial),
            _ => Ok(None),
        }
    }

    /// Whether the CA that issued a certificate was revoked, or one above that, so that nobody has to trust it.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn is_issuer_revoked(&self, record: &CertificateRecord) -> Result<bool, LedgerError> {
        let Some(ca) = self.ca(record.issuer, record.issuer_ordinal) else { return Ok(false) };
        self.is_ca_revoked(ca)
    }

    /// Whether a CA's own certificate was revoked, or that of a CA above it.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn is_ca_revoked(&self, ca: &CaCertificate) -> Result<bool, LedgerError> {
        Ok(self.revoked_in_line(ca)?.is_some())
    }

    /// The nearest of a CA and those above it that was revoked, so that nobody has to trust what the CA signs.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn revoked_in_line<'a>(
        &'a self,
        ca: &'a CaCertificate,
    ) -> Result<Option<(&'a CaCertificate, Revocation)>, LedgerError> {
        for ca in self.line_of(ca) {
            if let Some(Standing::Revoked(revocation)) = self.standing_of(ca)? {
                return Ok(Some((ca, revocation)));
            }
        }
        Ok(None)
    }

    /// The CAs that were revoked, and those below them.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn revoked_cas(&self) -> Result<Vec<&CaCertificate>, LedgerError> {
        let standing = self.cas().iter().map(|ca| Ok((ca, self.is_ca_revoked(ca)?)));
        let known: Vec<_> = standing.collect::<Result<_, LedgerError>>()?;
        Ok(known.into_iter().filter(|(_, is_revoked)| *is_revoked).map(|(ca, _)| ca).collect())
    }

    /// What a revoked CA signs is not trusted, so it signs nothing more.
    pub(super) fn refuse_revoked(&self, issuer: &Issuer) -> Result<(), LedgerError> {
        let Some(ca) = self.cas().iter().find(|ca| ca.id() == issuer.id()) else { return Ok(()) };
        let Some((revoked, revocation)) = self.revoked_in_line(ca)? else { return Ok(()) };
        let issuer = revoked.certificate().tbs().subject().to_string();
        Err(LedgerError::IssuerRevoked { issuer, at: revocation.at })
    }

    /// The root whose own certificate it is.
    fn itself(&self, record: &CertificateRecord) -> Option<&CaCertificate> {
        let own = |ca: &&CaCertificate| record.certificate.as_deref() == Some(ca.certificate().as_der());
        self.cas().iter().filter(|ca| ca.role() == IssuerRole::Root).find(own)
    }
}

impl Ledger {
    /// `ca` is the issuer whose own certificate it is, where it is one's.
    fn revoke(
        &self,
        place: i64,
        ca: Option<IssuerId>,
        reason: RevocationReason,
        now: OffsetDateTime,
    ) -> Result<Revoked, LedgerError> {
        self.store.transaction(|transaction| {
            let mut head = Head::read(transaction)?;
            let row = transaction.query_row(
                "SELECT issuer, serial, revoked_at, revocation_reason FROM certificates WHERE id = $1",
                &[place.into()],
                |row| {
                    Ok((
                        row.integer(0)?,
                        row.text(1)?,
                        read_revocation(row.optional_integer(2)?, row.optional_text(3)?),
                    ))
                },
            )?;
            let Some((issuer, serial, revocation)) = row else {
                return Err(LedgerError::Unreadable { what: "no such certificate" });
            };
            let at = head.date(now);
            let revoked = match revocation? {
                None => Revoked::Now(Revocation { at, reason }),
                Some(known) if reason.is_compromise() && !known.reason.is_compromise() => {
                    Revoked::ForWorse { was: known.reason, now: Revocation { reason, ..known } }
                }
                Some(known) => return Ok(Revoked::Already(known)),
            };
            write(transaction, place, revoked)?;
            follow_up(transaction, place, reason)?;
            if ca.is_some() {
                follow_up_below(transaction)?;
            }
            transaction.execute("UPDATE issuers SET revocations = revocations + 1 WHERE id = $1", &[issuer.into()])?;
            let mut detail = json!({
                "serial": serial,
                "issuer": issuer,
                "reason": reason.as_str(),
                "row": { "revoked_at": revoked.revocation().at.unix_timestamp() },
            });
            if let (Revoked::ForWorse { was, .. }, Some(fields)) = (revoked, detail.as_object_mut()) {
                fields.insert("was".to_owned(), was.as_str().into());
            }
            head.append(transaction, now, Act::Revoke, &detail)?;
            Ok(revoked)
        })
    }

    fn is_key_revoked(&self, key_sha256: &str) -> Result<bool, LedgerError> {
        let revoked = self.store.read::<_, StoreError>(|transaction| {
            let text = "SELECT id FROM certificates WHERE key_sha256 = $1 AND revoked_at IS NOT NULL LIMIT 1";
            transaction.query_row(text, &[key_sha256.into()], |row| row.integer(0))
        })?;
        Ok(revoked.is_some())
    }

    fn standing(&self, issuer: IssuerId, serial: &SerialNumber) -> Result<Option<Standing>, LedgerError> {
        self.store.read(|transaction| {
            let row = transaction.query_row(
                "SELECT issued_at, revoked_at, revocation_reason FROM certificates WHERE serial = $1 AND issuer = $2",
                &[serial.to_string().into(), issuer.0.into()],
                |row| Ok((row.optional_integer(0)?, row.optional_integer(1)?, row.optional_text(2)?)),
            )?;
            let Some((issued_at, revoked_at, reason)) = row else { return Ok(None) };
            let revocation = read_revocation(revoked_at, reason)?;
            refuse_untold(transaction, issuer, serial, revocation.as_ref())?;
            // Revoked comes first: what was reserved may have been signed, and is revoked for that very reason.
            if let Some(revocation) = revocation {
                return Ok(Some(Standing::Revoked(revocation)));
            }
            Ok(issued_at.map(|_| Standing::Good))
        })
    }
}

/// A lineage whose newest certificate is revoked needs another at once, unless the server or its right to one is gone. A
/// responder sees to that by itself.
pub(super) fn follow_up(
    transaction: &Transaction<'_>,
    place: i64,
    reason: RevocationReason,
) -> Result<(), LedgerError> {
    transaction.execute(
        "UPDATE lineages SET due_at = $1 FROM certificates c WHERE c.id = $2 AND c.label = lineages.label \
         AND c.generation = lineages.generation AND c.label NOT LIKE $3",
        &[(!reason.ends_its_use()).then_some(AT_ONCE).into(), place.into(), format!("{RESPONDERS}%").into()],
    )?;
    Ok(())
}

/// What a revoked CA has issued is not to be trusted, nor what the CAs below it have: each server that shows it needs another at
/// once, whoever revoked the CA.
pub(super) fn follow_up_below(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    for ca in cas_revoked(transaction)? {
        transaction.execute(
            "UPDATE lineages SET due_at = $1 FROM certificates c WHERE c.issuer = $2 AND c.label = lineages.label \
             AND c.generation = lineages.generation AND lineages.due_at > $1",
            &[AT_ONCE.into(), ca.into()],
        )?;
    }
    Ok(())
}

/// The rows of the CAs that were revoked, and of those below them.
pub(super) fn cas_revoked(rows: &Transaction<'_>) -> Result<HashSet<i64>, StoreError> {
    let text = "SELECT id, signed_by, certificate FROM issuers WHERE signed_by IS NOT NULL AND certificate IS NOT NULL \
                ORDER BY id";
    let below = rows.query(text, &[], |row| Ok((row.integer(0)?, row.integer(1)?, row.blob(2)?)))?;
    let mut revoked = HashSet::new();
    // Each comes after the one above it.
    for (id, above, der) in below {
        let Ok(certificate) = Certificate::from_der(&der) else { continue };
        let text = "SELECT revoked_at FROM certificates WHERE serial = $1 AND issuer = $2";
        let values = [certificate.tbs().serial_digits().into(), above.into()];
        let is_revoked = rows.query_row(text, &values, |row| row.optional_integer(0))?.flatten().is_some();
        if is_revoked || revoked.contains(&above) {
            revoked.insert(id);
        }
    }
    Ok(revoked)
}

pub(super) fn write(transaction: &Transaction<'_>, place: i64, revoked: Revoked) -> Result<(), LedgerError> {
    let revocation = revoked.revocation();
    let at = revocation.at.unix_timestamp();
    transaction.execute(
        "UPDATE certificates SET revoked_at = $1, revocation_reason = $2, \
         listed_until = CASE WHEN not_after > $1 THEN not_after ELSE $1 END WHERE id = $3",
        &[at.into(), revocation.reason.as_str().into(), place.into()],
    )?;
    Ok(())
}

/// When another certificate is wanted that cannot wait: whatever the clock said at the revocation, and says next.
pub(super) const AT_ONCE: i64 = 0;
