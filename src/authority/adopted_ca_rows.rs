//! Adoption of a CA in the ledger: what stands in its way, the number that it gets, and its rows.

use std::collections::{HashMap, HashSet};

use time::OffsetDateTime;

use super::{
    adopted_ca::{CaAdoptee, CaAdoption, Recognition, RecognizedCa, age},
    adoption::{AdoptError, Adoptee, KeyFate, KeyFound, Recognized, RecognizedIssuer},
    adoption_rows::{Entry, reserve},
    audit::Head,
    backups::clear_of_lost,
    becoming::Becoming,
    ca::CaCertificate,
    held_row::Held,
    issuer_role::{IssuerId, IssuerRole},
    ledger::{Ledger, Place, add_issuer},
    ledger_error::LedgerError,
    reservation::{Signed, record_one, refuse_spoiled_key},
    set_aside::SetAside,
};
use crate::{store::Transaction, x509::hexadecimal};

impl Ledger {
    pub(super) fn plan_cas(
        &self,
        found: Vec<Result<Recognition<'_>, AdoptError>>,
    ) -> Result<Vec<Result<CaAdoption, AdoptError>>, LedgerError> {
        let mut plans = self.store.read(|rows| plan(rows, &found))?;
        let outcome = |(place, one): (usize, Result<Recognition<'_>, AdoptError>)| match one? {
            Recognition::Known(ca) => Ok(CaAdoption::Known(ca)),
            Recognition::New(one) => match plans.remove(&place) {
                Some(plan) => plan.map(CaAdoption::Entered),
                None => Err(one.taken()),
            },
        };
        Ok(found.into_iter().enumerate().map(outcome).collect())
    }

    /// Enters those that were planned, if they would be planned in the same way now.
    pub(super) fn enter_cas(
        &self,
        found: &[Result<Recognition<'_>, AdoptError>],
        planned: &[Result<CaAdoption, AdoptError>],
        now: OffsetDateTime,
    ) -> Result<(), LedgerError> {
        self.store.transaction(|rows| {
            let mut head = Head::read(rows)?;
            let mut plans = plan(rows, found)?;
            let mut entering = Vec::new();
            for (place, (one, planned)) in found.iter().zip(planned).enumerate() {
                if let (Ok(Recognition::New(one)), Ok(CaAdoption::Entered(planned))) = (one, planned) {
                    let ca = plans.remove(&place).and_then(Result::ok).filter(|ca| ca.ordinal() == planned.ordinal());
                    entering.push((one, ca.ok_or(CHANGED)?));
                }
            }
            entering.sort_by_key(|(_, ca)| ca.ordinal());
            entering.into_iter().try_for_each(|(one, ca)| enter(rows, &mut head, one, &ca, now))
        })
    }

    pub(super) fn note_ca_key(
        &self,
        ca: &CaCertificate,
        set_aside: Option<SetAside>,
        now: OffsetDateTime,
    ) -> Result<(), LedgerError> {
        let root = ca.signed_by().ok_or(LedgerError::Unreadable { what: "an issuer" })?;
        let serial = ca.certificate().tbs().serial_digits();
        self.store.transaction(|rows| {
            let text = "SELECT id FROM certificates WHERE serial = $1 AND issuer = $2";
            let place = rows.query_row(text, &[serial.as_str().into(), root.0.into()], |row| row.integer(0))?;
            let place = place.ok_or(LedgerError::Unreadable { what: "the certificate of an issuer" })?;
            let signed = Signed::found(place, root, ca.certificate(), serial, None);
            let signed = signed.becoming(Becoming::with_key(ca.id(), set_aside));
            record_one(rows, &mut Head::read(rows)?, &signed, now)
        })
    }
}

/// Which CA each of those becomes that are none yet, by its place; the older ones get the lower numbers.
fn plan(
    rows: &Transaction<'_>,
    found: &[Result<Recognition<'_>, AdoptError>],
) -> Result<HashMap<usize, Result<CaCertificate, AdoptError>>, LedgerError> {
    let mut in_turn = Vec::new();
    for (place, one) in found.iter().enumerate() {
        if let Ok(Recognition::New(one)) = one {
            in_turn.push((place, one));
        }
    }
    in_turn.sort_by_key(|(_, one)| age(one.adoptee.certificate));
    let text = "SELECT COALESCE(MAX(ordinal), 0) + 1 FROM issuers WHERE role = $1";
    let role = IssuerRole::Issuing.as_str();
    let mut ordinal = rows.query_row(text, &[role.into()], |row| row.integer(0))?.unwrap_or(1);
    let (mut met, mut plans) = (HashSet::new(), HashMap::new());
    for (place, one) in in_turn {
        let tbs = one.adoptee.certificate.tbs();
        let key = tbs.public_key().sha256();
        let is_alone = [tbs.serial_digits(), tbs.subject().to_string(), hexadecimal(&key)].map(|fact| met.insert(fact));
        let planned = match obstacle(rows, one)? {
            Some(obstacle) => Err(obstacle),
            None if is_alone.contains(&false) => Err(one.taken()),
            None => {
                // Rows have numbers from 1: until it is entered it has one that no row has.
                let ca = CaCertificate::entered_below(
                    &one.root,
                    IssuerId(-ordinal),
                    ordinal,
                    one.adoptee.certificate.clone(),
                    one.set_aside,
                );
                ordinal += 1;
                Ok(ca)
            }
        };
        plans.insert(place, planned);
    }
    Ok(plans)
}

/// What in the ledger stands in the way of a CA.
fn obstacle(rows: &Transaction<'_>, one: &RecognizedCa<'_>) -> Result<Option<AdoptError>, LedgerError> {
    let recognized = match one.as_certificate() {
        Ok(recognized) => recognized,
        Err(error) => return Ok(Some(error)),
    };
    let held = Held::of(rows, &recognized)?;
    Ok(match held {
        Held::Another => Some(one.taken()),
        held if held.is_issued() => {
            Some(AdoptError::NotACaHere { ca: one.root.path(), serial: recognized.serial_number.to_string() })
        }
        // It was being made when the backup was: what was reserved is this.
        Held::Unfinished { .. } => None,
        _ => {
            let key = hexadecimal(&one.adoptee.certificate.tbs().public_key().sha256());
            match refuse_spoiled_key(rows, &key, IssuerRole::Issuing.as_str()) {
                Ok(()) => None,
                Err(LedgerError::KeyRevoked { .. } | LedgerError::KeyOfCa) => Some(AdoptError::KeySpoiled),
                Err(error) => return Err(error),
            }
        }
    })
}

/// Gives it its place among the issuers, and enters its certificate as one that its root issued.
fn enter(
    rows: &Transaction<'_>,
    head: &mut Head,
    one: &RecognizedCa<'_>,
    ca: &CaCertificate,
    now: OffsetDateTime,
) -> Result<(), LedgerError> {
    let certificate = one.adoptee.certificate;
    let place = Place {
        role: ca.role(),
        signed_by: ca.signed_by(),
        subject: certificate.tbs().subject(),
        certificate: Some(certificate),
    };
    let (id, ordinal) = add_issuer(rows, head, place, now)?;
    let recognized = one.as_certificate().map_err(|_| CHANGED)?;
    if ordinal != ca.ordinal() {
        return Err(CHANGED);
    }
    let profile = ca.role().as_str().to_owned();
    let entry = Entry { label: None, profile, key: KeyFate::Absent, kept: None };
    let signed = reserve(rows, head, &recognized, entry, now)?;
    let becoming = Becoming::adopted(id, ca.set_aside(), clear_of_lost(head.date(now)));
    record_one(rows, head, &signed.becoming(becoming), now)
}

impl<'a> RecognizedCa<'a> {
    /// Its certificate, as one that its root issued.
    fn as_certificate(&self) -> Result<Recognized<'a>, AdoptError> {
        let CaAdoptee { certificate, .. } = self.adoptee;
        let serial_number = certificate.tbs().serial_number().map_err(AdoptError::Serial)?;
        let adoptee = Adoptee { certificate, names: &[], label: None, key: KeyFound::No };
        Ok(Recognized { adoptee, ca: self.root.clone(), issuer: RecognizedIssuer::Good, serial_number })
    }

    fn taken(&self) -> AdoptError {
        let serial = self.adoptee.certificate.tbs().serial_digits();
        AdoptError::SerialTaken { ca: self.root.path(), serial }
    }
}

/// Nobody else can be at it: who enters CAs holds the home.
const CHANGED: LedgerError = LedgerError::Unreadable { what: "the CAs that it had a moment ago" };
