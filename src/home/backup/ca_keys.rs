//! The keys of the CAs in a backup, looked at in memory while they pass.

use std::collections::BTreeMap;

use super::{manifest::Manifest, member::Member};
use crate::{
    authority::{Authority, IssuerRole},
    home::{layout::Layout, seen_key::SeenKey},
    keys::KeyFile,
};

/// What was seen of the keys of the CAs, by their names in the backup.
#[derive(Default)]
pub(super) struct CaKeys(BTreeMap<String, SeenKey>);

impl CaKeys {
    /// Looks at a file, if it is the key of a CA.
    pub(super) fn look_at(&mut self, name: &str, member: Member, content: &[u8]) {
        if matches!(member, Member::RootKey | Member::IssuingKey) {
            self.0.insert(name.to_owned(), SeenKey::in_text(content));
        }
    }

    /// What was seen of the key that has a place in a home.
    pub(super) fn seen(&self, layout: &Layout, file: &KeyFile) -> SeenKey {
        let name = file.path().strip_prefix(layout.directory()).unwrap_or(file.path());
        self.0.get(&*name.to_string_lossy()).cloned().unwrap_or(SeenKey::Missing)
    }
}

/// The key of the CA that issues, by its name in the backup, if that is not in it.
pub(super) fn missing_issuing_key(authority: &Authority, manifest: &Manifest) -> Option<String> {
    let (here, issuing) = (Layout::new(""), authority.issuing()?);
    let path = match issuing.role() {
        IssuerRole::Root => here.root_key(issuing.ordinal()),
        _ => here.issuing_key(issuing.ordinal()),
    };
    let name = path.to_string_lossy().into_owned();
    (!manifest.files.contains_key(&name)).then_some(name)
}
