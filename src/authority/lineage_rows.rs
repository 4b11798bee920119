//! Lineages in the ledger: where the next certificate of one will lie, and what it brings to it.

use serde_json::json;
use time::OffsetDateTime;

use super::{
    intent::{Destination, KeyPolicy, OwnAddresses, Whereabouts},
    intent_rows::await_deployment,
    label::{Label, is_own},
    ledger::Ledger,
    ledger_error::LedgerError,
    own_address_rows::remember,
    record::RecordedName,
    request::{IssuanceRequest, Lineage, OnOtherNames},
};
use crate::{
    store::{StoreError, Transaction},
    x509::{KeyAlgorithm, SubjectAltNames, Validity},
};

/// Where the key and certificate of a reserved row will lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAs {
    /// The lineage.
    pub label: Label,
    /// Which certificate of the lineage.
    pub generation: i64,
    pub(super) names: String,
    /// The names that the label stood for before, where those were others.
    pub(super) replaced: Option<String>,
    pub(super) remembered: Remembered,
}

/// What a certificate's row brings to its lineage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remembered {
    pub(super) profile: String,
    pub(super) key: KeyAlgorithm,
    pub(super) key_policy: KeyPolicy,
    pub(super) days: Option<u32>,
    pub(super) whereabouts: Whereabouts,
    pub(super) destination: Option<Destination>,
}

impl Ledger {
    /// Whether every label may be taken by these names, before anything is made for them.
    pub(super) fn consider(&self, lineages: &[(&Lineage, &SubjectAltNames)]) -> Result<(), LedgerError> {
        self.store.read(|transaction| {
            lineages.iter().try_for_each(|(lineage, names)| {
                let names: Vec<_> = names.iter().map(RecordedName::from).collect();
                generation(transaction, lineage, &names).map(|_| ())
            })
        })
    }
}

/// The next generation of a lineage whose newest certificate this becomes; a slower process may come after the one
/// that followed, and the newest stays the newest. Gives what is remembered of its addresses.
pub(super) fn follow(
    transaction: &Transaction<'_>,
    kept: &KeptAs,
    validity: Validity,
    now: OffsetDateTime,
) -> Result<OwnAddresses, LedgerError> {
    let KeptAs { label, generation, names, remembered, .. } = kept;
    let newest = transaction.execute(
        "INSERT INTO lineages (label, names, generation, published, profile, key_algorithm, key_policy, days, due_at) \
         VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8) ON CONFLICT (label) DO UPDATE SET names = excluded.names, \
         generation = excluded.generation, profile = excluded.profile, key_algorithm = excluded.key_algorithm, \
         key_policy = excluded.key_policy, days = excluded.days, due_at = excluded.due_at \
         WHERE excluded.generation > lineages.generation",
        &[
            label.as_str().into(),
            names.as_str().into(),
            (*generation).into(),
            remembered.profile.as_str().into(),
            remembered.key.as_str().into(),
            remembered.key_policy.as_str().into(),
            remembered.days.map(i64::from).into(),
            // Whoever has one of the CA's own labels replaces it without being asked.
            (!is_own(label.as_str())).then(|| validity.wanting_from().unix_timestamp()).into(),
        ],
    )?;
    if newest != 1 {
        return Ok(OwnAddresses::default());
    }
    await_deployment(transaction, label.as_str(), remembered.destination.as_ref(), now)?;
    Ok(remember(transaction, label.as_str(), *generation, names, &remembered.whereabouts)?)
}

/// Where a certificate will lie, if its key is kept, and what its lineage remembers of it.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    request: &IssuanceRequest<'_>,
    names: &[RecordedName],
) -> Result<Option<KeptAs>, LedgerError> {
    let next = generation(transaction, &request.lineage, names)?;
    let (Lineage::Kept { label, key, key_policy, whereabouts, destination, .. }, Some((generation, names, replaced))) =
        (&request.lineage, next)
    else {
        return Ok(None);
    };
    let remembered = Remembered {
        profile: request.profile.name().to_owned(),
        key: *key,
        key_policy: *key_policy,
        days: request.lifetime.days(),
        whereabouts: whereabouts.clone(),
        destination: destination.as_deref().cloned(),
    };
    Ok(Some(KeptAs { label: label.clone(), generation, names, replaced, remembered }))
}

/// What a certificate brings to its lineage, as the audit log tells it: by the names of the columns.
pub(super) fn remembered(kept: &KeptAs) -> serde_json::Value {
    let KeptAs { generation, remembered, .. } = kept;
    json!({
        "generation": generation,
        "profile": remembered.profile,
        "key_algorithm": remembered.key.as_str(),
        "key_policy": remembered.key_policy.as_str(),
        "days": remembered.days,
    })
}

/// The generation that a certificate will be, if its key is kept, its names as a lineage has them, and those that they
/// replace; refuses a label that means something else.
fn generation(
    transaction: &Transaction<'_>,
    lineage: &Lineage,
    names: &[RecordedName],
) -> Result<Option<(i64, String, Option<String>)>, LedgerError> {
    let known = |label: &Label| {
        transaction
            .query_row("SELECT names FROM lineages WHERE label = $1", &[label.as_str().into()], |row| row.text(0))
    };
    match lineage {
        Lineage::Elsewhere { label: None } | Lineage::InMemory => Ok(None),
        Lineage::Elsewhere { label: Some(label) } => match known(label)? {
            Some(_) => Err(LedgerError::LabelTaken(label.clone())),
            None => Ok(None),
        },
        Lineage::Kept { label, on_other_names, .. } => {
            let mut sorted = names.to_vec();
            sorted.sort();
            let names = json!(sorted).to_string();
            let replaced = known(label)?.filter(|known| *known != names);
            if let (OnOtherNames::Refuse, Some(known)) = (on_other_names, &replaced) {
                return Err(LedgerError::OtherNames { label: label.clone(), names: readable(known) });
            }
            Ok(Some((next_generation(transaction, label)?, names, replaced)))
        }
    }
}

/// The number of the next certificate of a lineage; one that was given and never recorded is given to no other.
pub(super) fn next_generation(transaction: &Transaction<'_>, label: &Label) -> Result<i64, StoreError> {
    let next = transaction.query_row(
        "SELECT COALESCE(MAX(generation), 0) + 1 FROM certificates WHERE label = $1",
        &[label.as_str().into()],
        |row| row.integer(0),
    )?;
    Ok(next.unwrap_or(1))
}

fn readable(names: &str) -> String {
    let names: Vec<RecordedName> = serde_json::from_str(names).unwrap_or_default();
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
