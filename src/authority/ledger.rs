//! The ledger: every serial number, what was signed under it, and who did what, in one database.
//!
//! A serial is reserved, with the very bytes that will be signed, before any key signs: whatever happens next, there
//! is a record of what may exist. Each change and its audit entry are one transaction.

use std::path::Path;

use serde_json::json;
use time::OffsetDateTime;

use super::{
    act::Act,
    audit::Head,
    audit_chain::{Verdict, verify},
    issuer_role::{IssuerId, IssuerRole},
    ledger_error::LedgerError,
    set_aside::SetAside,
};
use crate::{
    store::{Migration, Store, StoreError, Transaction},
    x509::{Certificate, DistinguishedName, serial_number::Epoch},
};

/// The open ledger.
#[derive(Debug)]
pub struct Ledger {
    pub(super) store: Store,
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
    pub(super) set_aside: Option<SetAside>,
}

/// The place of a CA among the issuers.
pub(super) struct Place<'a> {
    pub(super) role: IssuerRole,
    pub(super) signed_by: Option<IssuerId>,
    pub(super) subject: &'a DistinguishedName,
    /// Its certificate, where it was made elsewhere.
    pub(super) certificate: Option<&'a Certificate>,
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
    /// None there, a damaged one, one of a newer program or whose schema was changed by hand, or a store that fails.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let store = Store::open(path)?;
        store.migrate(MIGRATIONS)?;
        store.compare_schema(MIGRATIONS)?;
        Ok(Self { store })
    }

    /// Opens a ledger to look at it, and tells what is another than this program made, if the schema is.
    ///
    /// # Errors
    /// As [`Ledger::open`], but for a schema that was changed by hand.
    pub fn open_suspect(path: &Path) -> Result<(Self, Option<StoreError>), LedgerError> {
        let store = Store::open(path)?;
        store.migrate(MIGRATIONS)?;
        match store.compare_schema(MIGRATIONS) {
            Err(altered @ StoreError::Altered { .. }) => Ok((Self { store }, Some(altered))),
            compared => compared.map(|()| (Self { store }, None)).map_err(LedgerError::from),
        }
    }

    /// Opens the ledger of a backup, to look at it: nothing is written, and nothing lies beside it afterwards.
    ///
    /// # Errors
    /// None there, a damaged one, or a store that fails.
    pub fn look_at(path: &Path) -> Result<Self, LedgerError> {
        Ok(Self { store: Store::look_at(path)? })
    }

    pub(super) fn establish(&self, identity: &Identity, now: OffsetDateTime) -> Result<(), LedgerError> {
        self.store
            .transaction(|transaction| Ok(write_identity(transaction, &mut Head::read(transaction)?, identity, now)?))
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

    pub(super) fn add_issuer(&self, place: Place<'_>, now: OffsetDateTime) -> Result<(IssuerId, i64), LedgerError> {
        self.store.transaction(|transaction| add_issuer(transaction, &mut Head::read(transaction)?, place, now))
    }

    pub(super) fn issuers(&self) -> Result<Vec<IssuerRow>, LedgerError> {
        let text = "SELECT id, role, ordinal, signed_by, certificate, set_aside FROM issuers ORDER BY id";
        let rows = self.store.read(|transaction| {
            transaction.query(text, &[], |row| {
                let place = (row.integer(0)?, row.text(1)?, row.integer(2)?, row.optional_integer(3)?);
                Ok((place, row.optional_blob(4)?, row.optional_text(5)?))
            })
        })?;
        rows.into_iter()
            .map(|((id, role, ordinal, signed_by), certificate, set_aside)| {
                let role = IssuerRole::from_str(&role).ok_or(LedgerError::Unreadable { what: "an issuer's role" })?;
                let unreadable = LedgerError::Unreadable { what: "why an issuer is set aside" };
                let parse = |word: String| SetAside::from_str(&word).ok_or(unreadable);
                let (id, signed_by) = (IssuerId(id), signed_by.map(IssuerId));
                Ok(IssuerRow {
                    id,
                    role,
                    ordinal,
                    signed_by,
                    certificate,
                    set_aside: set_aside.map(parse).transpose()?,
                })
            })
            .collect::<Result<Vec<_>, LedgerError>>()
    }

    pub(super) fn verify_audit(&self) -> Result<Verdict, LedgerError> {
        Ok(self.store.read(verify)?)
    }

    /// Writes an entry about a change outside of the ledger, and makes that change before the entry is final.
    pub(super) fn note<E: From<LedgerError> + From<StoreError>>(
        &self,
        act: Act,
        detail: &serde_json::Value,
        now: OffsetDateTime,
        change: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        self.store.transaction(|transaction| {
            Head::read(transaction)?.append(transaction, now, act, detail)?;
            change()
        })
    }

    /// Lineages whose newest certificate is not the one that `live` points at: a command was stopped in between.
    pub(super) fn unpublished(&self) -> Result<Vec<String>, LedgerError> {
        self.store.read(|transaction| {
            // What failed at its server was taken back on purpose.
            Ok(transaction.query(
                "SELECT label FROM lineages WHERE generation <> published AND NOT EXISTS (SELECT 1 FROM deployments d \
                 WHERE d.label = lineages.label AND d.generation = lineages.generation \
                 AND d.outcome IN ('withdrawn', 'rolled_back'))",
                &[],
                |row| row.text(0),
            )?)
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

/// Writes what the CA is called.
pub(super) fn write_identity(
    transaction: &Transaction<'_>,
    head: &mut Head,
    identity: &Identity,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    transaction.execute(
        "INSERT INTO authority (name, serial_epoch, established) VALUES ($1, $2, $3)",
        &[identity.name.as_str().into(), i64::from(identity.epoch.octet()).into(), now.unix_timestamp().into()],
    )?;
    head.append(transaction, now, Act::Establish, &json!({ "name": identity.name }))
}

/// Gives a CA its place among the issuers; tells which row it is, and which one of its role.
pub(super) fn add_issuer(
    transaction: &Transaction<'_>,
    head: &mut Head,
    place: Place<'_>,
    now: OffsetDateTime,
) -> Result<(IssuerId, i64), LedgerError> {
    let Place { role, signed_by, subject, certificate } = place;
    let ordinal = transaction
        .query_row(
            "SELECT COALESCE(MAX(ordinal), 0) + 1 FROM issuers WHERE role = $1",
            &[role.as_str().into()],
            |row| row.integer(0),
        )?
        .unwrap_or(1);
    let id = transaction.query_row(
        "INSERT INTO issuers (role, ordinal, signed_by, subject) VALUES ($1, $2, $3, $4) RETURNING id",
        &[role.as_str().into(), ordinal.into(), signed_by.map(|issuer| issuer.0).into(), subject.as_der().into()],
        |row| row.integer(0),
    )?;
    let id = id.ok_or(LedgerError::Unreadable { what: "an issuer" })?;
    let detail = json!({
        "issuer": id,
        "role": role.as_str(),
        "subject": subject.to_string(),
        "sha256": certificate.map(Certificate::fingerprint),
        "row": { "ordinal": ordinal, "signed_by": signed_by.map(|issuer| issuer.0) },
    });
    head.append(transaction, now, Act::AddIssuer, &detail)?;
    Ok((IssuerId(id), ordinal))
}

/// The steps from an empty database to today's schema.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration(include_str!("schema.sql")),
    Migration(include_str!("devices.sql")),
    Migration(include_str!("revocation.sql")),
    Migration(include_str!("rotation.sql")),
    Migration(include_str!("intents.sql")),
    Migration(include_str!("begins.sql")),
    Migration(include_str!("servers.sql")),
    Migration(include_str!("due_at_once.sql")),
    Migration(include_str!("own_addresses.sql")),
    Migration(include_str!("accepted_clocks.sql")),
    Migration(include_str!("inheritance.sql")),
    Migration(include_str!("backups.sql")),
    Migration(include_str!("told_of.sql")),
    Migration(include_str!("set_aside.sql")),
];
