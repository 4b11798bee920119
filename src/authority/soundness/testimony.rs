//! What the log of a ledger that is not as it was written tells of labels and devices, and how much of that can be believed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    account::{Account, ToldDevice},
    told_lineage::ToldLineage,
};
use crate::{
    authority::audit_chain::{AuditChain, each},
    store::{StoreError, Transaction},
};

/// It, and the entries that do not follow from those before them.
pub(crate) struct Testimony {
    pub(crate) lineages: HashMap<String, ToldLineage>,
    pub(crate) devices: BTreeMap<i64, ToldDevice>,
    broken: BTreeSet<i64>,
}

impl Testimony {
    /// Reads the whole log.
    pub(crate) fn read(rows: &Transaction<'_>) -> Result<Self, StoreError> {
        let (mut account, mut chain, mut broken) = (Account::default(), AuditChain::default(), BTreeSet::new());
        each::<StoreError>(rows, |entry| {
            if !chain.follow(&entry) {
                // Of one that is missing, the next one does not follow.
                broken.insert(entry.sequence);
                chain.go_on_from(&entry);
            }
            account.take(&entry);
            Ok(())
        })?;
        Ok(Self { lineages: account.lineages, devices: account.devices, broken })
    }

    /// Whether an entry follows from the one before it.
    pub(crate) fn is_whole(&self, entry: i64) -> bool {
        !self.broken.contains(&entry)
    }

    /// Whether all that came after it does so too: else one that is lost or changed may have told otherwise.
    pub(crate) fn is_last_word(&self, entry: i64) -> bool {
        self.broken.range(entry..).next().is_none()
    }
}
