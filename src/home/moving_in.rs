//! A CA that was made elsewhere moves into a home of its own: its certificates and keys, all that it issued, and below its root a
//! new CA that issues from now on, limited to a scope.

use std::path::Path;

use super::{
    chains, crl,
    deployment::{self, Durability},
    error::HomeError,
    layout::{FIRST, Layout},
    opened::Home,
    outside_key, settings, staging,
};
use crate::{
    authority::{
        Authority, CaCertificate, Doors, EstablishError, Inheritance, InheritedCa, InheritedCertificate, IssuerRole,
        Label, Ledger, LedgerError, RecordedName,
    },
    keys::{KeyFile, KeyPurpose, PrivateKey, Protection},
    profile::Scope,
    store::StoreError,
    system::{DirectoryMode, FileError, FileMode, files},
    x509::{Certificate, KeyAlgorithm, pem},
};

/// What moves in, and how it shall lie in its home.
pub struct MovingIn<'a> {
    /// What the CA is called from now on.
    pub name: &'a str,
    /// Its root, and each CA after the one that issued it.
    pub cas: &'a [InheritedCa],
    /// Their keys, in the same order, where they are at hand.
    pub keys: &'a [Option<PrivateKey>],
    /// The keys of servers, whose certificates are among those that were issued.
    pub kept: &'a [MovedKey],
    /// The CA that issues from now on; none where one of those that move in does.
    pub successor: Option<Successor<'a>>,
    /// How the root's key lies in its file.
    pub root_protection: Protection<'a>,
    /// Where the root's key shall lie, if not in the home.
    pub root_key_out: Option<&'a Path>,
    /// Where all came from and what was read, for the audit log.
    pub account: &'a serde_json::Value,
}

/// The new CA below the root.
#[derive(Clone, Copy)]
pub struct Successor<'a> {
    /// The algorithm of its key.
    pub key: KeyAlgorithm,
    /// What it may vouch for.
    pub scope: &'a Scope,
}

/// The key of a certificate that was issued before.
pub struct MovedKey {
    /// The label that both get.
    pub label: Label,
    /// Which of the CAs issued the certificate.
    pub issuer: usize,
    /// The certificate.
    pub certificate: Certificate,
    /// The names that it vouches for.
    pub names: Vec<RecordedName>,
    /// Its key.
    pub key: PrivateKey,
}

impl Home {
    /// Makes a home of a CA that was made elsewhere. Nothing of it is seen before all of it is there.
    ///
    /// # Errors
    /// A CA or something else is there, a key or certificate does not fit, a file or ledger fails, or what `issued` gives instead of a
    /// certificate; nothing is left then.
    pub fn move_in<E>(
        layout: Layout,
        doors: Doors,
        moving: &MovingIn<'_>,
        issued: &mut dyn Iterator<Item = Result<InheritedCertificate, E>>,
    ) -> Result<Self, E>
    where
        E: From<HomeError> + From<FileError> + From<EstablishError> + From<LedgerError> + From<StoreError>,
    {
        staging::erect(&layout, |staging| {
            prepare(staging)?;
            let workbench = staging.directory().join("ledger.unfinished.db");
            let inheritance = Inheritance { name: moving.name, cas: moving.cas, account: moving.account };
            let authority = Authority::inherit(Ledger::create(&workbench)?, doors.clone(), &inheritance, issued)?;
            Ok::<_, E>(furnish(staging, authority, moving)?)
        })?;
        Ok(Self::open(layout, doors)?)
    }
}

fn prepare(staging: &Layout) -> Result<(), FileError> {
    for path in [staging.directory(), &staging.root(), &staging.issuing()] {
        files::create_directory(path, DirectoryMode::Private)?;
    }
    Ok(())
}

/// Puts all beside the ledger that belongs to a home.
fn furnish(staging: &Layout, mut authority: Authority, moving: &MovingIn<'_>) -> Result<(), HomeError> {
    let random = authority.doors().random.clone();
    for (ca, key) in authority.cas().iter().zip(moving.keys) {
        write_ca(staging, ca, key.as_ref(), moving, &authority)?;
        write_crl(staging, &authority, ca, key.as_ref())?;
    }
    if let (Some(successor), Some(Some(root_key))) = (moving.successor, moving.keys.first()) {
        let key = PrivateKey::generate(successor.key, &*random)?;
        if let Some(root) = authority.root() {
            let issuer = authority.issuer(root, root_key.to_signing_key()?)?;
            let candidates = authority.draft_issuing(&issuer, &key, successor.scope)?;
            authority.admit(candidates)?;
        }
        if let Some(ca) = authority.issuing() {
            write_ca(staging, ca, Some(&key), moving, &authority)?;
            write_crl(staging, &authority, ca, Some(&key))?;
        }
    }
    write_kept(staging, &authority, moving.kept)?;
    // One file without a write-ahead log beside it, so that it can be moved.
    authority.copy_ledger(&staging.ledger())?;
    drop(authority);
    // Opened once before anybody sees it: switching to the write-ahead log is nothing that two processes can do at once.
    drop(Ledger::open(&staging.ledger())?);
    Ok(files::write_new(&staging.settings(), settings::TEMPLATE.as_bytes(), FileMode::Secret)?)
}

/// The certificate of a CA as it came, and its key where it is at hand.
fn write_ca(
    staging: &Layout,
    ca: &CaCertificate,
    key: Option<&PrivateKey>,
    moving: &MovingIn<'_>,
    authority: &Authority,
) -> Result<(), HomeError> {
    let random = &*authority.doors().random;
    let text = pem::encode(pem::CERTIFICATE, ca.certificate().as_der());
    let ordinal = ca.ordinal();
    if ca.role() == IssuerRole::Root {
        files::write_new(&staging.root_certificate(ordinal), text.as_bytes(), FileMode::Secret)?;
        let Some(key) = key else { return Ok(()) };
        return match moving.root_key_out.map(|directory| Layout::root_key_in(directory, FIRST)) {
            Some(path) => outside_key::write(staging, &path, key, moving.root_protection, random),
            None => Ok(KeyFile::new(staging.root_key(FIRST), KeyPurpose::Root).write_new(
                key,
                moving.root_protection,
                random,
            )?),
        };
    }
    let path = staging.issuing_certificate(ordinal);
    if let Some(parent) = path.parent() {
        files::create_directory(parent, DirectoryMode::Private)?;
    }
    files::write_new(&path, text.as_bytes(), FileMode::Secret)?;
    let Some(key) = key else { return Ok(()) };
    let file = KeyFile::new(staging.issuing_key(ordinal), KeyPurpose::Issuing);
    Ok(file.write_new(key, Protection::FileMode, random)?)
}

/// The first list here of all that a CA has revoked, where it may sign one and its life is not over.
fn write_crl(
    staging: &Layout,
    authority: &Authority,
    ca: &CaCertificate,
    key: Option<&PrivateKey>,
) -> Result<(), HomeError> {
    let lives = ca.certificate().tbs().validity().contains(authority.doors().clock.now());
    let Some(key) = key.filter(|_| lives && ca.issues_crls()) else { return Ok(()) };
    let issuer = authority.issuer(ca, key.to_signing_key()?)?;
    crl::publish(staging, authority, ca, &issuer).map(|_| ())
}

/// Keys and certificates of servers, each as the first generation of its label, under `live/` from the beginning.
fn write_kept(staging: &Layout, authority: &Authority, kept: &[MovedKey]) -> Result<(), HomeError> {
    if kept.is_empty() {
        return Ok(());
    }
    deployment::prepare(staging)?;
    for MovedKey { label, issuer, certificate, key, .. } in kept {
        let chain = authority.cas().get(*issuer).map(|ca| authority.served_above(&authority.chain_of(ca)));
        let chain = chains::text(&chain.unwrap_or_default());
        let der = certificate.as_der();
        deployment::write_generation(staging, label, FIRST_GENERATION, key, der, &chain, Durability::AllTogether)?;
        deployment::swap(staging, label.as_str(), FIRST_GENERATION, Durability::AllTogether)?;
    }
    Ok(files::sync_file_system(staging.directory())?)
}

/// What the ledger says of the generation of a certificate that moved in.
const FIRST_GENERATION: i64 = 1;
