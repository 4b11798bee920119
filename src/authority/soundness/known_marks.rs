//! What the log notes of flaws that are known, of each a hash.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::authority::{act::Act, audit_chain::AuditEntry};

/// The marks of the flaws that are known, each with the time since when, in seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KnownMarks(BTreeMap<String, i64>);

impl KnownMarks {
    /// Takes an entry that follows from the one before it. Of one that does not nothing is believed: else who edits it could excuse
    /// with it what else was changed.
    pub(super) fn take(&mut self, entry: &AuditEntry) {
        if entry.act != Act::KnowFlaws.as_str() {
            return;
        }
        let detail: Json = serde_json::from_str(&entry.detail).unwrap_or_default();
        for mark in detail.get("flaws_sha256").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
            self.0.entry(mark.to_owned()).or_insert(entry.at);
        }
    }

    pub(super) fn since(&self, mark: &str) -> Option<i64> {
        self.0.get(mark).copied()
    }
}
