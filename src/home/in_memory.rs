//! The onboarding page's certificates: for one day, with keys that are in memory only, on the one road all the same.

use super::{error::HomeError, opened::Home};
use crate::{
    authority::{CaCertificate, Holder, IssuanceRequest, IssueError, Issuer, Lifetime, Lineage, Stage, Wish},
    keys::{KeyFile, KeyPurpose, PassphraseSource, PrivateKey},
    profile::{Profile, builtin},
    x509::{Certificate, KeyAlgorithm, SubjectAltNames},
};

/// Who can vouch for the onboarding page: an issuing CA below the root that devices shall have, and one below each root
/// that they may have instead.
pub struct PageIssuers {
    /// Below the root that devices shall trust.
    pub current: Issuer,
    /// Below earlier roots that devices may still trust, the newest first.
    pub earlier: Vec<Issuer>,
    /// The earlier roots that nobody here can vouch for, and why.
    pub left_out: Vec<LeftOut>,
}

/// An earlier root that the onboarding page cannot ask devices about.
pub struct LeftOut {
    /// The root.
    pub root: Certificate,
    /// Why.
    pub reason: HomeError,
}

/// A certificate and its key, which is gone with this value.
pub struct InMemory {
    /// The certificate, then the CAs above it, the root last.
    pub chain: Vec<Certificate>,
    /// The key.
    pub key: PrivateKey,
}

impl InMemory {
    /// The certificate itself.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.chain.first()
    }

    /// What a server sends: all but the root.
    pub fn sent(&self) -> impl Iterator<Item = &Certificate> {
        self.chain.iter().filter(|certificate| !certificate.tbs().is_self_issued())
    }

    /// The root.
    pub fn root(&self) -> Option<&Certificate> {
        self.chain.last()
    }
}

impl Home {
    /// Finds who can vouch for an onboarding page of these names; nothing is issued yet.
    ///
    /// # Errors
    /// A name that the CA may not vouch for, a wrong passphrase, or a key that cannot be read. What is wrong with an
    /// earlier root is no error: that root is left out.
    pub fn page_issuers(
        &self,
        names: &SubjectAltNames,
        passphrases: &dyn PassphraseSource,
    ) -> Result<PageIssuers, HomeError> {
        let begun = self.authority.rotation().filter(|change| change.stage == Stage::Begun);
        let (current, before) = match begun {
            // Devices shall have the new root already, though the old one is in force.
            Some(change) => (self.page_issuer_below(change.new, names, passphrases)?, Some(change.old)),
            None => (self.issuer(passphrases)?, None),
        };
        self.consider_page(&current, names)?;
        let (mut earlier, mut left_out) = (Vec::new(), Vec::new());
        for root in before.into_iter().chain(self.authority.earlier_roots()) {
            match self.page_issuer_below(root, names, passphrases) {
                Ok(issuer) => earlier.push(issuer),
                Err(reason) => left_out.push(LeftOut { root: root.certificate().clone(), reason }),
            }
        }
        Ok(PageIssuers { current, earlier, left_out })
    }

    /// Makes a key and issues a certificate of one day for it; neither is written to a file.
    ///
    /// # Errors
    /// What policy refuses, or a key or ledger that fails.
    pub fn issue_in_memory(&self, issuer: &Issuer, names: &SubjectAltNames) -> Result<InMemory, HomeError> {
        self.consider_page(issuer, names)?;
        let key = PrivateKey::generate(KeyAlgorithm::P256, &*self.authority.doors().random)?;
        let profile = page_profile()?;
        let request = IssuanceRequest {
            profile: &profile,
            holder: Holder::EndEntity(names.clone()),
            public_key: key.public_key().clone(),
            lifetime: ONE_DAY,
            lineage: Lineage::InMemory,
        };
        let signed = self.authority.sign(issuer, &[request])?.signed;
        self.authority.record(&signed)?;
        let mut chain = Vec::new();
        for signed in &signed {
            chain.push(Certificate::from_der(signed.as_der())?);
        }
        chain.extend(issuer.chain().iter().cloned());
        Ok(InMemory { chain, key })
    }

    /// The newest of the CAs below a root whose key is here and can be used.
    fn page_issuer_below(
        &self,
        root: &CaCertificate,
        names: &SubjectAltNames,
        passphrases: &dyn PassphraseSource,
    ) -> Result<Issuer, HomeError> {
        let mut reason = HomeError::NoIssuingKey { path: self.layout.issuing() };
        for ca in self.authority.issuing_below(root) {
            let path = self.layout.issuing_key(ca.ordinal());
            if !path.exists() {
                reason = HomeError::NoIssuingKey { path };
                continue;
            }
            let key = KeyFile::new(path, KeyPurpose::Issuing).read(passphrases)?.to_signing_key()?;
            let issuer = self.authority.issuer(ca, key)?;
            match self.consider_page(&issuer, names) {
                Ok(()) => return Ok(issuer),
                Err(refused) => reason = refused,
            }
        }
        Err(reason)
    }

    fn consider_page(&self, issuer: &Issuer, names: &SubjectAltNames) -> Result<(), HomeError> {
        let holder = Holder::EndEntity(names.clone());
        let wish = Wish { profile: &page_profile()?, holder: &holder, lifetime: ONE_DAY };
        Ok(self.authority.consider(issuer, &wish).map_err(IssueError::from)?)
    }
}

/// A server's, as it comes with the program: the operator's own profiles are for the operator's servers.
fn page_profile() -> Result<Profile, HomeError> {
    builtin(PROFILE)?.ok_or_else(|| HomeError::NoProfile { name: PROFILE.to_owned(), known: Vec::new() })
}

const PROFILE: &str = "server";
const ONE_DAY: Lifetime = Lifetime::Days(1);

#[cfg(test)]
#[path = "in_memory_tests.rs"]
mod tests;
