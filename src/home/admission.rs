//! Further CAs on their way into a home: their keys and certificates lie in a directory of their own until the ledger
//! has taken them in, and are then moved to their places.
//!
//! The ledger's one transaction is the moment in which they begin to be. Stopped before, nothing was; stopped after, the
//! next command moves the rest to its place.

use std::path::Path;

use super::{error::HomeError, layout, layout::Layout, outside_key};
use crate::{
    authority::{Authority, CaCertificate, Candidates, IssueError, IssuerRole},
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
    pub(super) outside: Option<&'a Path>,
}

/// A CA that is adopted, with its key where that was found.
pub(super) struct Found<'a> {
    pub(super) ca: &'a CaCertificate,
    pub(super) key: Option<(&'a PrivateKey, Protection<'a>)>,
}

/// Puts the keys down, takes their CAs in, and moves all to its place. Nobody else may be at it: the caller holds the
/// home.
pub(super) fn admit(
    layout: &Layout,
    authority: &mut Authority,
    candidates: Candidates,
    entrants: &[Entrant<'_>],
) -> Result<(), HomeError> {
    let random = authority.doors().random.clone();
    let put_down = |staging: &Layout| {
        entrants.iter().try_for_each(|entrant| match candidates.of_role(entrant.role) {
            Some((ordinal, certificate)) => stage(staging, ordinal, certificate, entrant, &*random),
            None => Ok(()),
        })
    };
    stage_all(&layout.admission(), put_down)?;
    // From here on the files stay, even if the ledger fails: a commit whose sync failed may still be found in the log by
    // the next process.
    authority.admit(candidates)?;
    finish(layout, authority)
}

/// The same of CAs that were found: `enter` takes them in.
pub(super) fn admit_found(
    layout: &Layout,
    authority: &mut Authority,
    found: &[Found<'_>],
    enter: impl FnOnce(&mut Authority) -> Result<(), IssueError>,
) -> Result<(), HomeError> {
    let random = authority.doors().random.clone();
    let put_down = |staging: &Layout| {
        found.iter().try_for_each(|Found { ca, key }| {
            write_certificate(&staging.issuing_certificate(ca.ordinal()), ca.certificate().as_der())?;
            let Some((key, protection)) = key else { return Ok(()) };
            let file = KeyFile::new(staging.issuing_key(ca.ordinal()), KeyPurpose::Issuing);
            Ok(file.write_new(key, *protection, &*random)?)
        })
    };
    stage_all(&layout.admission(), put_down)?;
    enter(authority)?;
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

/// Puts all down in a directory of its own, or nothing.
fn stage_all(staging: &Layout, put_down: impl FnOnce(&Layout) -> Result<(), HomeError>) -> Result<(), HomeError> {
    let made = [staging.directory(), &staging.root(), &staging.issuing()]
        .into_iter()
        .try_for_each(|path| files::create_directory(path, DirectoryMode::Private));
    made.map_err(HomeError::from).and_then(|()| put_down(staging)).inspect_err(|_| {
        // The first error is the one to tell; the next command removes what could not be removed now.
        let _ = outside_key::forget(staging);
        let _ = directory::remove_tree(staging.directory());
    })
}

fn stage(
    staging: &Layout,
    ordinal: i64,
    certificate: &[u8],
    entrant: &Entrant<'_>,
    random: &dyn Random,
) -> Result<(), HomeError> {
    let (certificate_path, key_path, purpose) = match entrant.role {
        IssuerRole::Root => (staging.root_certificate(ordinal), staging.root_key(ordinal), KeyPurpose::Root),
        _ => (staging.issuing_certificate(ordinal), staging.issuing_key(ordinal), KeyPurpose::Issuing),
    };
    write_certificate(&certificate_path, certificate)?;
    match entrant.outside.map(|directory| Layout::root_key_in(directory, ordinal)) {
        Some(path) => outside_key::write(staging, &path, entrant.key, entrant.protection, random)?,
        None => KeyFile::new(key_path, purpose).write_new(entrant.key, entrant.protection, random)?,
    }
    Ok(())
}

/// Writes the certificate of a CA into a directory of its own.
fn write_certificate(path: &Path, certificate: &[u8]) -> Result<(), HomeError> {
    if let Some(parent) = path.parent() {
        files::create_directory(parent, DirectoryMode::Private)?;
    }
    let text = pem::encode(pem::CERTIFICATE, certificate);
    Ok(files::write_new(path, text.as_bytes(), FileMode::Secret).map(|_| ())?)
}

fn entries(staging: &Layout, place: &str) -> Result<Vec<String>, HomeError> {
    match directory::entries(&staging.directory().join(place)) {
        Err(error) if error.is_missing() => Ok(Vec::new()),
        entries => Ok(entries?),
    }
}
