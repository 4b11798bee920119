//! The places where the audit log does not follow from what was before, and goes on as it stands.

use super::flaw::{Flaw, FlawKind};
use crate::authority::audit_chain::{AuditEntry, AuditHead};

/// Them, those that lie side by side as one.
#[derive(Default)]
pub(super) struct BrokenLinks(Vec<BrokenLink>);

struct BrokenLink {
    /// The end of what is whole before it.
    before: AuditHead,
    /// The first and the last entry that do not follow.
    first: i64,
    last: i64,
    /// The entry after them.
    next: i64,
}

impl BrokenLinks {
    /// Adds an entry that does not follow from the head.
    pub(super) fn add(&mut self, before: AuditHead, entry: &AuditEntry) {
        let (place, next) = (before.entries + 1, entry.sequence + 1);
        match self.0.last_mut().filter(|last| last.next == place) {
            Some(last) => (last.last, last.next) = (place, next),
            None => self.0.push(BrokenLink { before, first: place, last: place, next }),
        }
    }

    /// What is wrong, each with the end of what is whole before it.
    pub(super) fn into_flaws(self) -> impl Iterator<Item = (AuditHead, Flaw)> {
        self.0.into_iter().map(|BrokenLink { before, first, last, .. }| {
            let message = match first == last {
                true => format!("entry {first} of the audit log does not follow from the one before it"),
                false => format!("entries {first} to {last} of the audit log do not follow from those before them"),
            };
            (before, Flaw { kind: FlawKind::AuditLog, subject: first.to_string(), message })
        })
    }
}
