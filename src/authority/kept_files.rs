//! Which files the ledger says a lineage has: a generation in `archive/`, the link under `live/`, the copies.

use super::{ca::Authority, issuer_role::IssuerId, label::is_own, ledger_error::LedgerError};
use crate::store::{Row, StoreError, Value};

/// The files of a lineage that another certificate shall follow, as the ledger knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFiles {
    /// The lineage.
    pub label: String,
    /// The newest generation.
    pub newest: i64,
    /// Its certificate, in DER.
    pub certificate: Vec<u8>,
    /// Which CA issued it.
    pub issuer: IssuerId,
    /// The generation under `live/`.
    pub published: i64,
    /// The directory that holds the four copies of that one, if they arrived.
    pub out: Option<String>,
    /// The copy of it in one file, if it arrived.
    pub combined: Option<String>,
}

impl Authority {
    /// The files of one lineage; none where no other certificate shall follow.
    ///
    /// # Errors
    /// A ledger that fails; so for those below.
    pub fn kept_files(&self, label: &str) -> Result<Option<KeptFiles>, LedgerError> {
        Ok(self.files_where("l.label = $1", &[label.into()])?.pop())
    }

    /// The files of all lineages where they are no more than so many, else of as many, others each day.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn kept_files_in_turn(&self, most: u32) -> Result<Vec<KeptFiles>, LedgerError> {
        let number = self.kept_lineages()?;
        let (most, day) = (u64::from(most), self.doors.clock.now().unix_timestamp() / DAY);
        let turns = number.div_ceil(most).max(1);
        let first = u64::try_from(day).unwrap_or_default() % turns * most;
        let in_turn =
            "l.label IN (SELECT label FROM lineages WHERE due_at IS NOT NULL ORDER BY label LIMIT $1 OFFSET $2)";
        let whole = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        self.files_where(in_turn, &[whole(most), whole(first)])
    }

    /// How many lineages there are that another certificate shall follow.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn kept_lineages(&self) -> Result<u64, LedgerError> {
        let number = self.ledger.store.read::<_, StoreError>(|transaction| {
            transaction.query_row("SELECT COUNT(*) FROM lineages WHERE due_at IS NOT NULL", &[], |row| row.integer(0))
        })?;
        Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default())
    }

    /// The labels of those that have links under `live/` and are not among them: no other certificate shall follow, or it is a
    /// responder of ours.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn other_lineages(&self) -> Result<Vec<String>, LedgerError> {
        Ok(self.ledger.store.read::<_, StoreError>(|transaction| {
            transaction.query("SELECT label FROM lineages WHERE due_at IS NULL", &[], |row| row.text(0))
        })?)
    }

    fn files_where(&self, condition: &str, values: &[Value]) -> Result<Vec<KeptFiles>, LedgerError> {
        let text = format!(
            "SELECT l.label, l.generation, c.certificate, l.published, a.out, a.combined, c.issuer FROM lineages l \
             JOIN certificates c ON c.label = l.label AND c.generation = l.generation \
             LEFT JOIN deployments a ON a.label = l.label AND a.generation = l.published \
             AND a.outcome IN ('deployed', 'verified') \
             WHERE l.due_at IS NOT NULL AND {condition} ORDER BY l.label"
        );
        let rows = self.ledger.store.read::<_, StoreError>(|transaction| transaction.query(&text, values, read_row))?;
        Ok(rows.into_iter().filter(|files| !is_own(&files.label)).collect())
    }
}

fn read_row(row: &Row<'_>) -> Result<KeptFiles, StoreError> {
    Ok(KeptFiles {
        label: row.text(0)?,
        newest: row.integer(1)?,
        certificate: row.optional_blob(2)?.unwrap_or_default(),
        published: row.integer(3)?,
        out: row.optional_text(4)?,
        combined: row.optional_text(5)?,
        issuer: IssuerId(row.integer(6)?),
    })
}

/// The seconds of a day.
const DAY: i64 = 86_400;
