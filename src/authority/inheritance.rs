//! A CA that was made elsewhere moves in: its own certificates, byte for byte, and a row for all that they ever signed, revoked or
//! not. It is one transaction of an empty ledger, with one entry in the audit log.

use serde_json::{Value as Json, json};
use time::OffsetDateTime;

use super::{
    act::Act,
    audit::Head,
    ca::{Authority, Doors},
    hierarchy::{EstablishError, check_name},
    issue_error::IssueError,
    issuer_role::{IssuerId, IssuerRole},
    label::Label,
    ledger::{Identity, Ledger, Place, add_issuer, write_identity},
    ledger_error::LedgerError,
    record::RecordedName,
    revocation::follow_up_below,
    soundness::MovedIn,
    standing::Revocation,
};
use crate::{
    store::{StoreError, Transaction, Value},
    x509::{Certificate, CrlNumber, KeyAlgorithm, SerialNumber, hexadecimal, oid, serial_number::Epoch},
};

/// A CA that moves in.
pub struct Inheritance<'a> {
    /// What it is called from now on.
    pub name: &'a str,
    /// Its root, and each CA after the one that issued it.
    pub cas: &'a [InheritedCa],
    /// Where it came from and what was read, for the audit log.
    pub account: &'a Json,
}

/// One of its own certificates.
#[derive(Clone, Debug)]
pub struct InheritedCa {
    /// The certificate.
    pub certificate: Certificate,
    /// The highest CRL number that it may have given.
    pub crl_number: Option<CrlNumber>,
}

/// A certificate that one of them issued.
#[derive(Clone, Debug)]
pub struct InheritedCertificate {
    /// Which of the CAs issued it, by its place among them.
    pub issuer: usize,
    /// Its serial number.
    pub serial_number: SerialNumber,
    /// Its subject, as text.
    pub subject: String,
    /// The names it vouches for, as far as they are known.
    pub names: Vec<RecordedName>,
    /// The last second of its life.
    pub not_after: OffsetDateTime,
    /// Its bytes, where they are at hand.
    pub certificate: Option<Certificate>,
    /// Since when it is revoked, and why.
    pub revocation: Option<Revocation>,
    /// The label of its lineage, where its key moves in as well.
    pub label: Option<Label>,
}

impl Authority {
    /// Takes a CA and all that it issued into an empty ledger. A serial number that comes twice is one row, and revoked if either is.
    ///
    /// # Errors
    /// A name that no certificate can hold, CAs that are none or that nobody among them issued, a ledger that fails, or what
    /// `issued` gives instead of a certificate.
    pub fn inherit<E>(
        ledger: Ledger,
        doors: Doors,
        inheritance: &Inheritance<'_>,
        issued: &mut dyn Iterator<Item = Result<InheritedCertificate, E>>,
    ) -> Result<Self, E>
    where
        E: From<EstablishError> + From<LedgerError> + From<StoreError>,
    {
        check_name(inheritance.name)?;
        let identity = Identity { name: inheritance.name.to_owned(), epoch: Epoch::FIRST };
        ledger.inherit(&identity, inheritance, issued, doors.clock.now())?;
        let mut authority = Self::with_identity(ledger, doors, identity);
        authority.refresh().map_err(EstablishError::from)?;
        Ok(authority)
    }
}

impl Ledger {
    fn inherit<E: From<EstablishError> + From<LedgerError> + From<StoreError>>(
        &self,
        identity: &Identity,
        inheritance: &Inheritance<'_>,
        issued: &mut dyn Iterator<Item = Result<InheritedCertificate, E>>,
        now: OffsetDateTime,
    ) -> Result<(), E> {
        self.store.transaction(|transaction| {
            let mut head = Head::read(transaction)?;
            write_identity(transaction, &mut head, identity, now)?;
            let issuers = take_cas(transaction, &mut head, inheritance.cas, now)?;
            transaction.in_bulk("certificates", || {
                for certificate in &mut *issued {
                    take(transaction, &issuers, &certificate?, now)?;
                }
                Ok::<_, E>(())
            })?;
            follow_up_below(transaction)?;
            transaction.execute(
                "UPDATE issuers SET revocations = (SELECT COUNT(*) FROM certificates c \
                 WHERE c.issuer = issuers.id AND c.listed_until IS NOT NULL)",
                &[],
            )?;
            let mut account = inheritance.account.clone();
            if let Some(fields) = account.as_object_mut() {
                fields.insert("moved_in".to_owned(), json!(MovedIn::read(transaction)?));
            }
            head.append(transaction, now, Act::Import, &account)?;
            Ok(())
        })
    }
}

/// Writes the CAs and their own certificates.
fn take_cas(
    transaction: &Transaction<'_>,
    head: &mut Head,
    cas: &[InheritedCa],
    now: OffsetDateTime,
) -> Result<Vec<IssuerId>, EstablishError> {
    let mut taken: Vec<(&Certificate, IssuerId)> = Vec::new();
    for InheritedCa { certificate, crl_number } in cas {
        let tbs = certificate.tbs();
        let no_ca = || EstablishError::NotACa { subject: tbs.subject().to_string() };
        if !tbs.is_ca() {
            return Err(no_ca());
        }
        let above = taken.iter().find(|(above, _)| certificate.is_issued_by(above)).map(|(_, id)| *id);
        let role = if taken.is_empty() { IssuerRole::Root } else { IssuerRole::Issuing };
        if (role == IssuerRole::Root) != above.is_none() {
            return Err(no_ca());
        }
        let place = Place { role, signed_by: above, subject: tbs.subject(), certificate: Some(certificate) };
        let (id, _) = add_issuer(transaction, head, place, now).map_err(IssueError::from)?;
        write_ca(transaction, id, above.unwrap_or(id), role, certificate, now).map_err(IssueError::from)?;
        if let Some(number) = crl_number {
            hold_crl_number(transaction, id, *number, now).map_err(LedgerError::from).map_err(IssueError::from)?;
        }
        taken.push((certificate, id));
    }
    Ok(taken.into_iter().map(|(_, id)| id).collect())
}

fn write_ca(
    transaction: &Transaction<'_>,
    id: IssuerId,
    issuer: IssuerId,
    role: IssuerRole,
    certificate: &Certificate,
    now: OffsetDateTime,
) -> Result<(), LedgerError> {
    transaction
        .execute("UPDATE issuers SET certificate = $1 WHERE id = $2", &[certificate.as_der().into(), id.0.into()])?;
    let tbs = certificate.tbs();
    let row = Row {
        issuer,
        // A root may have the number 0, which no certificate that it issues can have.
        serial: tbs.serial_digits(),
        profile: role.as_str(),
        label: None,
        names: "[]".to_owned(),
        subject: tbs.subject().to_string(),
        not_after: tbs.validity().not_after(),
        certificate: Some(certificate),
        revocation: None,
    };
    Ok(write(transaction, row, now)?)
}

/// The next CRL gets a higher number than this one.
fn hold_crl_number(
    transaction: &Transaction<'_>,
    issuer: IssuerId,
    number: CrlNumber,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let now = Value::from(now.unix_timestamp());
    transaction.execute(
        "INSERT INTO crls (issuer, number, this_update, next_update, revocations, tbs_sha256) \
         VALUES ($1, $2, $3, $4, 0, '')",
        &[issuer.0.into(), number.get().into(), now.clone(), now],
    )?;
    Ok(())
}

fn take(
    transaction: &Transaction<'_>,
    issuers: &[IssuerId],
    issued: &InheritedCertificate,
    now: OffsetDateTime,
) -> Result<(), LedgerError> {
    let issuer = issuers.get(issued.issuer).ok_or(LedgerError::Unreadable { what: "an issuer" })?;
    let names =
        serde_json::to_string(&issued.names).map_err(|_| LedgerError::Unreadable { what: "a list of names" })?;
    let row = Row {
        issuer: *issuer,
        serial: issued.serial_number.to_string(),
        profile: profile_of(issued),
        label: issued.label.as_ref(),
        names,
        subject: issued.subject.clone(),
        not_after: issued.not_after,
        certificate: issued.certificate.as_ref(),
        revocation: issued.revocation,
    };
    write(transaction, row, now)?;
    if let (Some(label), Some(certificate)) = (&issued.label, &issued.certificate) {
        follow(transaction, label, issued, certificate)?;
    }
    Ok(())
}

/// What a row of the ledger says of a certificate that was issued elsewhere.
struct Row<'a> {
    issuer: IssuerId,
    serial: String,
    profile: &'a str,
    label: Option<&'a Label>,
    names: String,
    subject: String,
    not_after: OffsetDateTime,
    certificate: Option<&'a Certificate>,
    revocation: Option<Revocation>,
}

fn write(transaction: &Transaction<'_>, row: Row<'_>, now: OffsetDateTime) -> Result<(), StoreError> {
    let begun = row.certificate.map_or(0, |known| known.tbs().validity().not_before().unix_timestamp());
    let not_after = row.not_after.unix_timestamp();
    let revoked_at = row.revocation.map(|revocation| revocation.at.unix_timestamp());
    transaction.execute(
        "INSERT INTO certificates (issuer, serial, profile, label, generation, names, subject, not_before, not_after, \
         key_sha256, sha256, certificate, reserved_at, issued_at, revoked_at, revocation_reason, listed_until) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $8, $14, $15, $16) \
         ON CONFLICT (serial, issuer) DO UPDATE SET revoked_at = excluded.revoked_at, \
         revocation_reason = excluded.revocation_reason, listed_until = excluded.listed_until \
         WHERE certificates.revoked_at IS NULL AND excluded.revoked_at IS NOT NULL",
        &[
            row.issuer.0.into(),
            row.serial.into(),
            row.profile.into(),
            row.label.map(Label::as_str).into(),
            row.label.map(|_| FIRST).into(),
            row.names.into(),
            row.subject.into(),
            begun.into(),
            not_after.into(),
            row.certificate.map(|known| hexadecimal(&known.tbs().public_key().sha256())).into(),
            row.certificate.map(Certificate::fingerprint).into(),
            row.certificate.map(Certificate::as_der).into(),
            now.unix_timestamp().into(),
            revoked_at.into(),
            row.revocation.map(|revocation| revocation.reason.as_str()).into(),
            revoked_at.map(|at| at.max(not_after)).into(),
        ],
    )?;
    Ok(())
}

/// A lineage whose files lie in the home already.
fn follow(
    transaction: &Transaction<'_>,
    label: &Label,
    issued: &InheritedCertificate,
    certificate: &Certificate,
) -> Result<(), StoreError> {
    let mut names = issued.names.clone();
    names.sort();
    let tbs = certificate.tbs();
    let algorithm = tbs.public_key().check_strength().ok().map(|sound| sound.to_string());
    transaction.execute(
        "INSERT INTO lineages (label, names, generation, published, profile, key_algorithm, due_at) \
         VALUES ($1, $2, $3, $3, $4, $5, $6)",
        &[
            label.as_str().into(),
            json!(names).to_string().into(),
            FIRST.into(),
            profile_of(issued).into(),
            algorithm.filter(|known| known.parse::<KeyAlgorithm>().is_ok()).into(),
            tbs.validity().wanting_from().unix_timestamp().into(),
        ],
    )?;
    Ok(())
}

/// By which profile the next certificate of a lineage is made; the others were made by none of ours.
fn profile_of(issued: &InheritedCertificate) -> &'static str {
    match (&issued.label, &issued.certificate) {
        (Some(_), Some(certificate)) => purpose_of(certificate),
        _ => IMPORTED,
    }
}

/// The profile by which the one after a certificate is made.
pub(super) fn purpose_of(certificate: &Certificate) -> &'static str {
    let usage = certificate.tbs().extended_key_usage().ok().flatten();
    if usage.is_none_or(|usage| usage.allows(oid::SERVER_AUTH)) { "server" } else { "client" }
}

/// The profile of what was issued by no profile of ours.
const IMPORTED: &str = "imported";
/// The generation of what moved in.
const FIRST: i64 = 1;
