//! A CA that was made after the backup comes back: its certificate, and its key where that was found, to their places, and its rows to
//! the ledger.

use super::{
    admission::{self, Found},
    adoption::Foundling,
    error::HomeError,
    opened::Home,
};
use crate::{
    authority::{AdoptError, Adoption, CaAdoptee, CaAdoption, CaCertificate, KeyFound},
    keys::{KeyFile, KeyPurpose, PassphraseSource, PrivateKey, Protection},
    system::{DirectoryMode, files},
};

/// What becomes of each CA that was found.
type Planned = Vec<Result<CaAdoption, AdoptError>>;

impl Home {
    /// What would become of the CAs that were found.
    ///
    /// # Errors
    /// A ledger that fails, or something else where one would be.
    pub(super) fn plan_cas(&self, found: &[&Foundling<'_>]) -> Result<Planned, HomeError> {
        let planned = self.authority.plan_cas(&adoptees(found))?;
        for ca in planned.iter().flatten() {
            if let CaAdoption::Entered(ca) = ca {
                self.refuse_in_the_way(ca)?;
            }
        }
        Ok(planned)
    }

    /// Enters the CAs that were found and can be. Those that are known get their keys, where these were missing.
    ///
    /// # Errors
    /// As [`Home::adopt`].
    pub(super) fn adopt_cas(
        &mut self,
        found: &[&Foundling<'_>],
        passphrases: &dyn PassphraseSource,
    ) -> Result<Vec<Result<Adoption, AdoptError>>, HomeError> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let passphrase = match self.plan_cas(found)?.iter().zip(found).any(|(ca, one)| self.takes_key(ca, one)) {
            true => self.issuing_passphrase(passphrases)?,
            false => None,
        };
        let protection = passphrase.as_ref().map_or(Protection::FileMode, Protection::Passphrase);
        let _lock = self.hold()?;
        let planned = self.plan_cas(found)?;
        let mut entering = Vec::new();
        for (ca, one) in planned.iter().zip(found) {
            if let Ok(CaAdoption::Entered(ca)) = ca {
                entering.push(Found { ca, key: one.key.map(|key| (key, protection)) });
            }
        }
        if !entering.is_empty() {
            admission::admit_found(&self.layout, &mut self.authority, &entering, |authority| {
                authority.enter_cas(&adoptees(found), &planned)
            })?;
        }
        let mut told = Vec::new();
        for (ca, one) in planned.into_iter().zip(found) {
            let brought = match (&ca, one.key) {
                (Ok(CaAdoption::Known(known)), Some(key)) if self.takes_key(&ca, one) => Some((known.clone(), key)),
                _ => None,
            };
            told.push(self.told_of_ca(ca, one));
            if let Some((known, key)) = brought {
                self.bring_key(&known, key, protection)?;
            }
        }
        Ok(told)
    }

    /// What is told of a CA that was found.
    pub(super) fn told_of_ca(
        &self,
        planned: Result<CaAdoption, AdoptError>,
        one: &Foundling<'_>,
    ) -> Result<Adoption, AdoptError> {
        let takes_key = self.takes_key(&planned, one);
        Ok(match planned? {
            CaAdoption::Entered(ca) => Adoption::Ca { ca: ca.path(), set_aside: ca.set_aside() },
            CaAdoption::Known(ca) if takes_key => {
                Adoption::Ca { ca: ca.path(), set_aside: self.authority.set_aside_with_key(&ca) }
            }
            CaAdoption::Known(_) => Adoption::Known,
        })
    }

    /// Whether the key that was found with a CA is kept here from now on.
    fn takes_key(&self, planned: &Result<CaAdoption, AdoptError>, one: &Foundling<'_>) -> bool {
        one.key.is_some()
            && match planned {
                Ok(CaAdoption::Entered(_)) => true,
                Ok(CaAdoption::Known(ca)) => ca.is_keyless() || !self.layout.issuing_key(ca.ordinal()).exists(),
                Err(_) => false,
            }
    }

    /// The key first: if this is stopped before the ledger says that it is here, the same again says so.
    fn bring_key(&mut self, ca: &CaCertificate, key: &PrivateKey, protection: Protection<'_>) -> Result<(), HomeError> {
        let file = KeyFile::new(self.layout.issuing_key(ca.ordinal()), KeyPurpose::Issuing);
        if !file.path().exists() {
            let private = files::create_directory(&self.layout.issuing_of(ca.ordinal()), DirectoryMode::Private);
            private.or_else(|error| if error.is_exists() { Ok(()) } else { Err(error) })?;
            file.write_new(key, protection, &*self.authority.doors().random)?;
        }
        Ok(self.authority.note_ca_key(ca)?)
    }

    /// Nothing that lies where a CA would be is written over, or taken for its key.
    fn refuse_in_the_way(&self, ca: &CaCertificate) -> Result<(), HomeError> {
        let path = self.layout.issuing_of(ca.ordinal());
        if path.exists() { Err(HomeError::CaInTheWay { path, ca: ca.path() }) } else { Ok(()) }
    }
}

fn adoptees<'a>(found: &[&Foundling<'a>]) -> Vec<CaAdoptee<'a>> {
    let adoptees = found.iter().map(|Foundling { certificate, key, .. }| CaAdoptee {
        certificate,
        key: if key.is_some() { KeyFound::Yes } else { KeyFound::No },
    });
    adoptees.collect()
}
