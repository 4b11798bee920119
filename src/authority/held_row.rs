//! What the ledger has of a serial number, when a certificate is met that bears it.

use super::{adoption::Recognized, label::is_own};
use crate::store::{StoreError, Transaction};

/// What the ledger has of a serial number.
pub(super) enum Held {
    Nothing,
    /// This very certificate; of one that moved in from an index, its number.
    It,
    Another,
    /// This certificate, good and without its key; or its number is reserved for it, because a command was stopped before it was
    /// handed out, or a backup was made meanwhile.
    Unfinished {
        standing: HeldStanding,
        label: Option<String>,
        generation: Option<i64>,
    },
}

/// How a row stands to which something is added.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum HeldStanding {
    Issued,
    Reserved,
    /// What was reserved may have been signed, and was revoked for that.
    Revoked,
}

impl Held {
    /// What the ledger has of the serial number of a certificate.
    pub(super) fn of(rows: &Transaction<'_>, one: &Recognized<'_>) -> Result<Self, StoreError> {
        let row = rows.query_row(
            "SELECT certificate, tbs, issued_at, revoked_at, label, generation, EXISTS (SELECT 1 FROM lineages l \
             WHERE l.label = certificates.label AND l.generation >= certificates.generation) \
             FROM certificates WHERE serial = $1 AND issuer = $2",
            &[one.serial_number.to_string().into(), one.ca.id().0.into()],
            |row| {
                let standing = match (row.optional_integer(2)?, row.optional_integer(3)?) {
                    (_, Some(_)) => HeldStanding::Revoked,
                    (Some(_), None) => HeldStanding::Issued,
                    (None, None) => HeldStanding::Reserved,
                };
                let (label, generation, has_key) =
                    (row.optional_text(4)?, row.optional_integer(5)?, row.integer(6)? != 0);
                let kept = Self::Unfinished { standing, label, generation };
                Ok((row.optional_blob(0)?, row.optional_blob(1)?, row.optional_integer(2)?.is_some(), has_key, kept))
            },
        )?;
        let Some((certificate, tbs, is_issued, has_key, unfinished)) = row else { return Ok(Self::Nothing) };
        let is_other = |held: &Option<Vec<u8>>, found: &[u8]| held.as_ref().is_some_and(|held| held != found);
        let found = one.adoptee.certificate;
        if is_other(&certificate, found.as_der()) || is_other(&tbs, found.tbs().as_der()) {
            return Ok(Self::Another);
        }
        let is_open = match &unfinished {
            Self::Unfinished { standing: HeldStanding::Issued, label, .. } => {
                certificate.is_some() && !has_key && !label.as_deref().is_some_and(is_own)
            }
            _ => !is_issued,
        };
        Ok(if is_open { unfinished } else { Self::It })
    }

    /// Whether it is handed out and known as such, revoked or not.
    pub(super) fn is_issued(&self) -> bool {
        matches!(self, Self::It | Self::Unfinished { standing: HeldStanding::Issued, .. })
    }
}
