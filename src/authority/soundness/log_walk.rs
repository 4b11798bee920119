//! The audit log, read entry by entry: where it does not follow from what was before, and which of its flaws it knows itself.

use super::{
    broken_links::BrokenLinks,
    flaw::{Flaw, FlawKind},
    known::ToldApart,
    known_marks::KnownMarks,
};
use crate::{
    authority::{
        audit_chain::{AuditChain, AuditEntry, AuditHead},
        ledger_error::LedgerError,
    },
    x509::hexadecimal,
};

/// A log that is read from its beginning. `noted` is the hash of an entry that was written down elsewhere.
pub(crate) struct LogWalk<'a> {
    chain: AuditChain,
    broken: BrokenLinks,
    known_marks: KnownMarks,
    noted: Option<&'a str>,
    is_met: bool,
}

/// A log that was read to its end.
pub(crate) struct WalkedLog {
    /// Its end, as far as it is whole but for what is known.
    pub(crate) head: AuditHead,
    /// Its end, as it stands.
    pub(crate) end: AuditHead,
    /// What is wrong, known or not.
    pub(crate) flaws: Vec<Flaw>,
    pub(super) known_marks: KnownMarks,
}

impl<'a> LogWalk<'a> {
    pub(crate) fn new(noted: Option<&'a str>) -> Self {
        let (chain, broken, known_marks) = (AuditChain::default(), BrokenLinks::default(), KnownMarks::default());
        Self { chain, broken, known_marks, noted, is_met: false }
    }

    /// Takes the next entry.
    pub(crate) fn take(&mut self, entry: &AuditEntry) {
        if self.chain.follow(entry) {
            self.known_marks.take(entry);
        } else {
            self.broken.add(self.chain.head(), entry);
            self.chain.go_on_from(entry);
        }
        self.is_met |= self.noted.is_some_and(|noted| noted == hexadecimal(&entry.hash));
    }

    /// Ends it.
    pub(crate) fn end(self) -> WalkedLog {
        let Self { chain, broken, known_marks, noted, is_met } = self;
        let (mut whole, mut flaws) = (None, Vec::new());
        for (before, flaw) in broken.into_flaws() {
            if known_marks.since(&flaw.mark("")).is_none() {
                whole.get_or_insert(before);
            }
            flaws.push(flaw);
        }
        if let (Some(noted), false) = (noted, is_met) {
            let message = "the audit log has no entry with the hash that was written down: its end was cut off, or it is another log";
            flaws.push(Flaw { kind: FlawKind::AuditLog, subject: noted.to_owned(), message: message.to_owned() });
        }
        WalkedLog { head: whole.unwrap_or_else(|| chain.head()), end: chain.head(), flaws, known_marks }
    }
}

impl WalkedLog {
    /// What is wrong: what is known, and what is not.
    ///
    /// # Errors
    /// A time that is none.
    pub(crate) fn told_apart(self) -> Result<ToldApart, LedgerError> {
        ToldApart::by(&self.known_marks, self.flaws, "")
    }
}
