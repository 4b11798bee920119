//! The issuer that a certificate makes once it is recorded: a CA's own.

use serde_json::{Map, Value as Json, json};

use super::{issuer_role::IssuerId, set_aside::SetAside};
use crate::store::{StoreError, Transaction};

/// The issuer that a certificate makes.
#[derive(Clone, Copy)]
pub(super) struct Becoming {
    issuer: IssuerId,
    adopted: Option<Adopted>,
}

/// What else is written of an issuer that is adopted.
#[derive(Clone, Copy)]
struct Adopted {
    set_aside: Option<SetAside>,
    /// The number that its lists keep clear of; none where that is written already.
    crl_floor: Option<i64>,
}

impl Becoming {
    /// One that was made just now.
    pub(super) fn made(issuer: IssuerId) -> Self {
        Self { issuer, adopted: None }
    }

    /// One that is adopted, and whose lists may have had numbers up to this.
    pub(super) fn adopted(issuer: IssuerId, set_aside: Option<SetAside>, crl_floor: i64) -> Self {
        Self { issuer, adopted: Some(Adopted { set_aside, crl_floor: Some(crl_floor) }) }
    }

    /// One that is known, and has its key from now on.
    pub(super) fn with_key(issuer: IssuerId, set_aside: Option<SetAside>) -> Self {
        Self { issuer, adopted: Some(Adopted { set_aside, crl_floor: None }) }
    }

    /// Writes it down with its certificate. What an adopted one has revoked is not known, and so its list is due.
    pub(super) fn write(&self, rows: &Transaction<'_>, certificate: &[u8]) -> Result<(), StoreError> {
        let id = self.issuer.0;
        rows.execute("UPDATE issuers SET certificate = $1 WHERE id = $2", &[certificate.into(), id.into()])?;
        let Some(Adopted { set_aside, crl_floor }) = self.adopted else { return Ok(()) };
        let word = set_aside.map(SetAside::as_str);
        rows.execute("UPDATE issuers SET set_aside = $1 WHERE id = $2", &[word.into(), id.into()])?;
        if let Some(floor) = crl_floor {
            let text = "UPDATE issuers SET crl_floor = $1, revocations = revocations + 1 WHERE id = $2";
            rows.execute(text, &[floor.into(), id.into()])?;
        }
        Ok(())
    }

    /// Tells of it in the entry of the log about its certificate.
    pub(super) fn tell(&self, fields: &mut Map<String, Json>) {
        fields.insert("ca".to_owned(), self.issuer.0.into());
        let Some(Adopted { set_aside, crl_floor }) = self.adopted else { return };
        let adopted = json!({ "set_aside": set_aside.map(SetAside::as_str), "crl_floor": crl_floor });
        fields.insert("adopted".to_owned(), adopted);
    }
}
