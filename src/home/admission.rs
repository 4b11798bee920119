//! Further CAs on their way into a home: their keys and certificates lie in a directory of their own until the ledger
//! has taken them in, and are then moved to their places.
//!
//! The ledger's one transaction is the moment in which they begin to be. Stopped before, nothing was; stopped after, the
//! next command moves the rest to its place.

use super::{error::HomeError, layout, layout::Layout, outside_key};
use crate::{
    authority::{Authority, Candidates, IssuerRole},
    keys::{KeyFile, KeyPurpose, PrivateKey, Protection},
    system::{
        DirectoryMode, FileMode, Random,
        files::{self, directory},
    },
    x509::pem,
};

/// The key of a CA that is to be admitted, and how it shall lie there.
pub(super) struct Entrant<'a> {
    pub(super) role: IssuerRole,
    pub(super) key: &'a PrivateKey,
    pub(super) protection: Protection<'a>,
    /// The directory outside of the home where it shall lie instead.
    pub(super) outside: Option<&'a std::path::Path>,
}

/// Puts the keys down, takes their CAs in, and moves all to its place. Nobody else may be at it: the caller holds the
/// home.
pub(super) fn admit(
    layout: &Layout,
    authority: &mut Authority,
    candidates: Candidates,
    entrants: &[Entrant<'_>],
) -> Result<(), HomeError> {
    let staging = layout.admission();
    let random = authority.doors().random.clone();
    if let Err(error) = stage(&staging, &candidates, entrants, &*random) {
        // The first error is the one to tell; the next command removes what could not be removed now.
        let _ = outside_key::forget(&staging);
        let _ = directory::remove_tree(staging.directory());
        return Err(error);
    }
    // From here on the files stay, even if the ledger fails: a commit whose sync failed may still be found in the log by
    // the next process.
    authority.admit(candidates)?;
    finish(layout, authority)
}

/// Moves what the ledger has taken in to its place, and forgets what it has not. Does nothing where there is neither.
pub(super) fn finish(layout: &Layout, authority: &Authority) -> Result<(), HomeError> {
    let staging = layout.admission();
    if !staging.directory().is_dir() {
        return Ok(());
    }
    let mut admitted = Vec::new();
    for (role, place) in [(IssuerRole::Root, layout::ROOT), (IssuerRole::Issuing, layout::ISSUING)] {
        for entry in entries(&staging, place)? {
            let is_admitted = entry.parse().is_ok_and(|ordinal| authority.ca(role, ordinal).is_some());
            if is_admitted {
                admitted.push((place, entry));
            }
        }
    }
    if admitted.is_empty() {
        outside_key::forget(&staging)?;
    } else {
        outside_key::keep(&staging)?;
    }
    for (place, entry) in admitted {
        let (from, to) = (staging.directory().join(place).join(&entry), layout.directory().join(place).join(&entry));
        directory::create_directories(&layout.directory().join(place))?;
        directory::rename(&from, &to)?;
    }
    Ok(directory::remove_tree(staging.directory())?)
}

fn stage(
    staging: &Layout,
    candidates: &Candidates,
    entrants: &[Entrant<'_>],
    random: &dyn Random,
) -> Result<(), HomeError> {
    let private = |path: &std::path::Path| files::create_directory(path, DirectoryMode::Private);
    private(staging.directory())?;
    private(&staging.root())?;
    private(&staging.issuing())?;
    for entrant in entrants {
        let Some((ordinal, certificate)) = candidates.of_role(entrant.role) else { continue };
        let (certificate_path, key_path, purpose) = match entrant.role {
            IssuerRole::Root => (staging.root_certificate(ordinal), staging.root_key(ordinal), KeyPurpose::Root),
            _ => (staging.issuing_certificate(ordinal), staging.issuing_key(ordinal), KeyPurpose::Issuing),
        };
        if let Some(parent) = key_path.parent() {
            private(parent)?;
        }
        let text = pem::encode(pem::CERTIFICATE, certificate);
        files::write_new(&certificate_path, text.as_bytes(), FileMode::Secret)?;
        match entrant.outside.map(|directory| Layout::root_key_in(directory, ordinal)) {
            Some(path) => outside_key::write(staging, &path, entrant.key, entrant.protection, random)?,
            None => KeyFile::new(key_path, purpose).write_new(entrant.key, entrant.protection, random)?,
        }
    }
    Ok(())
}

fn entries(staging: &Layout, place: &str) -> Result<Vec<String>, HomeError> {
    match directory::entries(&staging.directory().join(place)) {
        Err(error) if error.is_missing() => Ok(Vec::new()),
        entries => Ok(entries?),
    }
}
