//! Whether a backup is sound, seen while it is made: its ledger, and what was packed of its CAs, are looked at as they would be when
//! it is restored.

use super::{ca_keys::CaKeys, manifest::Manifest, member::Member};
use crate::{
    authority::{Authority, Examined, Flaw, FlawKind},
    home::{examination::Examination, layout::Layout},
    keys::KeyFile,
    system::{
        FileError, FileMode,
        files::{directory, write_new_unsynced},
    },
};

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

    /// What is wrong with the backup. That it could not be looked at is wrong as well, and no reason to have none.
    pub(super) fn flaws(&self, copied: &Authority, manifest: &Manifest, watch: &mut dyn FnMut(u64)) -> Vec<Flaw> {
        let see_key = |file: &KeyFile| self.ca_keys.seen(&self.layout, file);
        let looked = Examination::with_keys(&self.layout, copied, &see_key).run(Some(&manifest.audit.head), watch);
        let unseen = |why: String| Flaw {
            kind: FlawKind::Database,
            subject: "ledger.db".to_owned(),
            message: format!("it could not be looked at to its end: {why}"),
        };
        let mut flaws = looked.map_or_else(|error| vec![unseen(error.to_string())], |Examined { flaws, .. }| flaws);
        flaws.extend(self.missed.as_ref().map(|error| unseen(error.to_string())));
        let place = format!("{}/", self.layout.directory().display());
        flaws.iter_mut().for_each(|flaw| flaw.message = flaw.message.replace(&place, ""));
        flaws
    }
}
