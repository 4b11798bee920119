//! The labels of a ledger that is not as it was written: each stands again for what its newest certificate and the log say of it.

use serde_json::{Value as Json, json};

use super::{
    ca::Authority,
    intent::KeyPolicy,
    issuer_role::IssuerId,
    label::is_own,
    ledger_error::LedgerError,
    record::names_in,
    revocation::{AT_ONCE, follow_up_below},
    soundness::Testimony,
    standing::{Revocation, read_revocation},
};
use crate::{
    store::{Row, StoreError, Transaction, Value},
    x509::{Certificate, KeyAlgorithm},
};

/// What decides how a label is renewed. Its columns are those of `lineages`.
#[derive(Clone, PartialEq, Eq)]
struct Renewal {
    names: String,
    generation: i64,
    profile: Option<String>,
    key_algorithm: Option<String>,
    key_policy: Option<String>,
    days: Option<i64>,
    due_at: Option<i64>,
}

/// The newest certificate of a label that its CA signed.
struct Newest {
    generation: i64,
    certificate: Certificate,
    revocation: Option<Revocation>,
    is_moved: bool,
}

impl Authority {
    /// Sets each label right, and tells how many were not. One that has no certificate is forgotten, so that nothing is renewed by it.
    pub(super) fn set_lineages_right(&self, rows: &Transaction<'_>, told: &Testimony) -> Result<usize, LedgerError> {
        let text = "SELECT label, names, generation, profile, key_algorithm, key_policy, days, due_at FROM lineages";
        let mut changed = 0;
        for (label, held) in rows.query(text, &[], |row| Ok((row.text(0)?, Renewal::read(row)?)))? {
            let told = told.lineages.get(&label).and_then(|told| told.row.as_ref());
            let right = self.newest_of(rows, &label)?.and_then(|newest| held.as_told(&label, &newest, told));
            match right {
                Some(right) if right == held => continue,
                Some(right) => right.write(rows, &label)?,
                None => forget(rows, &label)?,
            }
            changed += 1;
        }
        follow_up_below(rows)?;
        Ok(changed)
    }

    fn newest_of(&self, rows: &Transaction<'_>, label: &str) -> Result<Option<Newest>, LedgerError> {
        let issued = rows.query(
            "SELECT generation, certificate, issuer, revoked_at, revocation_reason, subject FROM certificates \
             WHERE label = $1 AND generation IS NOT NULL AND issued_at IS NOT NULL AND certificate IS NOT NULL \
             ORDER BY generation DESC",
            &[label.into()],
            |row| {
                let revoked = (row.optional_integer(3)?, row.optional_text(4)?);
                Ok((row.integer(0)?, row.blob(1)?, IssuerId(row.integer(2)?), revoked, row.optional_text(5)?.is_some()))
            },
        )?;
        for (generation, der, issuer, (at, reason), is_moved) in issued {
            let ca = self.cas().iter().find(|ca| ca.id() == issuer);
            let certificate = Certificate::from_der(&der).ok();
            let signed = certificate
                .zip(ca)
                .filter(|(certificate, ca)| certificate.verify_signed_by(ca.certificate().tbs().public_key()).is_ok());
            if let Some((certificate, _)) = signed {
                let revocation = read_revocation(at, reason)?;
                return Ok(Some(Newest { generation, certificate, revocation, is_moved }));
            }
        }
        Ok(None)
    }
}

impl Renewal {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            names: row.text(1)?,
            generation: row.integer(2)?,
            profile: row.optional_text(3)?,
            key_algorithm: row.optional_text(4)?,
            key_policy: row.optional_text(5)?,
            days: row.optional_integer(6)?,
            due_at: row.optional_integer(7)?,
        })
    }

    /// The same as its newest certificate and the log tell it; none where the names of that certificate cannot be a label's.
    fn as_told(&self, label: &str, newest: &Newest, told: Option<&Json>) -> Option<Self> {
        let word = |name: &str| told.and_then(|told| told.get(name)).and_then(Json::as_str);
        // What is no such word was written by nobody of ours.
        let key_algorithm = word("key_algorithm").filter(|word| word.parse::<KeyAlgorithm>().is_ok());
        let key_policy = word("key_policy").filter(|word| word.parse::<KeyPolicy>().is_ok());
        let or_held = |word: Option<&str>, held: &Option<String>| word.map(str::to_owned).or_else(|| held.clone());
        Some(Self {
            names: json!(names_in(&newest.certificate)?).to_string(),
            generation: newest.generation,
            profile: or_held(word("profile"), &self.profile),
            key_algorithm: or_held(key_algorithm, &self.key_algorithm),
            key_policy: or_held(key_policy, &self.key_policy),
            days: told.and_then(|told| told.get("days")).map_or(self.days, Json::as_i64),
            due_at: self.due_after(label, newest),
        })
    }

    /// When another is due: never later than the newest calls for.
    fn due_after(&self, label: &str, newest: &Newest) -> Option<i64> {
        if is_own(label) {
            return None;
        }
        let usual = newest.certificate.tbs().validity().wanting_from().unix_timestamp();
        match &newest.revocation {
            // One that moved in was revoked elsewhere.
            Some(_) if newest.is_moved && self.due_at == Some(usual) => self.due_at,
            Some(revocation) => (!revocation.reason.ends_its_use()).then_some(AT_ONCE),
            None => Some(self.due_at.map_or(usual, |due_at| due_at.min(usual))),
        }
    }

    fn write(&self, rows: &Transaction<'_>, label: &str) -> Result<(), StoreError> {
        let text = |value: &Option<String>| Value::from(value.as_deref());
        rows.execute(
            "UPDATE lineages SET names = $1, generation = $2, profile = $3, key_algorithm = $4, key_policy = $5, days = $6, \
             due_at = $7 WHERE label = $8",
            &[
                self.names.as_str().into(),
                self.generation.into(),
                text(&self.profile),
                text(&self.key_algorithm),
                text(&self.key_policy),
                self.days.into(),
                self.due_at.into(),
                label.into(),
            ],
        )?;
        Ok(())
    }
}

fn forget(rows: &Transaction<'_>, label: &str) -> Result<(), StoreError> {
    for table in ["deployments", "own_addresses", "lineages"] {
        rows.execute(&format!("DELETE FROM {table} WHERE label = $1"), &[label.into()])?;
    }
    Ok(())
}
