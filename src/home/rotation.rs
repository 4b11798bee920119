//! Rotation: a further issuing CA below the root, and the steps by which one root follows another.
//!
//! Each step is one transaction of the ledger; the chains under `live/` follow it, and a step that was stopped in between
//! is finished by taking it again.

use std::path::Path;

use time::{Duration, OffsetDateTime};

use super::{
    admission::{self, Entrant},
    error::HomeError,
    opened::{CaKey, Home},
    renewal::algorithm_in,
};
use crate::{
    authority::{CaCertificate, CrlState, Effect, Issuer, IssuerRole, NewRoot, Page},
    keys::{KeyFile, KeyPurpose, Passphrase, PassphraseSource, PrivateKey, Protection},
    profile::Scope,
    system::files::DirectoryLock,
    x509::KeyAlgorithm,
};

/// What the next issuing CA shall be.
#[derive(Clone, Copy)]
pub struct NextIssuing<'a> {
    /// The algorithm of its key.
    pub key: KeyAlgorithm,
    /// Where the root's key lies, if not in the home.
    pub root_key: Option<&'a Path>,
    /// Names and networks that it may vouch for besides what the one before it may.
    pub permit: &'a [String],
    /// What becomes of one that is there and was never used.
    pub unused: Unused,
}

/// What becomes of an issuing CA of today that nothing came of yet: a command that was stopped may have made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unused {
    /// It is the one that is wanted.
    Take,
    /// It stays behind, and another is made.
    PassOver,
}

/// What the next root shall be; an issuing CA below it is made with it.
#[derive(Clone, Copy)]
pub struct NextRoot<'a> {
    /// The algorithm of both keys.
    pub key: KeyAlgorithm,
    /// Where the key of the root in force lies, if not in the home.
    pub root_key: Option<&'a Path>,
    /// How the new root's key lies in its file.
    pub protection: Protection<'a>,
    /// Where the new root's key shall lie, if not in the home.
    pub root_key_out: Option<&'a Path>,
}

impl Home {
    /// Makes a further issuing CA below the root in force; from now on it issues. Where one was made today and nothing came
    /// of it, it is that one, and what was not finished of it is.
    ///
    /// # Errors
    /// What the root does not let it vouch for, a key that is not here or whose passphrase is wrong, or a file or ledger that fails;
    /// nothing is changed then.
    pub fn rotate_issuing(
        &mut self,
        next: NextIssuing<'_>,
        passphrases: &dyn PassphraseSource,
    ) -> Result<Effect, HomeError> {
        if self.has_taken(next, passphrases)? {
            return Ok(Effect::TakenBefore);
        }
        self.authority.wider_scope(next.permit)?;
        let root = self.root_issuer(next.root_key, passphrases)?;
        let passphrase = self.issuing_passphrase(passphrases)?;
        let key = PrivateKey::generate(next.key, &*self.authority.doors().random)?;
        let entrant =
            Entrant { role: IssuerRole::Issuing, key: &key, protection: of(passphrase.as_ref()), outside: None };
        let _lock = self.hold()?;
        if self.unused_issuing(next)?.is_some() {
            // Another process made it while this one waited.
            return Ok(Effect::TakenBefore);
        }
        let candidates = self.authority.draft_issuing(&root, &key, &self.authority.wider_scope(next.permit)?)?;
        admission::admit(&self.layout, &mut self.authority, candidates, &[entrant])?;
        let ca = self.issuing()?;
        self.publish_crl_by(ca, &self.authority.issuer(ca, key.to_signing_key()?)?)?;
        Ok(Effect::Taken)
    }

    /// The issuing CA that a command of today made, where it is of the kind that is wanted, its key is here, and nothing
    /// came of it yet; none where it is to be passed over.
    ///
    /// # Errors
    /// What the root does not let it vouch for, a ledger without an issuing CA, or one that fails.
    pub fn unused_issuing(&self, next: NextIssuing<'_>) -> Result<Option<&CaCertificate>, HomeError> {
        let newest = self.issuing()?;
        let is_wide_enough = self.authority.wider_scope(next.permit)? == Scope::of(newest.certificate())?;
        let is_wanted = next.unused == Unused::Take
            && is_wide_enough
            && algorithm_in(newest.certificate()) == Some(next.key)
            && self.layout.issuing_key(newest.ordinal()).exists();
        Ok((is_wanted && self.authority.is_untouched(newest)?).then_some(newest))
    }

    /// Whether an unused one is there, with its first CRL.
    fn has_taken(&mut self, next: NextIssuing<'_>, passphrases: &dyn PassphraseSource) -> Result<bool, HomeError> {
        let lock = self.hold()?;
        let Some(ca) = self.unused_issuing(next)? else { return Ok(false) };
        drop(lock);
        if self.authority.newest_crl(ca)?.is_none() {
            self.publish_crl(ca, passphrases)?;
        }
        Ok(true)
    }

    /// When the issuing CA ends, where that is so near that the next one is wanted: soon it could not give a certificate
    /// its whole life any more.
    ///
    /// # Errors
    /// A ledger without an issuing CA, or a profile that cannot be read.
    pub fn issuing_end_if_due(&self) -> Result<Option<OffsetDateTime>, HomeError> {
        let end = self.issuing()?.certificate().tbs().validity().not_after();
        let life = Duration::days(i64::from(self.profile(&self.settings().profile)?.days()));
        Ok((end - self.authority.doors().clock.now() < life + MARGIN).then_some(end))
    }

    /// Begins a change of root: makes the new root, an issuing CA below it, and the two cross-certificates. The old root
    /// stays in force.
    ///
    /// # Errors
    /// One is under way already, a key that is not here or whose passphrase is wrong, or a file or ledger that fails;
    /// nothing is changed then.
    pub fn begin_rotation(&mut self, next: NextRoot<'_>, passphrases: &dyn PassphraseSource) -> Result<(), HomeError> {
        self.authority.consider_change_of_root()?;
        let old = self.root_issuer(next.root_key, passphrases)?;
        let passphrase = self.issuing_passphrase(passphrases)?;
        let scope = self.authority.next_root_scope()?;
        let random = self.authority.doors().random.clone();
        let root_key = PrivateKey::generate(next.key, &*random)?;
        let issuing_key = PrivateKey::generate(next.key, &*random)?;
        let entrants = [
            Entrant { role: IssuerRole::Root, key: &root_key, protection: next.protection, outside: next.root_key_out },
            Entrant {
                role: IssuerRole::Issuing,
                key: &issuing_key,
                protection: of(passphrase.as_ref()),
                outside: None,
            },
        ];
        let _lock = self.hold()?;
        let new = NewRoot { scope: &scope, root_key: &root_key, issuing_key: &issuing_key };
        let candidates = self.authority.draft_change_of_root(&old, &new)?;
        admission::admit(&self.layout, &mut self.authority, candidates, &entrants)?;
        let Some(change) = self.authority.rotation() else { return Ok(()) };
        let issuing = self.authority.issuing_below(change.new).into_iter().next();
        for (ca, key) in std::iter::once((change.new, &root_key)).chain(issuing.map(|ca| (ca, &issuing_key))) {
            self.publish_crl_by(ca, &self.authority.issuer(ca, key.to_signing_key()?)?)?;
        }
        Ok(())
    }

    /// Makes the first CRL of the new root, where the command that made the root was stopped before it.
    ///
    /// # Errors
    /// A key that is not here or whose passphrase is wrong, or a file or ledger that fails.
    pub fn publish_missing_crl(&self, key: Option<&Path>, passphrases: &dyn PassphraseSource) -> Result<(), HomeError> {
        let Some(change) = self.authority.rotation() else { return Ok(()) };
        let is_missing = |state: &CrlState<'_>| state.ca.path() == change.new.path() && state.newest.is_none();
        if self.authority.crl_state()?.iter().any(is_missing) {
            self.publish_crl_by(change.new, &self.issuer_of(change.new, key, passphrases)?)?;
        }
        Ok(())
    }

    /// Puts the new root in force: what is issued from now on stands below it.
    ///
    /// # Errors
    /// No change of root is under way, the key of its issuing CA is not here, or a ledger that fails.
    pub fn cut_over(&mut self) -> Result<Effect, HomeError> {
        if let Some(change) = self.authority.rotation()
            && let Some(issuing) = self.authority.issuing_below(change.new).first()
        {
            let path = self.layout.issuing_key(issuing.ordinal());
            if !path.exists() {
                return Err(HomeError::NoIssuingKey { path });
            }
        }
        Ok(self.authority.cut_over()?)
    }

    /// Ends a change of root. Certificates in use that lead to the old root alone hold it up, unless that is to be so.
    ///
    /// # Errors
    /// None is under way, it is not cut over, the old root is needed still, or a ledger that fails.
    pub fn retire_root(&mut self, needed: StillNeeded) -> Result<Effect, HomeError> {
        if needed == StillNeeded::Refuse
            && let Some(change) = self.authority.rotation()
            && change.cut_over_at.is_some()
        {
            let in_use = self.authority.in_use_below(change.old, Page { limit: MOST_COUNTED, before: None })?;
            if !in_use.is_empty() {
                return Err(HomeError::OldRootInUse { certificates: in_use.len() });
            }
        }
        Ok(self.authority.retire_root()?)
    }

    /// Gives up a change of root that is not cut over.
    ///
    /// # Errors
    /// None is under way, it is cut over, or a ledger that fails.
    pub fn abandon_rotation(&mut self) -> Result<Effect, HomeError> {
        Ok(self.authority.abandon_rotation()?)
    }

    /// The root in force with its key, ready to sign.
    fn root_issuer(&self, key: Option<&Path>, passphrases: &dyn PassphraseSource) -> Result<Issuer, HomeError> {
        let key = self.named_root_key(key)?.read(passphrases)?.to_signing_key()?;
        Ok(self.authority.issuer(self.root()?, key)?)
    }

    /// The file of the key of the root in force: the one that is named, or the one in the home.
    ///
    /// # Errors
    /// None is named, and the key was taken away.
    pub fn named_root_key(&self, key: Option<&Path>) -> Result<KeyFile, HomeError> {
        match key {
            Some(path) => Ok(KeyFile::new(path, KeyPurpose::Root)),
            None => self.root_key_file(self.root()?),
        }
    }

    /// Opens the key of the root in force and sees that it is that root's.
    ///
    /// # Errors
    /// A key that is not here, another's, or one whose passphrase is wrong.
    pub fn check_root_key(&self, key: Option<&Path>, passphrases: &dyn PassphraseSource) -> Result<(), HomeError> {
        self.root_issuer(key, passphrases).map(|_| ())
    }

    /// The passphrase of the key that issues now, where it has one: the next key gets the same.
    pub(super) fn issuing_passphrase(
        &self,
        passphrases: &dyn PassphraseSource,
    ) -> Result<Option<Passphrase>, HomeError> {
        let file = self.key_file(CaKey::Issuing)?;
        if !file.path().exists() || !file.is_encrypted()? {
            return Ok(None);
        }
        let passphrase = passphrases.passphrase(&KeyPurpose::Issuing).map_err(crate::keys::KeyError::from)?;
        file.read(&Known(&passphrase))?;
        Ok(Some(passphrase))
    }

    /// Holds the home, finishes what was stopped, and sees what has changed since it was opened.
    pub(super) fn hold(&mut self) -> Result<DirectoryLock, HomeError> {
        let lock = DirectoryLock::acquire(self.layout.directory())?;
        self.authority.refresh()?;
        admission::finish(&self.layout, &self.authority)?;
        Ok(lock)
    }
}

/// What becomes of a retirement while the old root is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StillNeeded {
    /// It waits.
    Refuse,
    /// It is done all the same.
    Overrule,
}

/// A passphrase that was asked for once and is used twice.
struct Known<'a>(&'a Passphrase);

impl PassphraseSource for Known<'_> {
    fn passphrase(&self, _: &KeyPurpose) -> Result<Passphrase, crate::keys::PassphraseError> {
        Ok(self.0.clone())
    }
}

fn of(passphrase: Option<&Passphrase>) -> Protection<'_> {
    passphrase.map_or(Protection::FileMode, Protection::Passphrase)
}

/// How long before that the next issuing CA is wanted.
const MARGIN: Duration = Duration::days(90);
/// How many certificates in use are counted where one is enough to wait for.
const MOST_COUNTED: u32 = 1000;

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "rotation_found_tests.rs"]
mod found_tests;
