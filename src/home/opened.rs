//! An open home: the CA in it, its keys, its profiles.

use std::path::{Path, PathBuf};

use super::{
    admission,
    error::HomeError,
    guard,
    layout::{FIRST, Layout},
    left_keys, noted_head,
    profiles::find_profile,
    settings::Settings,
    staging,
};
use crate::{
    authority::{Authority, CaCertificate, Doors, Issuer, IssuerRole, Ledger, LedgerError},
    keys::{KeyFile, KeyPurpose, Passphrase, PassphraseSource},
    profile::Profile,
    store::StoreError,
    system::files::{DirectoryLock, read_bounded},
    x509::pem,
};

/// Room for a CA's certificate.
const MOST_BYTES: usize = 64 * 1024;

/// An open home.
pub struct Home {
    pub(super) layout: Layout,
    pub(super) authority: Authority,
    settings: Settings,
}

/// Which of the CA's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaKey {
    /// The root's.
    Root,
    /// The newest issuing CA's.
    Issuing,
}

impl CaKey {
    /// The word for it on the command line and in the audit log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Issuing => "issuing",
        }
    }
}

impl Home {
    /// Opens the home in a directory.
    ///
    /// # Errors
    /// No CA in it, a home that others can use, a ledger that is damaged or of a newer program.
    pub fn open(layout: Layout, doors: Doors) -> Result<Self, HomeError> {
        let ledger = reach_ledger(&layout, Ledger::open)?;
        // A command that was stopped, or is at work: its keys are put in their places before anybody looks for them.
        let is_admitting = layout.admission().directory().is_dir();
        let lock = is_admitting.then(|| DirectoryLock::acquire(layout.directory())).transpose()?;
        let authority = Authority::open(ledger, doors)?;
        // A ledger that has lost its newest entries does not know which keys it has taken in.
        noted_head::compare(&layout, &authority)?;
        if is_admitting {
            admission::finish(&layout, &authority)?;
        }
        drop(lock);
        let settings = Settings::read(&layout)?;
        let home = Self { layout, authority, settings };
        home.compare_cas()?;
        Ok(home)
    }

    /// A ledger or a CA's file that came from elsewhere is seen before anything is signed or handed out.
    fn compare_cas(&self) -> Result<(), HomeError> {
        let root = self.root()?;
        compare(root, self.layout.root_certificate(root.ordinal()))?;
        let Some(issuing) = self.authority.issuing() else { return Ok(()) };
        compare(issuing, self.layout.issuing_certificate(issuing.ordinal()))
    }

    /// Where everything lies.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The CA.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The CA's root.
    ///
    /// # Errors
    /// A ledger without one.
    pub fn root(&self) -> Result<&CaCertificate, HomeError> {
        self.authority.root().ok_or_else(|| HomeError::NoCa { directory: self.layout.directory().to_owned() })
    }

    /// The newest issuing CA.
    ///
    /// # Errors
    /// A ledger without one.
    pub fn issuing(&self) -> Result<&CaCertificate, HomeError> {
        self.authority.issuing().ok_or_else(|| HomeError::NoCa { directory: self.layout.directory().to_owned() })
    }

    /// The issuing CA with its key, ready to sign.
    ///
    /// # Errors
    /// A key that cannot be read, or is not its.
    pub fn issuer(&self, passphrases: &dyn PassphraseSource) -> Result<Issuer, HomeError> {
        let ca = self.issuing()?;
        let key = self.key_file(CaKey::Issuing)?.read(passphrases)?.to_signing_key()?;
        let addresses = self.settings.addresses(&self.layout, ca)?;
        Ok(self.authority.issuer(ca, key)?.with_addresses(addresses))
    }

    /// The file of one of the CA's keys.
    ///
    /// # Errors
    /// The root's was taken away.
    pub fn key_file(&self, key: CaKey) -> Result<KeyFile, HomeError> {
        match key {
            CaKey::Issuing => match self.issuing()? {
                root if root.role() == IssuerRole::Root => self.root_key_file(root),
                issuing => Ok(KeyFile::new(self.layout.issuing_key(issuing.ordinal()), KeyPurpose::Issuing)),
            },
            CaKey::Root => self.root_key_file(self.root()?),
        }
    }

    /// The file of a root's key.
    pub(super) fn root_key_file(&self, root: &CaCertificate) -> Result<KeyFile, HomeError> {
        let path = self.layout.root_key(root.ordinal());
        if !path.exists() {
            return Err(HomeError::NoRootKey { path });
        }
        Ok(KeyFile::new(path, KeyPurpose::Root))
    }

    /// The file of the key of a CA that issues: a root may do that itself.
    pub(super) fn issuing_key_file(&self, issuing: &CaCertificate) -> Result<KeyFile, HomeError> {
        if issuing.role() == IssuerRole::Root {
            return self.root_key_file(issuing);
        }
        let path = self.layout.issuing_key(issuing.ordinal());
        if !path.exists() {
            return Err(HomeError::NoIssuingKey { path });
        }
        Ok(KeyFile::new(path, KeyPurpose::Issuing))
    }

    fn ca_of(&self, key: CaKey) -> Result<&CaCertificate, HomeError> {
        match key {
            CaKey::Root => self.root(),
            CaKey::Issuing => self.issuing(),
        }
    }

    /// Puts one of the CA's keys under a passphrase, or under another one.
    ///
    /// # Errors
    /// A passphrase that is wrong, or a file or ledger that fails; the key is as it was then.
    pub fn protect_key(
        &self,
        key: CaKey,
        passphrases: &dyn PassphraseSource,
        passphrase: &Passphrase,
    ) -> Result<KeyFile, HomeError> {
        let (file, random) = (self.key_file(key)?, &*self.authority.doors().random);
        let expected = self.ca_of(key)?.certificate().tbs().public_key();
        let change = || Ok(file.protect(expected, passphrases, passphrase, random)?);
        self.authority.change_key_protection::<HomeError>(key.name(), "passphrase", change)?;
        Ok(file)
    }

    /// Takes the passphrase off one of the CA's keys.
    ///
    /// # Errors
    /// As [`Home::protect_key`].
    pub fn unprotect_key(&self, key: CaKey, passphrases: &dyn PassphraseSource) -> Result<KeyFile, HomeError> {
        let (file, random) = (self.key_file(key)?, &*self.authority.doors().random);
        let expected = self.ca_of(key)?.certificate().tbs().public_key();
        let change = || Ok(file.unprotect(expected, passphrases, random)?);
        self.authority.change_key_protection::<HomeError>(key.name(), "file_mode", change)?;
        Ok(file)
    }

    /// A profile by its name: built in, or the operator's own.
    ///
    /// # Errors
    /// None of that name, one that cannot be read, or one for a CA.
    pub fn profile(&self, name: &str) -> Result<Profile, HomeError> {
        let profile = find_profile(Some(&self.layout), name)?;
        if profile.makes_ca() { Err(HomeError::CaProfile(name.to_owned())) } else { Ok(profile) }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        noted_head::note(&self.layout, &self.authority);
    }
}

/// Opens the ledger of a home that is ours alone, in the way that is wanted; finishes before what `init` has begun, and takes away
/// what killed commands have left of keys.
pub(super) fn reach_ledger<T>(
    layout: &Layout,
    open: impl FnOnce(&Path) -> Result<T, LedgerError>,
) -> Result<T, HomeError> {
    staging::clear_restoring(layout);
    let no_ca = || {
        let directory = layout.directory().to_owned();
        // Keys without their ledger are a CA all the same, and no empty place.
        match layout.issuing().exists() || layout.root_certificate(FIRST).exists() {
            true => HomeError::LedgerLost { directory, ledger: layout.ledger() },
            false => HomeError::NoCa { directory },
        }
    };
    let is_finished = layout.finished().directory().is_dir();
    // A directory without a CA is not one whose mode or owner should be changed for it.
    if !is_finished && !layout.ledger().exists() {
        return Err(no_ca());
    }
    guard::check(layout)?;
    left_keys::clear(layout);
    if is_finished {
        let _lock = DirectoryLock::acquire(layout.directory())?;
        staging::finish(layout)?;
    }
    open(&layout.ledger()).map_err(|error| match error {
        LedgerError::Store(StoreError::Missing { .. }) => no_ca(),
        other => other.into(),
    })
}

/// Whether a CA's file is the certificate that the ledger has; one that is not there is no other.
fn compare(ca: &CaCertificate, path: PathBuf) -> Result<(), HomeError> {
    let text = match read_bounded(&path, MOST_BYTES) {
        Ok(text) => text,
        Err(error) if error.is_missing() => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let recorded = ca.certificate().as_der();
    let same = pem::parse(&text).is_ok_and(|blocks| blocks.iter().any(|block| block.contents == recorded));
    if same { Ok(()) } else { Err(HomeError::Mismatch { path }) }
}
