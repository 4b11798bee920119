//! Whether a backup is sound, seen while it is made: its ledger, and what was packed of its CAs, are looked at as they would be when
//! it is restored.

use time::OffsetDateTime;

use super::{ca_keys::CaKeys, manifest::Manifest, member::Member};
use crate::{
    authority::{Authority, Examined, Flaw, FlawKind},
    home::{error::HomeError, examination::Examination, layout::Layout},
    keys::KeyFile,
    system::{
        FileError, FileMode,
        files::{directory, write_new_unsynced},
    },
};

/// What was seen of a backup.
pub(super) struct Seen {
    /// What keeps it from being restored.
    pub(super) flaws: Vec<Flaw>,
    /// What was wrong already when the home was restored, and since when that is known.
    pub(super) known: Vec<(Flaw, OffsetDateTime)>,
}

/// What was packed and says whether the backup is sound. It lies beside the copy of the ledger; no key is among it.
pub(super) struct Evidence {
    layout: Layout,
    ca_keys: CaKeys,
    /// Why not all of it lies there.
    missed: Option<FileError>,
}

impl Evidence {
    /// None yet, in the directory where the copy of the ledger lies.
    pub(super) fn beside(layout: Layout) -> Self {
        Self { layout, ca_keys: CaKeys::default(), missed: None }
    }

    /// Keeps a file of a CA that is packed.
    pub(super) fn keep(&mut self, name: &str, member: Member, content: &[u8]) {
        self.ca_keys.look_at(name, member, content);
        if !member.is_key()
            && let Err(error) = self.write(name, content)
        {
            self.missed.get_or_insert(error);
        }
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), FileError> {
        let path = self.layout.directory().join(name);
        path.parent().map_or(Ok(()), directory::create_directories)?;
        write_new_unsynced(&path, content, FileMode::Secret)
    }

    /// What is wrong with the backup, and what is known to be. That it could not be looked at is no reason to have none.
    pub(super) fn examine(&self, copied: &Authority, manifest: &Manifest, watch: &mut dyn FnMut(u64)) -> Seen {
        let mut seen = match self.look(copied, &manifest.audit.head, watch) {
            Ok(Examined { flaws, known, .. }) => Seen { flaws, known },
            Err(HomeError::File(error)) => Seen { flaws: vec![unseen(&error)], known: Vec::new() },
            Err(error) => Seen { flaws: vec![unreadable(&error)], known: Vec::new() },
        };
        seen.flaws.extend(self.missed.as_ref().map(unseen));
        let place = format!("{}/", self.layout.directory().display());
        seen.flaws.iter_mut().for_each(|flaw| flaw.message = flaw.message.replace(&place, ""));
        seen
    }

    fn look(&self, copied: &Authority, head: &str, watch: &mut dyn FnMut(u64)) -> Result<Examined, HomeError> {
        if self.missed.is_none() {
            let see_key = |file: &KeyFile| self.ca_keys.seen(&self.layout, file);
            return Examination::with_keys(&self.layout, copied, &see_key).run(Some(head), watch);
        }
        // Files that are not all there say nothing of the home; the ledger does.
        let mut examined = copied.examine(Some(head), watch)?;
        examined.tell_known_apart(&self.layout.prefix())?;
        Ok(examined)
    }
}

fn unseen(error: &FileError) -> Flaw {
    let message = format!("it could not be looked at to its end: {error}");
    Flaw { kind: FlawKind::Unseen, subject: "backup".to_owned(), message }
}

fn unreadable(error: &HomeError) -> Flaw {
    let message = format!("the ledger cannot be read to its end: {error}");
    Flaw { kind: FlawKind::Database, subject: "ledger.db".to_owned(), message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::{
        backup::{
            tests::{wish, word},
            wish::Keys,
        },
        test_ca::TestCa,
    };

    #[test]
    fn that_nobody_could_look_is_no_word_about_the_home() {
        let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
        let path = place.path().join("b.tar.age");
        let passphrase = word("open sesame");
        let mut backup = ca.home.back_up(&path, wish(&passphrase, Keys::Leave), &mut |_| ()).unwrap();
        assert!(backup.is_sound() && !backup.is_unseen());
        // No directory: as where the disk has no room for one.
        let mut evidence = Evidence::beside(Layout::new(&path));
        evidence.keep("issuing/1/ca.crt.pem", Member::of("issuing/1/ca.crt.pem").unwrap(), b"");
        let key = std::fs::read(ca.home.layout().issuing_key(1)).unwrap();
        evidence.keep("issuing/1/ca.key.pem", Member::of("issuing/1/ca.key.pem").unwrap(), &key);
        backup.flaws = evidence.examine(ca.home.authority(), &backup.manifest, &mut |_| ()).flaws;
        assert!(backup.is_unseen() && !backup.is_sound(), "{:?}", backup.flaws);
    }
}
