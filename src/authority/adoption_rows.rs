//! Adoption in the ledger: what stands in the way of a certificate, which label it gets, and its row.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use serde_json::{Value as Json, json};
use time::OffsetDateTime;

use super::{
    act::Act,
    adoption::{
        AdoptError, Adoptee, Adoption, AdoptionUnderWay, KeyFate, KeyFound, KeyLeft, Recognized, RecognizedIssuer,
    },
    audit::Head,
    held_row::{Held, HeldStanding},
    inheritance::purpose_of,
    intent::{KeyPolicy, Whereabouts},
    intent_rows::read_intent,
    issuer_role::IssuerId,
    label::{Label, is_own},
    ledger::Ledger,
    ledger_error::LedgerError,
    lineage_rows::{KeptAs, Remembered, next_generation},
    record::{RecordedName, names_in},
    reservation::{Signed, record_one, refuse_spoiled_key},
};
use crate::{
    store::{StoreError, Transaction},
    x509::{Certificate, KeyAlgorithm, SerialNumber, certificate::sha256, hexadecimal, oid, serial_number::Epoch},
};

/// What becomes of one certificate.
enum Plan {
    Known,
    SerialTaken,
    Enter(Box<Entry>),
}

/// The row that a certificate gets.
pub(super) struct Entry {
    pub(super) label: Option<Label>,
    pub(super) profile: String,
    pub(super) key: KeyFate,
    pub(super) kept: Option<KeptAs>,
}

impl Ledger {
    pub(super) fn plan_adoption(
        &self,
        found: Vec<Result<Recognized<'_>, AdoptError>>,
        now: OffsetDateTime,
    ) -> Result<Vec<Result<Adoption, AdoptError>>, LedgerError> {
        let mut plans = self.store.read(|rows| plan(rows, &found, now))?;
        let outcome = |(place, one): (usize, Result<Recognized<'_>, AdoptError>)| {
            let one = one?;
            match plans.remove(&place) {
                Some(plan) => told(&one, &plan),
                None => Ok(Adoption::Known),
            }
        };
        Ok(found.into_iter().enumerate().map(outcome).collect())
    }

    pub(super) fn begin_adoption(
        &self,
        found: Vec<Result<Recognized<'_>, AdoptError>>,
        now: OffsetDateTime,
    ) -> Result<AdoptionUnderWay, LedgerError> {
        self.store.transaction(|rows| {
            let mut head = Head::read(rows)?;
            let mut plans = plan(rows, &found, now)?;
            let mut under_way = AdoptionUnderWay { outcomes: Vec::new(), kept: Vec::new() };
            for (place, one) in found.into_iter().enumerate() {
                let (one, plan) = match (one, plans.remove(&place)) {
                    (Ok(one), Some(plan)) => (one, plan),
                    (Ok(_), None) => {
                        under_way.outcomes.push(Ok(Adoption::Known));
                        continue;
                    }
                    (Err(error), _) => {
                        under_way.outcomes.push(Err(error));
                        continue;
                    }
                };
                under_way.outcomes.push(told(&one, &plan));
                if let Plan::Enter(entry) = plan {
                    let signed = reserve(rows, &mut head, &one, *entry, now)?;
                    if signed.kept().is_some() {
                        under_way.kept.push((place, signed));
                    } else {
                        record_one(rows, &mut head, &signed, now)?;
                    }
                }
            }
            Ok(under_way)
        })
    }
}

fn told(one: &Recognized<'_>, plan: &Plan) -> Result<Adoption, AdoptError> {
    match plan {
        Plan::Known => Ok(Adoption::Known),
        Plan::SerialTaken => Err(AdoptError::SerialTaken { ca: one.ca.path(), serial: one.serial_number.to_string() }),
        Plan::Enter(entry) => Ok(Adoption::Entered { label: entry.label.clone(), key: entry.key.clone() }),
    }
}

/// What becomes of each certificate that is one of ours, by its place. Those with keys have the first choice of a label, and of
/// them the newest.
fn plan(
    rows: &Transaction<'_>,
    found: &[Result<Recognized<'_>, AdoptError>],
    now: OffsetDateTime,
) -> Result<HashMap<usize, Plan>, LedgerError> {
    let mut in_turn: Vec<_> =
        found.iter().enumerate().filter_map(|(place, one)| Some((place, one.as_ref().ok()?))).collect();
    in_turn.sort_by_key(|(_, one)| (one.adoptee.key == KeyFound::No, Reverse(one.begins())));
    let mut met: HashMap<(IssuerId, SerialNumber), &Certificate> = HashMap::new();
    let mut taken = HashSet::new();
    let mut plans = HashMap::new();
    for (place, one) in in_turn {
        let planned = match met.insert((one.ca.id(), one.serial_number), one.adoptee.certificate) {
            Some(other) if other == one.adoptee.certificate => Plan::Known,
            Some(_) => Plan::SerialTaken,
            None => match Held::of(rows, one)? {
                Held::It => Plan::Known,
                Held::Another => Plan::SerialTaken,
                held => {
                    let entry = entry(rows, one, &held, &taken, now)?;
                    // To what is issued already there is nothing to add but its key.
                    if held.is_issued() && entry.kept.is_none() { Plan::Known } else { Plan::Enter(Box::new(entry)) }
                }
            },
        };
        if let Plan::Enter(entry) = &planned {
            taken.extend(entry.label.clone());
        }
        plans.insert(place, planned);
    }
    Ok(plans)
}

/// The row that a certificate gets; `taken` are the labels that others get.
fn entry(
    rows: &Transaction<'_>,
    one: &Recognized<'_>,
    held: &Held,
    taken: &HashSet<Label>,
    now: OffsetDateTime,
) -> Result<Entry, LedgerError> {
    let names = sorted_names(&one.adoptee);
    let label = label_for(rows, &one.adoptee, held, &names)?;
    let place = label.as_ref().map(|label| Place::of(rows, label)).transpose()?;
    let is_newest = |label: &Label, place: &Place| {
        !taken.contains(label) && place.newest.is_none_or(|newest| newest <= one.begins().unix_timestamp())
    };
    let (label, key, kept) = match (one.adoptee.key, label.zip(place)) {
        (KeyFound::No, place) => {
            // A label whose key is kept here is one of what is kept here.
            let is_free = |(label, place): &(Label, Place)| place.names.is_none() && is_newest(label, place);
            (place.filter(is_free).map(|(label, _)| label), KeyFate::Absent, None)
        }
        (KeyFound::Yes, _) if !one.is_good(held, now) => (None, KeyFate::Left(KeyLeft::NotGood), None),
        (KeyFound::Yes, None) => (None, KeyFate::Left(KeyLeft::NoLabel), None),
        (KeyFound::Yes, Some((label, place))) if place.names.as_ref().is_some_and(|known| *known != names) => {
            (None, KeyFate::Left(KeyLeft::OtherNames(label)), None)
        }
        (KeyFound::Yes, Some((label, place))) if !is_newest(&label, &place) => {
            (None, KeyFate::Left(KeyLeft::Older(label)), None)
        }
        (KeyFound::Yes, _) if is_spoiled(rows, one)? => (None, KeyFate::Left(KeyLeft::Spoiled), None),
        (KeyFound::Yes, Some((label, _))) => {
            let kept = kept_as(rows, one, held, &label, names)?;
            (Some(label), KeyFate::Kept, Some(kept))
        }
    };
    let profile = kept.as_ref().map(|kept| kept.remembered.profile.clone());
    Ok(Entry { label, profile: profile.unwrap_or_else(|| profile_of(one).to_owned()), key, kept })
}

/// What has a label already.
struct Place {
    /// The names that it stands for, where its key is kept.
    names: Option<String>,
    /// The beginning of its newest certificate.
    newest: Option<i64>,
}

impl Place {
    fn of(rows: &Transaction<'_>, label: &Label) -> Result<Self, StoreError> {
        let names =
            rows.query_row("SELECT names FROM lineages WHERE label = $1", &[label.as_str().into()], |row| row.text(0))?;
        let newest = rows.query_row(
            "SELECT MAX(not_before) FROM certificates WHERE label = $1 AND issued_at IS NOT NULL",
            &[label.as_str().into()],
            |row| row.optional_integer(0),
        )?;
        Ok(Self { names, newest: newest.flatten() })
    }
}

/// The label of the one lineage that stands for just these names, else the one that it has, or that after the first of them.
fn label_for(
    rows: &Transaction<'_>,
    adoptee: &Adoptee<'_>,
    held: &Held,
    names: &str,
) -> Result<Option<Label>, StoreError> {
    if adoptee.names.is_empty() {
        return Ok(None);
    }
    let text = "SELECT label FROM lineages WHERE names = $1 ORDER BY label LIMIT 2";
    let mut same = rows.query(text, &[names.into()], |row| row.text(0))?;
    same.retain(|label| !is_own(label));
    let only = if same.len() == 1 { same.pop() } else { None };
    let has = if let Held::Unfinished { label, .. } = held { label.as_ref() } else { None };
    let parse = |label: &String| Label::parse(label).ok();
    Ok(only.as_ref().and_then(parse).or_else(|| has.and_then(parse)).or_else(|| adoptee.label.cloned()))
}

fn kept_as(
    rows: &Transaction<'_>,
    one: &Recognized<'_>,
    held: &Held,
    label: &Label,
    names: String,
) -> Result<KeptAs, LedgerError> {
    let generation = match held {
        // Some of its files may be there already.
        Held::Unfinished { label: Some(kept), generation: Some(generation), .. } if kept == label.as_str() => {
            *generation
        }
        _ => next_generation(rows, label)?,
    };
    let certificate = one.adoptee.certificate;
    let strength = certificate.tbs().public_key().check_strength().ok();
    let algorithm = strength.and_then(|sound| sound.to_string().parse().ok()).unwrap_or(KeyAlgorithm::P256);
    let known = read_intent(rows, label.as_str())?;
    let remembered = Remembered {
        profile: known.as_ref().map_or_else(|| purpose_of(certificate).to_owned(), |known| known.profile.clone()),
        key: known.as_ref().and_then(|known| known.key).unwrap_or(algorithm),
        key_policy: known.as_ref().map_or(KeyPolicy::New, |known| known.key_policy),
        days: known.and_then(|known| known.days),
        whereabouts: Whereabouts::default(),
        destination: None,
    };
    Ok(KeptAs { label: label.clone(), generation, names, replaced: None, remembered })
}

/// Writes down what is entered, with the octets that were signed, as before a signature is made.
pub(super) fn reserve(
    rows: &Transaction<'_>,
    head: &mut Head,
    one: &Recognized<'_>,
    entry: Entry,
    now: OffsetDateTime,
) -> Result<Signed, LedgerError> {
    let Adoptee { certificate, names, .. } = one.adoptee;
    let tbs = certificate.tbs();
    let serial = one.serial_number.to_string();
    let key_sha256 = hexadecimal(&tbs.public_key().sha256());
    let label = entry.label.as_ref().map(Label::as_str);
    // What the names do not tell of it, its subject does.
    let is_told = names_in(certificate) == Some(sorted(names));
    let subject = (!is_told).then(|| tbs.subject().to_string());
    let before = row_before(rows, one)?;
    let place = rows.query_row(
        "INSERT INTO certificates (issuer, serial, profile, label, generation, names, subject, not_before, not_after, \
         key_sha256, tbs, reserved_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (serial, issuer) DO UPDATE SET profile = excluded.profile, label = excluded.label, \
         generation = excluded.generation, names = excluded.names, subject = excluded.subject, \
         tbs = CASE WHEN certificates.issued_at IS NULL THEN excluded.tbs END RETURNING id",
        &[
            one.ca.id().0.into(),
            serial.as_str().into(),
            entry.profile.as_str().into(),
            label.into(),
            entry.kept.as_ref().map(|kept| kept.generation).into(),
            json!(names).to_string().into(),
            subject.clone().into(),
            tbs.validity().not_before().unix_timestamp().into(),
            tbs.validity().not_after().unix_timestamp().into(),
            key_sha256.as_str().into(),
            tbs.as_der().into(),
            now.unix_timestamp().into(),
        ],
        |row| row.integer(0),
    )?;
    let place = place.ok_or(LedgerError::Unreadable { what: "a reserved row" })?;
    let mut detail = json!({
        "serial": serial,
        "issuer": one.ca.id().0,
        "profile": entry.profile,
        "label": label,
        "names": names,
        "key_sha256": key_sha256,
        "tbs_sha256": hexadecimal(&sha256(tbs.as_der())),
        "row": { "generation": entry.kept.as_ref().map(|kept| kept.generation), "subject": subject },
    });
    if let (Some(before), Some(fields)) = (before, detail.as_object_mut()) {
        fields.insert("before".to_owned(), before);
    }
    if let (Some(epoch), Some(fields)) = (raise_epoch(rows, &one.serial_number)?, detail.as_object_mut()) {
        fields.insert("serial_epoch".to_owned(), epoch.octet().into());
    }
    head.append(rows, now, Act::Reserve, &detail)?;
    Ok(Signed::found(place, one.ca.id(), certificate, serial, entry.kept))
}

/// What the ledger says of it until now, if anything, of all that changes: by the names of the columns.
fn row_before(rows: &Transaction<'_>, one: &Recognized<'_>) -> Result<Option<Json>, StoreError> {
    rows.query_row(
        "SELECT profile, label, generation, names, subject FROM certificates WHERE serial = $1 AND issuer = $2",
        &[one.serial_number.to_string().into(), one.ca.id().0.into()],
        |row| {
            Ok(json!({
                "profile": row.text(0)?,
                "label": row.optional_text(1)?,
                "generation": row.optional_integer(2)?,
                "names": row.text(3)?,
                "subject": row.optional_text(4)?,
            }))
        },
    )
}

/// Numbers go on above those that were met, as after a restore: a ledger that was put back by hand may have given them already.
fn raise_epoch(rows: &Transaction<'_>, met: &SerialNumber) -> Result<Option<Epoch>, StoreError> {
    let Some(met) = met.epoch() else { return Ok(None) };
    let next = met.next();
    let raised = rows.execute(
        "UPDATE authority SET serial_epoch = $1 WHERE serial_epoch <= $2 AND serial_epoch < $1",
        &[i64::from(next.octet()).into(), i64::from(met.octet()).into()],
    )?;
    Ok((raised > 0).then_some(next))
}

fn is_spoiled(rows: &Transaction<'_>, one: &Recognized<'_>) -> Result<bool, LedgerError> {
    let key = hexadecimal(&one.adoptee.certificate.tbs().public_key().sha256());
    match refuse_spoiled_key(rows, &key, profile_of(one)) {
        Ok(()) => Ok(false),
        Err(LedgerError::KeyRevoked { .. } | LedgerError::KeyOfCa) => Ok(true),
        Err(error) => Err(error),
    }
}

/// The profile that made a certificate, as far as that can be seen of it.
fn profile_of(one: &Recognized<'_>) -> &'static str {
    let certificate = one.adoptee.certificate;
    match certificate.tbs().extended_key_usage().ok().flatten() {
        Some(usage) if usage.purposes() == [oid::OCSP_SIGNING] => "ocsp-responder",
        _ => purpose_of(certificate),
    }
}

/// Names as a lineage has them.
fn sorted_names(adoptee: &Adoptee<'_>) -> String {
    json!(sorted(adoptee.names)).to_string()
}

fn sorted(names: &[RecordedName]) -> Vec<RecordedName> {
    let mut names = names.to_vec();
    names.sort();
    names
}

impl Recognized<'_> {
    fn begins(&self) -> OffsetDateTime {
        self.adoptee.certificate.tbs().validity().not_before()
    }

    fn is_good(&self, held: &Held, now: OffsetDateTime) -> bool {
        self.issuer == RecognizedIssuer::Good
            && !matches!(held, Held::Unfinished { standing: HeldStanding::Revoked, .. })
            && self.adoptee.certificate.tbs().validity().contains(now)
    }
}
