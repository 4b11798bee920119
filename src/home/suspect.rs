//! A home that is opened to be looked at, and for nothing else: with what is wrong with it no other command works.

use super::{
    error::HomeError, examination::Examination, layout::Layout, noted_head, opened::reach_ledger, settings::Settings,
};
use crate::authority::{Authority, Doors, Examined, Flaw, FlawKind, Ledger};

/// A home of which nothing is believed. Nothing is signed with it, and nothing written to it.
pub struct Suspect {
    layout: Layout,
    authority: Authority,
    /// For which a home is not opened.
    flaws: Vec<Flaw>,
}

impl Suspect {
    /// Opens what can be opened.
    ///
    /// # Errors
    /// No CA in it, a home that others can use, a ledger that cannot be read at all or is of a newer program.
    pub fn open(layout: Layout, doors: Doors) -> Result<Self, HomeError> {
        let (ledger, altered) = reach_ledger(&layout, Ledger::open_suspect)?;
        let authority = Authority::open(ledger, doors)?;
        let mut suspect = Self { layout, authority, flaws: Vec::new() };
        if let Some(altered) = altered {
            suspect.add(FlawKind::Database, "ledger.db", altered.to_string());
        }
        match noted_head::compare(&suspect.layout, &suspect.authority) {
            Err(lost @ HomeError::EntriesLost { entry, .. }) => {
                suspect.add(FlawKind::AuditLog, entry.to_string(), lost.to_string());
            }
            compared => compared?,
        }
        if let Err(error) = Settings::read(&suspect.layout) {
            suspect.add(FlawKind::Settings, "hubca.toml", error.to_string());
        }
        Ok(suspect)
    }

    fn add(&mut self, kind: FlawKind, subject: impl Into<String>, message: String) {
        self.flaws.push(Flaw { kind, subject: subject.into(), message });
    }

    /// How many steps a look at all of it takes.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn examination_length(&self) -> Result<u64, HomeError> {
        Ok(self.authority.examination_length()?)
    }

    /// Looks at everything, as [`Home::examine`](super::Home::examine) does, and tells for what else the home is not opened.
    ///
    /// # Errors
    /// A ledger that cannot be read at all.
    pub fn examine(&self, noted: Option<&str>, watch: &mut dyn FnMut(u64)) -> Result<Examined, HomeError> {
        let mut examined = Examination::of_files(&self.layout, &self.authority).run(noted, watch)?;
        examined.flaws.splice(0..0, self.flaws.iter().cloned());
        Ok(examined)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests {
    use super::super::{opened::Home, test_ca::TestCa};
    use super::*;
    use crate::{
        store::StoreError,
        system::{FileMode, files},
    };

    fn flaws(ca: &TestCa) -> Vec<(FlawKind, String)> {
        assert!(Home::open(ca.home.layout().clone(), ca.doors()).is_err());
        let suspect = Suspect::open(ca.home.layout().clone(), ca.doors()).unwrap();
        let flaws = suspect.examine(None, &mut |_| ()).unwrap().flaws;
        flaws.into_iter().map(|flaw| (flaw.kind, flaw.subject)).collect()
    }

    fn change(ca: &TestCa, text: &str) {
        ca.home.authority().store().transaction::<_, StoreError>(|rows| rows.execute_batch(text)).unwrap();
    }

    #[test]
    fn whatever_keeps_a_home_shut_is_a_flaw_that_can_be_looked_at() {
        let ca = TestCa::new();
        let hub = ca.issue(&["hub.lan"]).unwrap();
        let layout = ca.home.layout().clone();
        drop(Home::open(layout.clone(), ca.doors()).unwrap());
        let (head, newest) = (std::fs::read(layout.audit_head()).unwrap(), ca.home.authority().audit_head().unwrap());
        std::fs::write(layout.settings(), "no settings").unwrap();
        assert_eq!(flaws(&ca), [(FlawKind::Settings, "hubca.toml".to_owned())]);
        std::fs::remove_file(layout.settings()).unwrap();
        let other = std::fs::read(layout.root_certificate(1)).unwrap();
        files::replace(&layout.issuing_certificate(1), &other, FileMode::Secret).unwrap();
        change(&ca, "CREATE INDEX mine ON audit (at)");
        change(&ca, "DELETE FROM audit WHERE sequence = (SELECT MAX(sequence) FROM audit)");
        let expected = [
            (FlawKind::Database, "ledger.db".to_owned()),
            (FlawKind::AuditLog, newest.entries.to_string()),
            (FlawKind::Certificate, hub.serial),
            (FlawKind::Lineage, "hub.lan".to_owned()),
            (FlawKind::CaFile, "issuing/1".to_owned()),
        ];
        assert_eq!(flaws(&ca), expected);
        assert_eq!(std::fs::read(layout.audit_head()).unwrap(), head, "what was noted is to be seen again");
    }
}
