//! An examination under way: the log first, and then each table against it.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use super::{
    account::Account,
    flaw::{Examined, FlawKind},
    log_walk::{LogWalk, WalkedLog},
};
use crate::{
    authority::{audit_chain::each, ca::Authority, ledger_error::LedgerError},
    store::{StoreError, Transaction},
    x509::{SignatureError, SubjectPublicKeyInfo},
};

impl Authority {
    /// How many steps an examination takes: one for each entry and each certificate.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn examination_length(&self) -> Result<u64, LedgerError> {
        let count = "SELECT (SELECT COUNT(*) FROM audit) + (SELECT COUNT(*) FROM certificates)";
        let steps = self.ledger.store.read::<_, StoreError>(|rows| rows.query_row(count, &[], |row| row.integer(0)))?;
        Ok(steps.and_then(|steps| u64::try_from(steps).ok()).unwrap_or_default())
    }

    /// Looks at everything in the ledger, as it is at one moment. `noted` is the hash of an entry that was written down
    /// elsewhere, which has to be in the log; `watch` is told of the steps that were taken.
    ///
    /// # Errors
    /// A ledger that cannot be read at all.
    pub fn examine(&self, noted: Option<&str>, watch: &mut dyn FnMut(u64)) -> Result<Examined, LedgerError> {
        let mut examined = Examined::default();
        if let Err(StoreError::Corrupt { reason, .. }) = self.ledger.store.verify() {
            examined.add(FlawKind::Database, "ledger.db", format!("the database is damaged: {reason}"));
        }
        self.ledger.store.read::<_, LedgerError>(|rows| {
            let mut looking = Looking::of(rows, &mut examined);
            looking.at_log(noted, watch)?;
            looking.at_authority()?;
            looking.at_issuers()?;
            looking.at_rotations()?;
            looking.at_certificates(watch)?;
            looking.at_crls()?;
            looking.at_lineages()?;
            looking.at_devices()
        })?;
        Ok(examined)
    }
}

/// An examination under way.
pub(super) struct Looking<'a> {
    pub(super) rows: &'a Transaction<'a>,
    /// What the log tells.
    pub(super) account: Account,
    /// The key of each CA that has a certificate.
    pub(super) keys: HashMap<i64, SubjectPublicKeyInfo>,
    /// The CAs that are revoked, and those below them.
    pub(super) revoked: HashSet<i64>,
    /// The newest generation of each label.
    pub(super) newest: HashMap<String, i64>,
    pub(super) examined: &'a mut Examined,
}

impl<'a> Looking<'a> {
    pub(super) fn of(rows: &'a Transaction<'a>, examined: &'a mut Examined) -> Self {
        let account = Account::default();
        Self { rows, account, keys: HashMap::new(), revoked: HashSet::new(), newest: HashMap::new(), examined }
    }

    fn at_log(&mut self, noted: Option<&str>, watch: &mut dyn FnMut(u64)) -> Result<(), LedgerError> {
        let mut walk = LogWalk::new(noted);
        each::<LedgerError>(self.rows, |entry| {
            walk.take(&entry);
            self.account.take(&entry);
            watch(1);
            Ok(())
        })?;
        let WalkedLog { head, flaws, known_marks, .. } = walk.end();
        flaws.into_iter().for_each(|flaw| self.examined.add(flaw.kind, flaw.subject, flaw.message));
        (self.examined.head, self.examined.known_marks) = (head, known_marks);
        Ok(())
    }

    /// What an entry tells; of none, nothing.
    pub(super) fn told_by(&self, sequence: i64) -> Result<Json, StoreError> {
        if sequence == 0 {
            return Ok(Json::Null);
        }
        let text = "SELECT detail FROM audit WHERE sequence = $1";
        let detail = self.rows.query_row(text, &[sequence.into()], |row| row.text(0))?;
        Ok(detail.and_then(|detail| serde_json::from_str(&detail).ok()).unwrap_or_default())
    }
}

/// The first column that is another than was told, among those of which it is told.
pub(super) fn other_than(told: &Json, held: &[(&'static str, Json)]) -> Option<&'static str> {
    let is_other = |(name, held): &&(&str, Json)| told.get(*name).is_some_and(|told| told != held);
    held.iter().find(is_other).map(|(name, _)| *name)
}

/// Whether a signature is none. An algorithm that is not known here is another matter: old CAs that were imported have such.
pub(super) fn is_forged(verified: Result<(), SignatureError>) -> bool {
    matches!(verified, Err(SignatureError::Signature(_)))
}
