//! Flaws that are known: what was not as it was written when the home was restored, and stays so, is noted in the log, and told apart
//! from what was changed since.

use serde_json::json;
use time::OffsetDateTime;

use super::{
    flaw::{Examined, Flaw, MOST_FLAWS},
    known_marks::KnownMarks,
};
use crate::{
    authority::{act::Act, audit::Head, ca::Authority, ledger_error::LedgerError, standing::instant},
    x509::{certificate::sha256, hexadecimal},
};

/// Flaws, those that are known apart from those that are not.
pub(crate) struct ToldApart {
    pub(crate) unknown: Vec<Flaw>,
    /// With the time since when.
    pub(crate) known: Vec<(Flaw, OffsetDateTime)>,
}

impl ToldApart {
    pub(super) fn by(marks: &KnownMarks, flaws: Vec<Flaw>, home: &str) -> Result<Self, LedgerError> {
        let mut told = Self { unknown: Vec::new(), known: Vec::new() };
        for flaw in flaws {
            match marks.since(&flaw.mark(home)) {
                Some(since) => told.known.push((flaw, instant(since)?)),
                None => told.unknown.push(flaw),
            }
        }
        Ok(told)
    }
}

impl Flaw {
    /// What it is known by: a hash of what is told of it. A file is told by its name in the home, wherever that lies.
    pub(crate) fn mark(&self, home: &str) -> String {
        let message = if home.is_empty() { self.message.clone() } else { self.message.replace(home, "") };
        hexadecimal(&sha256(json!([self.kind.as_str(), self.subject, message]).to_string().as_bytes()))
    }
}

impl Examined {
    /// Tells what is known apart from what is not. `home` is how the path of a file in the home begins, which is no part of a flaw.
    ///
    /// # Errors
    /// A time that is none.
    pub fn tell_known_apart(&mut self, home: &str) -> Result<(), LedgerError> {
        let told = ToldApart::by(&self.known_marks, std::mem::take(&mut self.flaws), home)?;
        self.flaws = told.unknown;
        self.known.extend(told.known);
        Ok(())
    }

    fn marks(&self, home: &str) -> Vec<String> {
        self.flaws.iter().chain(self.known.iter().map(|(flaw, _)| flaw)).map(|flaw| flaw.mark(home)).collect()
    }
}

impl Authority {
    /// Notes in the log what is still not as it was written after a restore, so that what is changed later is told apart from it.
    /// Where so much is wrong that not all of it was told, nothing is.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn note_known_flaws(&self, examined: &Examined, home: &str) -> Result<(), LedgerError> {
        let marks = examined.marks(home);
        if marks.is_empty() || marks.len() >= MOST_FLAWS {
            return Ok(());
        }
        let (now, detail) = (self.doors.clock.now(), json!({ "flaws": marks.len(), "flaws_sha256": marks }));
        self.ledger.store.transaction(|rows| Ok(Head::read(rows)?.append(rows, now, Act::KnowFlaws, &detail)?))
    }
}
