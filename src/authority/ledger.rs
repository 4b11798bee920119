//! The ledger: every serial number, what was signed under it, and who did what, in one database.
//!
//! A serial is reserved, with the very bytes that will be signed, before any key signs: whatever happens next, there
//! is a record of what may exist. Each change and its audit entry are one transaction.

use std::path::Path;

use serde_json::json;
use thiserror::Error;
use time::{Duration, OffsetDateTime};

use super::{
    audit::{self, Act, Head, Verdict},
    issuer_role::{IssuerId, IssuerRole},
    label::Label,
    record::RecordedName,
    request::{Holder, IssuanceRequest, Lineage, OnOtherNames},
};
use crate::{
    lint::Cleared,
    store::{Migration, Store, StoreError, Transaction},
    x509::{Certificate, DistinguishedName, SerialNumber, TbsCertificate, certificate::sha256, serial_number::Epoch},
};

/// The open ledger.
#[derive(Debug)]
pub struct Ledger {
    pub(super) store: Store,
}

/// Why the ledger did not take something down.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A label stands for other names.
    #[error("the label `{label}` stands for {names}")]
    OtherNames {
        /// The label.
        label: Label,
        /// The names it stands for.
        names: String,
    },
    /// A label belongs to a key that is kept in the home.
    #[error("the label `{0}` belongs to a certificate whose key is kept here")]
    LabelTaken(Label),
    /// The key is that of a CA.
    #[error("the key is that of a CA")]
    KeyOfCa,
    /// The key was in a certificate that was revoked.
    #[error("the key was in the revoked certificate {serial}")]
    KeyRevoked {
        /// The serial of that certificate.
        serial: String,
    },
    /// The clock shows an earlier time than the newest audit entry.
    #[error("the clock says {now}, and the newest entry in the audit log is of {newest}")]
    ClockWentBack {
        /// The clock's time.
        now: OffsetDateTime,
        /// The newest entry's.
        newest: OffsetDateTime,
    },
    /// Content that this program did not write.
    #[error("the ledger holds {what} that cannot be read")]
    Unreadable {
        /// What it is.
        what: &'static str,
    },
}

/// What is in the ledger and may now be signed; only the ledger makes one.
pub struct Reserved {
    place: i64,
    issuer: IssuerId,
    tbs: TbsCertificate,
    serial_number: SerialNumber,
    kept: Option<KeptAs>,
}

/// Where the key and certificate of a reserved row will lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAs {
    /// The lineage.
    pub label: Label,
    /// Which certificate of the lineage.
    pub generation: i64,
    names: String,
}

/// What was signed and is not yet recorded as issued.
#[must_use = "what is signed and never recorded stays reserved for ever"]
pub struct Signed {
    place: i64,
    issuer: IssuerId,
    serial: String,
    der: Vec<u8>,
    kept: Option<KeptAs>,
}

impl Reserved {
    pub(super) fn tbs(&self) -> &TbsCertificate {
        &self.tbs
    }

    pub(super) fn serial_number(&self) -> &SerialNumber {
        &self.serial_number
    }

    pub(super) fn signed(self, certificate: &Certificate) -> Signed {
        Signed {
            place: self.place,
            issuer: self.issuer,
            serial: self.serial_number.to_string(),
            der: certificate.as_der().to_vec(),
            kept: self.kept,
        }
    }
}

impl Signed {
    /// The certificate.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Its serial number in hexadecimal digits.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Where it will lie, if its key is kept in the home.
    pub fn kept(&self) -> Option<&KeptAs> {
        self.kept.as_ref()
    }
}

/// What the CA is called, and the octet its serials begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) epoch: Epoch,
}

/// An issuer as the ledger has it.
#[derive(Clone, Debug)]
pub(super) struct IssuerRow {
    pub(super) id: IssuerId,
    pub(super) role: IssuerRole,
    pub(super) ordinal: i64,
    pub(super) signed_by: Option<IssuerId>,
    pub(super) certificate: Option<Vec<u8>>,
}

impl Ledger {
    /// Makes an empty ledger.
    ///
    /// # Errors
    /// Something lies there already, or the store fails.
    pub fn create(path: &Path) -> Result<Self, LedgerError> {
        let store = Store::create(path)?;
        store.migrate(MIGRATIONS)?;
        Ok(Self { store })
    }

    /// Opens a ledger and brings its schema up to date.
    ///
    /// # Errors
    /// None there, a damaged one, one of a newer program, or a store that fails.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let store = Store::open(path)?;
        store.migrate(MIGRATIONS)?;
        Ok(Self { store })
    }

    pub(super) fn establish(&self, identity: &Identity, now: OffsetDateTime) -> Result<(), LedgerError> {
        self.store.transaction(|transaction| {
            transaction.execute(
                "INSERT INTO authority (name, serial_epoch, established) VALUES ($1, $2, $3)",
                &[identity.name.as_str().into(), i64::from(identity.epoch.octet()).into(), now.unix_timestamp().into()],
            )?;
            Head::read(transaction)?.append(transaction, now, Act::Establish, &json!({ "name": identity.name }))?;
            Ok(())
        })
    }

    pub(super) fn identity(&self) -> Result<Identity, LedgerError> {
        let row: Option<(String, i64)> = self.store.read(|transaction| {
            transaction
                .query_row("SELECT name, serial_epoch FROM authority", &[], |row| Ok((row.text(0)?, row.integer(1)?)))
        })?;
        let unreadable = LedgerError::Unreadable { what: "no name of its CA, or one" };
        let Some((name, epoch)) = row else { return Err(unreadable) };
        let epoch = u8::try_from(epoch).ok().and_then(Epoch::new).ok_or(unreadable)?;
        Ok(Identity { name, epoch })
    }

    pub(super) fn add_issuer(
        &self,
        role: IssuerRole,
        signed_by: Option<IssuerId>,
        subject: &DistinguishedName,
    ) -> Result<IssuerId, LedgerError> {
        self.store.transaction(|transaction| {
            let ordinal = transaction
                .query_row(
                    "SELECT COALESCE(MAX(ordinal), 0) + 1 FROM issuers WHERE role = $1",
                    &[role.as_str().into()],
                    |row| row.integer(0),
                )?
                .unwrap_or(1);
            let id = transaction.query_row(
                "INSERT INTO issuers (role, ordinal, signed_by, subject) VALUES ($1, $2, $3, $4) RETURNING id",
                &[
                    role.as_str().into(),
                    ordinal.into(),
                    signed_by.map(|issuer| issuer.0).into(),
                    subject.as_der().into(),
                ],
                |row| row.integer(0),
            )?;
            id.map(IssuerId).ok_or(LedgerError::Unreadable { what: "an issuer" })
        })
    }

    pub(super) fn set_issuer_certificate(&self, issuer: IssuerId, certificate: &[u8]) -> Result<(), LedgerError> {
        self.store.transaction(|transaction| {
            transaction
                .execute("UPDATE issuers SET certificate = $1 WHERE id = $2", &[certificate.into(), issuer.0.into()])?;
            Ok(())
        })
    }

    pub(super) fn issuers(&self) -> Result<Vec<IssuerRow>, LedgerError> {
        let rows = self.store.read(|transaction| {
            transaction.query("SELECT id, role, ordinal, signed_by, certificate FROM issuers ORDER BY id", &[], |row| {
                Ok((row.integer(0)?, row.text(1)?, row.integer(2)?, row.optional_integer(3)?, row.optional_blob(4)?))
            })
        })?;
        rows.into_iter()
            .map(|(id, role, ordinal, signed_by, certificate)| {
                let role = IssuerRole::from_str(&role).ok_or(LedgerError::Unreadable { what: "an issuer's role" })?;
                Ok(IssuerRow { id: IssuerId(id), role, ordinal, signed_by: signed_by.map(IssuerId), certificate })
            })
            .collect::<Result<Vec<_>, LedgerError>>()
    }

    /// Takes the serials and writes down what will be signed under them, many in one transaction: all or none.
    pub(super) fn reserve(
        &self,
        issuer: IssuerId,
        cleared: Vec<(Cleared, &IssuanceRequest<'_>)>,
        now: OffsetDateTime,
    ) -> Result<Vec<Reserved>, LedgerError> {
        self.store.transaction(|transaction| {
            let mut head = Head::read(transaction)?;
            refuse_earlier_clock(head.at, now)?;
            cleared
                .into_iter()
                .map(|(cleared, request)| reserve_one(transaction, &mut head, issuer, cleared, request, now))
                .collect()
        })
    }

    /// Turns what was reserved into what was issued, many in one transaction: all or none.
    pub(super) fn record(&self, signed: &[Signed], now: OffsetDateTime) -> Result<(), LedgerError> {
        self.store.transaction(|transaction| {
            let mut head = Head::read(transaction)?;
            signed.iter().try_for_each(|signed| record_one(transaction, &mut head, signed, now))
        })
    }

    pub(super) fn verify_audit(&self) -> Result<Verdict, LedgerError> {
        Ok(self.store.read(audit::verify)?)
    }

    pub(super) fn note(&self, act: Act, detail: &serde_json::Value, now: OffsetDateTime) -> Result<(), LedgerError> {
        self.store.transaction(|transaction| Ok(Head::read(transaction)?.append(transaction, now, act, detail)?))
    }

    /// Lineages whose newest certificate is not the one that `live` points at: a command was stopped in between.
    pub(super) fn unpublished(&self) -> Result<Vec<String>, LedgerError> {
        self.store.read(|transaction| {
            Ok(transaction.query("SELECT label FROM lineages WHERE generation <> published", &[], |row| row.text(0))?)
        })
    }

    /// Calls `swap` with the newest issued generation of each label while no other process can publish, then notes
    /// that it was done.
    pub(super) fn publish<E: From<LedgerError> + From<StoreError>>(
        &self,
        labels: &[&str],
        mut swap: impl FnMut(&str, i64) -> Result<(), E>,
    ) -> Result<(), E> {
        self.store.transaction(|transaction| {
            for label in labels {
                let newest = transaction.query_row(
                    "SELECT generation FROM lineages WHERE label = $1",
                    &[(*label).into()],
                    |row| row.integer(0),
                )?;
                let Some(generation) = newest else { continue };
                swap(label, generation)?;
                transaction.execute(
                    "UPDATE lineages SET published = $1 WHERE label = $2",
                    &[generation.into(), (*label).into()],
                )?;
            }
            Ok(())
        })
    }
}

fn reserve_one(
    transaction: &Transaction<'_>,
    head: &mut Head,
    issuer: IssuerId,
    cleared: Cleared,
    request: &IssuanceRequest<'_>,
    now: OffsetDateTime,
) -> Result<Reserved, LedgerError> {
    let names = names_of(&request.holder);
    let names_text = json!(names).to_string();
    let key_sha256 = hexadecimal(&request.public_key.sha256());
    refuse_spoiled_key(transaction, &key_sha256)?;
    let kept = keep(transaction, &request.lineage, &names)?;
    let waived: Vec<_> = cleared.waived().iter().map(|finding| json!(finding)).collect();
    let tbs = cleared.into_tbs();
    let serial_number =
        tbs.serial_number().map_err(|_| LedgerError::Unreadable { what: "a draft without a serial number" })?;
    let validity = tbs.validity();
    let label = request.lineage.label().map(Label::as_str);
    let place = transaction.query_row(
        "INSERT INTO certificates \
         (issuer, serial, profile, label, generation, names, not_before, not_after, key_sha256, tbs, reserved_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
        &[
            issuer.0.into(),
            serial_number.to_string().into(),
            request.profile.name().into(),
            label.into(),
            kept.as_ref().map(|kept| kept.generation).into(),
            names_text.into(),
            validity.not_before().unix_timestamp().into(),
            validity.not_after().unix_timestamp().into(),
            key_sha256.as_str().into(),
            tbs.as_der().into(),
            now.unix_timestamp().into(),
        ],
        |row| row.integer(0),
    )?;
    let place = place.ok_or(LedgerError::Unreadable { what: "a reserved row" })?;
    let mut detail = json!({
        "serial": serial_number.to_string(),
        "issuer": issuer.0,
        "profile": request.profile.name(),
        "profile_sha256": hexadecimal(&request.profile.sha256()),
        "label": label,
        "names": names,
        "key_sha256": key_sha256,
        "tbs_sha256": hexadecimal(&sha256(tbs.as_der())),
    });
    if let (false, Some(fields)) = (waived.is_empty(), detail.as_object_mut()) {
        fields.insert("waived".to_owned(), waived.into());
    }
    head.append(transaction, now, Act::Reserve, &detail)?;
    Ok(Reserved { place, issuer, tbs, serial_number, kept })
}

fn record_one(
    transaction: &Transaction<'_>,
    head: &mut Head,
    signed: &Signed,
    now: OffsetDateTime,
) -> Result<(), LedgerError> {
    let fingerprint = hexadecimal(&sha256(&signed.der));
    let changed = transaction.execute(
        "UPDATE certificates SET certificate = $1, sha256 = $2, issued_at = $3, tbs = NULL \
         WHERE id = $4 AND issued_at IS NULL",
        &[signed.der.as_slice().into(), fingerprint.as_str().into(), now.unix_timestamp().into(), signed.place.into()],
    )?;
    if changed != 1 {
        return Err(LedgerError::Unreadable { what: "a reserved row" });
    }
    if let Some(kept) = &signed.kept {
        // A slower process may come after the next generation: the newest stays the newest.
        transaction.execute(
            "INSERT INTO lineages (label, names, generation, published) VALUES ($1, $2, $3, 0) \
             ON CONFLICT (label) DO UPDATE SET names = excluded.names, generation = excluded.generation \
             WHERE excluded.generation > lineages.generation",
            &[kept.label.as_str().into(), kept.names.as_str().into(), kept.generation.into()],
        )?;
    }
    let label = signed.kept.as_ref().map(|kept| kept.label.as_str());
    let detail = json!({
        "serial": signed.serial,
        "issuer": signed.issuer.0,
        "label": label,
        "sha256": fingerprint,
    });
    Ok(head.append(transaction, now, Act::Issue, &detail)?)
}

/// The generation that a certificate will be, if its key is kept; refuses a label that means something else.
fn keep(
    transaction: &Transaction<'_>,
    lineage: &Lineage,
    names: &[RecordedName],
) -> Result<Option<KeptAs>, LedgerError> {
    let known = |label: &Label| {
        transaction
            .query_row("SELECT names FROM lineages WHERE label = $1", &[label.as_str().into()], |row| row.text(0))
    };
    match lineage {
        Lineage::Elsewhere { label: None } => Ok(None),
        Lineage::Elsewhere { label: Some(label) } => match known(label)? {
            Some(_) => Err(LedgerError::LabelTaken(label.clone())),
            None => Ok(None),
        },
        Lineage::Kept { label, on_other_names } => {
            let mut sorted = names.to_vec();
            sorted.sort();
            let names = json!(sorted).to_string();
            if let (OnOtherNames::Refuse, Some(known)) = (on_other_names, known(label)?)
                && known != names
            {
                return Err(LedgerError::OtherNames { label: label.clone(), names: readable(&known) });
            }
            let generation = transaction
                .query_row(
                    "SELECT COALESCE(MAX(generation), 0) + 1 FROM certificates WHERE label = $1",
                    &[label.as_str().into()],
                    |row| row.integer(0),
                )?
                .unwrap_or(1);
            Ok(Some(KeptAs { label: label.clone(), generation, names }))
        }
    }
}

/// A CA's key must not serve, and a key that leaked once must not come back.
fn refuse_spoiled_key(transaction: &Transaction<'_>, key_sha256: &str) -> Result<(), LedgerError> {
    let spoiled = transaction.query_row(
        "SELECT serial, revoked_at FROM certificates WHERE key_sha256 = $1 \
         AND (revoked_at IS NOT NULL OR profile IN ('root', 'issuing')) LIMIT 1",
        &[key_sha256.into()],
        |row| Ok((row.text(0)?, row.optional_integer(1)?)),
    )?;
    match spoiled {
        None => Ok(()),
        Some((serial, Some(_))) => Err(LedgerError::KeyRevoked { serial }),
        Some((_, None)) => Err(LedgerError::KeyOfCa),
    }
}

/// A clock that was set back would make certificates that begin before what the log says of them.
fn refuse_earlier_clock(newest: Option<i64>, now: OffsetDateTime) -> Result<(), LedgerError> {
    let Some(newest) = newest.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()) else { return Ok(()) };
    if now < newest - CLOCK_TOLERANCE {
        return Err(LedgerError::ClockWentBack { now, newest });
    }
    Ok(())
}

fn names_of(holder: &Holder<'_>) -> Vec<RecordedName> {
    match holder {
        Holder::EndEntity(names) => names.iter().map(RecordedName::from).collect(),
        Holder::Ca { .. } => Vec::new(),
    }
}

fn readable(names: &str) -> String {
    let names: Vec<RecordedName> = serde_json::from_str(names).unwrap_or_default();
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

pub(super) fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// How far the clock may go back between two signatures: time services move it a little.
const CLOCK_TOLERANCE: Duration = Duration::minutes(5);

/// The steps from an empty database to today's schema.
const MIGRATIONS: &[Migration] = &[Migration(include_str!("schema.sql"))];
