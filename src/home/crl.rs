//! CRLs at home: made while a CA's key is at hand, written to `crl/`, and made anew before they run out.

use std::path::{Path, PathBuf};

use super::{error::HomeError, layout::Layout, opened::Home};
use crate::{
    authority::{Authority, CaCertificate, Issuer, IssuerRole, SignedCrl},
    keys::{KeyFile, KeyPurpose, PassphraseSource},
    system::{
        DirectoryMode, FileMode,
        files::{self, Ownership, Placed, read_bounded},
    },
    x509::{CertificateList, CrlNumber, crl::signed_part, pem},
};

/// The files of a CA's newest CRL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlFiles {
    /// In DER, as a distribution point serves it (RFC 5280 4.2.1.13).
    pub der: PathBuf,
    /// In PEM, as nginx and openssl read it.
    pub pem: PathBuf,
}

/// A CRL that was made and written.
#[derive(Clone, Debug)]
pub struct PublishedCrl {
    /// Whose it is: `root/1`, `issuing/1`.
    pub issuer: String,
    /// Its number and dates.
    pub record: SignedCrl,
    /// How many certificates it lists.
    pub revoked: usize,
    /// Where it lies.
    pub files: CrlFiles,
}

/// What became of a CRL that was due.
#[derive(Debug)]
pub enum CrlOutcome {
    /// There is a new one.
    Made(PublishedCrl),
    /// The CA's key is not here, or nobody opens it: what is to be done by a person.
    KeyAway {
        /// Whose CRL it is.
        issuer: String,
        /// What is in the way.
        reason: HomeError,
    },
    /// It failed.
    Failed {
        /// Whose CRL it is.
        issuer: String,
        /// Why.
        reason: HomeError,
    },
}

impl CrlFiles {
    /// Room for a CRL of some millions of certificates.
    pub const MOST_BYTES: usize = 256 * 1024 * 1024;

    /// The files of a CA.
    pub fn of(layout: &Layout, ca: &CaCertificate) -> Self {
        Self { der: layout.crl(&ca.file_stem()), pem: layout.crl_pem(&ca.file_stem()) }
    }

    fn exist(&self) -> bool {
        self.der.exists() && self.pem.exists()
    }

    fn write(&self, list: &[u8]) -> Result<(), HomeError> {
        if let Some(parent) = self.der.parent() {
            make_directory(parent)?;
        }
        let text = pem::encode(pem::X509_CRL, list);
        // The one in DER last: its number tells which was published.
        let both = [Placed { path: &self.pem, content: text.as_bytes() }, Placed { path: &self.der, content: list }];
        Ok(files::replace_together(&both, FileMode::Secret, Ownership::default())?)
    }
}

impl Home {
    /// A CA with its key, ready to sign; `key` is where the key lies, if not in the home.
    ///
    /// # Errors
    /// A key that is not here, cannot be read, or is not that CA's.
    pub fn issuer_of(
        &self,
        ca: &CaCertificate,
        key: Option<&Path>,
        passphrases: &dyn PassphraseSource,
    ) -> Result<Issuer, HomeError> {
        let file = match (key, ca.role()) {
            (Some(path), IssuerRole::Root) => KeyFile::new(path, KeyPurpose::Root),
            (Some(path), _) => KeyFile::new(path, KeyPurpose::Issuing),
            (None, _) => self.issuing_key_file(ca)?,
        };
        let key = file.read(passphrases)?.to_signing_key()?;
        Ok(self.authority.issuer(ca, key)?)
    }

    /// The CA of a name: `root/1`, `issuing/1`; `root` alone and `issuing` alone are those in use.
    ///
    /// # Errors
    /// None of that name.
    pub fn ca_named(&self, name: &str) -> Result<&CaCertificate, HomeError> {
        let with_crls = || self.authority.cas().iter().filter(|ca| ca.issues_crls());
        match name {
            "root" => self.root(),
            "issuing" => self.issuing(),
            _ => with_crls().find(|ca| ca.path() == name).ok_or_else(|| HomeError::NoIssuer {
                name: name.to_owned(),
                known: with_crls().map(CaCertificate::path).collect(),
            }),
        }
    }

    /// Makes a CRL of all that a CA has revoked and writes it to its files.
    ///
    /// # Errors
    /// A key that is not here or whose passphrase is wrong, a CA that is not valid now, a file or ledger that fails.
    pub fn publish_crl(
        &self,
        ca: &CaCertificate,
        passphrases: &dyn PassphraseSource,
    ) -> Result<PublishedCrl, HomeError> {
        self.publish_crl_by(ca, &self.issuer_of(ca, None, passphrases)?)
    }

    /// The same with a key that is open already.
    ///
    /// # Errors
    /// As [`Home::publish_crl`].
    pub fn publish_crl_by(&self, ca: &CaCertificate, issuer: &Issuer) -> Result<PublishedCrl, HomeError> {
        publish(&self.layout, &self.authority, ca, issuer)
    }

    /// Makes every CRL anew that is half over, or does not say all that was revoked, where the key is at hand; and writes
    /// the files again that are missing. What is not due is left out of the answer, and so is a list of the future while the
    /// clock is behind the audit log: only a person can say which of them is right.
    ///
    /// # Errors
    /// A ledger that fails. What stands in the way of one CRL is no error: the others are made.
    pub fn renew_crls(&self, passphrases: &dyn PassphraseSource) -> Result<Vec<CrlOutcome>, HomeError> {
        let now = self.authority.doors().clock.now();
        let is_clock_behind = self.authority.clock_behind()?.is_some();
        let mut outcomes = Vec::new();
        for state in self.authority.crl_state()? {
            let ca = state.ca;
            let is_ahead = state.newest.is_some_and(|newest| newest.is_ahead(now));
            let waits = is_clock_behind && is_ahead && !state.is_behind();
            if (waits || !state.is_due(now)) && !self.is_lost(ca)? {
                continue;
            }
            // The list of a CA whose life is over concerns nobody, and one whose life has not begun signs none.
            if !ca.certificate().tbs().validity().contains(now) {
                continue;
            }
            let issuer = ca.path();
            outcomes.push(match self.publish_crl(ca, passphrases) {
                Ok(made) => CrlOutcome::Made(made),
                Err(reason) if reason.is_key_away() => CrlOutcome::KeyAway { issuer, reason },
                Err(reason) => CrlOutcome::Failed { issuer, reason },
            });
        }
        self.restore_crl_files()?;
        Ok(outcomes)
    }

    /// Whether a CRL has neither its files nor its bytes in the ledger, which keeps no long ones.
    fn is_lost(&self, ca: &CaCertificate) -> Result<bool, HomeError> {
        Ok(!CrlFiles::of(&self.layout, ca).exist() && self.authority.newest_crl(ca)?.is_none())
    }

    /// Writes the newest CRL of the ledger where its file is gone.
    fn restore_crl_files(&self) -> Result<(), HomeError> {
        for ca in self.authority.cas().iter().filter(|ca| ca.issues_crls()) {
            let files = CrlFiles::of(&self.layout, ca);
            if files.exist() {
                continue;
            }
            if let Some(list) = self.authority.newest_crl(ca)? {
                files.write(&list)?;
            }
        }
        Ok(())
    }
}

/// Makes a CRL and writes it where a home has it, or will.
pub(super) fn publish(
    layout: &Layout,
    authority: &Authority,
    ca: &CaCertificate,
    issuer: &Issuer,
) -> Result<PublishedCrl, HomeError> {
    let files = CrlFiles::of(layout, ca);
    let published = published_number(authority, ca, &files.der)?;
    let (record, list) = authority.sign_crl::<HomeError>(issuer, published, |list| files.write(list.as_der()))?;
    Ok(PublishedCrl { issuer: ca.path(), record, revoked: list.tbs().revoked().len(), files })
}

/// The number in a CA's file, where the ledger may not know of it: the ledger may come from a backup.
fn published_number(authority: &Authority, ca: &CaCertificate, path: &Path) -> Result<Option<CrlNumber>, HomeError> {
    let der = match read_bounded(path, CrlFiles::MOST_BYTES) {
        Ok(der) => der,
        Err(error) if error.is_missing() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if signed_part(&der).map_or(Ok(false), |signed| authority.is_newest_crl(ca, signed))? {
        return Ok(None);
    }
    // What this CA did not sign says nothing about its numbers, and is written over.
    let signed = CertificateList::from_der(&der)
        .ok()
        .filter(|list| list.verify_signed_by(ca.certificate().tbs().public_key()).is_ok());
    Ok(signed.and_then(|list| list.tbs().crl_number()))
}

fn make_directory(path: &Path) -> Result<(), HomeError> {
    match files::create_directory(path, DirectoryMode::Private) {
        Err(error) if error.is_exists() && path.is_dir() => Ok(()),
        made => Ok(made?),
    }
}

#[cfg(test)]
#[path = "crl_tests.rs"]
mod tests;
