//! Making a home: all of it in a directory of its own, which then becomes the home by renaming.
//!
//! The renaming of the finished directory is the moment in which the CA begins to be. Stopped before, nothing was;
//! stopped after, the next command moves the rest to its place.

use std::path::Path;

use super::{
    crl,
    error::HomeError,
    layout::{FIRST, Layout},
    opened::Home,
    outside_key, settings, staging,
};
use crate::{
    authority::{Authority, Doors, Foundation, Ledger, NewRoot},
    keys::{KeyFile, KeyPurpose, PrivateKey, Protection},
    profile::Scope,
    system::{DirectoryMode, FileMode, files},
    x509::{KeyAlgorithm, pem},
};

/// What a new home shall be.
pub struct Establishment<'a> {
    /// What the CA is called.
    pub name: &'a str,
    /// What it may vouch for.
    pub scope: &'a Scope,
    /// The algorithm of both keys.
    pub key: KeyAlgorithm,
    /// How the root's key lies in its file.
    pub root_protection: Protection<'a>,
    /// Where the root's key shall lie, if not in the home.
    pub root_key_out: Option<&'a Path>,
}

impl Home {
    /// Makes a CA in a directory that holds none.
    ///
    /// # Errors
    /// A CA or something else is there, others can use the directory, or a file or key fails; nothing is left then.
    pub fn establish(layout: Layout, doors: Doors, establishment: &Establishment<'_>) -> Result<Self, HomeError> {
        staging::erect(&layout, |staging| make(staging, doors.clone(), establishment))?;
        Self::open(layout, doors)
    }
}

/// Makes the whole CA in a directory, and the root's key elsewhere if that is wanted.
fn make(staging: &Layout, doors: Doors, establishment: &Establishment<'_>) -> Result<(), HomeError> {
    let private = |path: &Path| files::create_directory(path, DirectoryMode::Private);
    private(staging.directory())?;
    private(&staging.root())?;
    private(&staging.issuing())?;
    private(&staging.issuing().join("1"))?;
    let random = doors.random.clone();
    let root_key = PrivateKey::generate(establishment.key, &*random)?;
    let issuing_key = PrivateKey::generate(establishment.key, &*random)?;
    let root = NewRoot { scope: establishment.scope, root_key: &root_key, issuing_key: &issuing_key };
    let foundation = Foundation { name: establishment.name, root };
    let workbench = staging.directory().join("ledger.unfinished.db");
    let authority = Authority::establish(Ledger::create(&workbench)?, doors, &foundation)?;
    for (ca, key) in [(authority.root(), &root_key), (authority.issuing(), &issuing_key)] {
        let Some(ca) = ca else { continue };
        let issuer = authority.issuer(ca, key.to_signing_key()?)?;
        crl::publish(staging, &authority, ca, &issuer)?;
    }
    // One file without a write-ahead log beside it, so that it can be moved.
    authority.copy_ledger(&staging.ledger()).map_err(HomeError::from)?;
    // Opened once before anybody sees it: switching to the write-ahead log is nothing that two processes can do at once.
    drop(Ledger::open(&staging.ledger())?);
    for (ca, path) in
        [(authority.root(), staging.root_certificate(FIRST)), (authority.issuing(), staging.issuing_certificate(1))]
    {
        let Some(ca) = ca else { continue };
        let text = pem::encode(pem::CERTIFICATE, ca.certificate().as_der());
        files::write_new(&path, text.as_bytes(), FileMode::Secret)?;
    }
    files::write_new(&staging.settings(), settings::TEMPLATE.as_bytes(), FileMode::Secret)?;
    let issuing_file = KeyFile::new(staging.issuing_key(1), KeyPurpose::Issuing);
    issuing_file.write_new(&issuing_key, Protection::FileMode, &*random)?;
    let protection = establishment.root_protection;
    match establishment.root_key_out.map(|directory| Layout::root_key_in(directory, FIRST)) {
        Some(path) => outside_key::write(staging, &path, &root_key, protection, &*random),
        None => Ok(KeyFile::new(staging.root_key(FIRST), KeyPurpose::Root).write_new(&root_key, protection, &*random)?),
    }
}
