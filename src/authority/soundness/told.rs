//! An entry of the audit log, read for what it tells.

use serde_json::Value as Json;

use crate::authority::audit_chain::AuditEntry;

/// An entry and what it tells.
pub(super) struct Told<'a> {
    pub(super) entry: &'a AuditEntry,
    pub(super) detail: &'a Json,
}

impl<'a> Told<'a> {
    pub(super) fn of(entry: &'a AuditEntry, detail: &'a Json) -> Self {
        Self { entry, detail }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        Some(self.detail.get(name)?.as_str()?.to_owned())
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.detail.get(name)?.as_i64()
    }

    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.detail.get(name).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
    }
}
