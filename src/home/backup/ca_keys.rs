//! The keys of the CAs in a backup, looked at in memory while they pass.

use std::collections::BTreeMap;

use super::{
    manifest::{Manifest, Omitted},
    member::Member,
};
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

/// The key of the CA that issues, where it is not in a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingIssuingKey {
    /// Its name in the backup, were it there.
    pub name: String,
    /// Why it is not.
    pub why: WhyMissing,
}

/// Why a key is not in a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyMissing {
    /// It is the root's, which issues by itself, and such a key was not asked for.
    LeftOut,
    /// It was not in the home.
    Lost,
}

/// The key of the CA that issues, if that is not in a backup.
pub(super) fn missing_issuing_key(authority: &Authority, manifest: &Manifest) -> Option<MissingIssuingKey> {
    let (here, issuing) = (Layout::new(""), authority.issuing()?);
    let path = match issuing.role() {
        IssuerRole::Root => here.root_key(issuing.ordinal()),
        _ => here.issuing_key(issuing.ordinal()),
    };
    let name = path.to_string_lossy().into_owned();
    let is_left_out = issuing.role() == IssuerRole::Root && manifest.without.contains(&Omitted::RootKey);
    let why = if is_left_out { WhyMissing::LeftOut } else { WhyMissing::Lost };
    (!manifest.files.contains_key(&name)).then_some(MissingIssuingKey { name, why })
}
