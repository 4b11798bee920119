//! The end of the audit log, noted beside the ledger. SQLite reads its write-ahead log as far as it is whole and is silent about the
//! rest: a ledger that has lost its newest entries, or an older one that somebody put there, is known by what was noted.

use super::{error::HomeError, layout::Layout};
use crate::{
    authority::{AuditHead, Authority},
    system::{
        FileMode,
        files::{self, read_bounded},
    },
    x509::{certificate::sha256, hexadecimal},
};

/// Sees whether the log has the entry that was noted last.
///
/// # Errors
/// [`HomeError::EntriesLost`] where it has not; or a ledger that fails.
pub(super) fn compare(layout: &Layout, authority: &Authority) -> Result<(), HomeError> {
    // Read before the log is: an entry is noted when the log has it, and others may be at work.
    let Some(noted) = read(layout) else { return Ok(()) };
    if authority.has_audit_entry(&noted)? {
        return Ok(());
    }
    Err(HomeError::EntriesLost { ledger: layout.ledger(), entry: noted.entries, noted: layout.audit_head() })
}

/// Notes the end of the log, if it is another than was noted. What cannot be written is noted by the next command that can.
pub(super) fn note(layout: &Layout, authority: &Authority) {
    let Ok(head) = authority.audit_head() else { return };
    if head.entries == 0 || read(layout).as_ref() == Some(&head) {
        return;
    }
    files::clear_left(layout.directory());
    // It need not be safe on the disk: an older note, or none, is still true.
    let _ = files::replace_unsynced(&layout.audit_head(), told(&head).as_bytes(), FileMode::Secret);
}

/// What was noted; none where that is not whole, as a power cut may leave it.
fn read(layout: &Layout) -> Option<AuditHead> {
    let text = String::from_utf8(read_bounded(&layout.audit_head(), MOST_BYTES).ok()?).ok()?;
    let mut words = text.split_whitespace();
    let head = AuditHead { entries: words.next()?.parse().ok()?, hash: words.next()?.to_owned() };
    (text == told(&head)).then_some(head)
}

/// The number of the entry, its hash, and by which it is known that both are whole.
fn told(AuditHead { entries, hash }: &AuditHead) -> String {
    let said = format!("{entries} {hash}");
    let check = hexadecimal(&sha256(said.as_bytes()));
    format!("{said} {check}\n")
}

/// Room for one line.
const MOST_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::super::{opened::Home, test_ca::TestCa};
    use super::*;
    use crate::store::StoreError;

    fn change(ca: &TestCa, text: &str) {
        let rows = ca.home.authority().store().transaction::<_, StoreError>(|rows| rows.execute(text, &[]));
        assert!(rows.unwrap() > 0, "{text}");
    }

    #[test]
    fn a_ledger_without_its_newest_entries_is_not_worked_with() {
        let ca = TestCa::new();
        ca.issue(&["hub.lan"]).unwrap();
        let layout = ca.home.layout().clone();
        let open = || Home::open(layout.clone(), ca.doors()).map(|_| ());
        note(&layout, ca.home.authority());
        open().unwrap();
        change(&ca, "DELETE FROM audit WHERE sequence = (SELECT MAX(sequence) FROM audit)");
        assert!(matches!(open(), Err(HomeError::EntriesLost { .. })));
        let noted = std::fs::read_to_string(layout.audit_head()).unwrap();
        for torn in ["", "\0\0\0\0", &noted[..40], &noted.replacen(' ', "1 ", 1), &format!("{noted}more")] {
            files::replace(&layout.audit_head(), torn.as_bytes(), FileMode::Secret).unwrap();
            open().unwrap();
            assert_eq!(read(&layout), Some(ca.home.authority().audit_head().unwrap()), "{torn}");
        }
    }

    #[test]
    fn another_entry_of_that_number_is_not_the_one_that_was_noted() {
        let ca = TestCa::new();
        let layout = ca.home.layout().clone();
        let head = ca.home.authority().audit_head().unwrap();
        let other = AuditHead { hash: "0".repeat(64), ..head };
        files::replace(&layout.audit_head(), told(&other).as_bytes(), FileMode::Secret).unwrap();
        assert!(matches!(Home::open(layout, ca.doors()), Err(HomeError::EntriesLost { .. })));
    }
}
