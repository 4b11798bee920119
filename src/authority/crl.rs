//! The road to a CRL: draft, clear, reserve, sign, record, publish. `docs/revocation.md` tells it.

use thiserror::Error;
use time::Duration;

use super::{
    ca::{Authority, CaCertificate},
    crl_ledger::{Revocations, SignedCrl},
    issuer::{Issuer, IssuerError},
    ledger_error::LedgerError,
};
use crate::{
    lint::{ClearedCrl, CrlCircumstances, CrlDefect, clear_crl},
    store::StoreError,
    x509::{Certificate, CertificateError, CertificateList, CrlNumber, CrlTemplate},
};

/// Why there is no CRL.
#[derive(Debug, Error)]
pub enum CrlError {
    /// A rule speaks against it.
    #[error("the CRL would break a rule")]
    Defect(#[from] CrlDefect),
    /// The CA's own certificate is not valid now.
    #[error("the CA `{issuer}` is valid from {not_before} to {not_after}, and the clock says {now}")]
    IssuerNotValid {
        /// The CA's name.
        issuer: String,
        /// When it starts.
        not_before: time::Date,
        /// When it ends.
        not_after: time::Date,
        /// The clock's date.
        now: time::Date,
    },
    /// There is no higher number: somebody wrote the highest of all into the file.
    #[error("the last CRL has the highest number that there is")]
    NoNumber,
    /// The ledger did not take it down.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The issuer did not sign.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// It cannot be encoded.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl From<StoreError> for CrlError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

impl Authority {
    /// Makes a CRL of everything that an issuer has revoked, and calls `publish` with it before it is recorded. Its
    /// number is above the last and above `published`: what the ledger does not know of, where it was restored from a
    /// backup, stands in a file still.
    ///
    /// # Errors
    /// A CA that is not valid now, a ledger or key that fails, or what `publish` returns.
    pub fn sign_crl<E: From<CrlError> + From<LedgerError> + From<StoreError>>(
        &self,
        issuer: &Issuer,
        published: Option<CrlNumber>,
        publish: impl FnOnce(&CertificateList) -> Result<(), E>,
    ) -> Result<(SignedCrl, CertificateList), E> {
        let not_a_ca = || CrlError::from(IssuerError::NotACa(issuer.name().to_string()));
        let own = issuer.chain().first().ok_or_else(not_a_ca)?;
        self.glance_at([])?;
        let now = self.doors.clock.now();
        let reserved = self.ledger.reserve_crl(issuer.id(), now, |revocations| {
            draft(issuer, own, Revocations { last: revocations.last.max(published), ..revocations })
        })?;
        let signed = issuer.sign_crl(reserved).map_err(CrlError::from)?;
        let record = self.ledger.record_crl(&signed, now, publish)?;
        Ok((record, signed.into_list()))
    }

    /// Whether an issuer's newest CRL is the one of which `tbs` is what was signed.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn is_newest_crl(&self, ca: &CaCertificate, tbs: &[u8]) -> Result<bool, LedgerError> {
        self.ledger.is_newest_crl(ca.id(), tbs)
    }

    /// The bytes of an issuer's newest CRL, if the ledger keeps them.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn newest_crl(&self, ca: &CaCertificate) -> Result<Option<Vec<u8>>, LedgerError> {
        self.ledger.newest_crl(ca.id())
    }
}

fn draft(issuer: &Issuer, own: &Certificate, revocations: Revocations) -> Result<ClearedCrl, CrlError> {
    let this_update = revocations.now;
    let outer = own.tbs().validity();
    if !outer.contains(this_update) {
        return Err(CrlError::IssuerNotValid {
            issuer: issuer.name().to_string(),
            not_before: outer.not_before().date(),
            not_after: outer.not_after().date(),
            now: this_update.date(),
        });
    }
    let last = revocations.last;
    let number = CrlNumber::after(last, this_update);
    let template = CrlTemplate {
        issuer: issuer.name().clone(),
        authority_key_identifier: issuer.key_identifier().ok_or(CrlDefect::KeyIdentifier)?,
        signature_algorithm: issuer.signature_algorithm(),
        number: number.ok_or(CrlError::NoNumber)?,
        this_update,
        next_update: this_update + lifetime(own),
        revoked: revocations.entries,
    };
    let circumstances = CrlCircumstances { issuer: own, last, now: this_update };
    Ok(clear_crl(template.encode()?, &circumstances)?)
}

/// What lists servers is made anew each week. What lists CAs only is made with a key that is taken away in between.
fn lifetime(ca: &Certificate) -> Duration {
    if ca.tbs().lists_cas_only() { Duration::days(365) } else { Duration::days(7) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        authority::{
            CrlState,
            ledger::Ledger,
            tests::{doors, establish_with},
        },
        keys::PrivateKey,
        system::SystemRandom,
        x509::KeyAlgorithm,
    };

    #[test]
    fn of_two_at_once_the_one_with_the_higher_number_stays_published() {
        let directory = tempfile::tempdir().unwrap();
        let key = PrivateKey::generate(KeyAlgorithm::P256, &SystemRandom).unwrap();
        let root_key = PrivateKey::generate(KeyAlgorithm::P256, &SystemRandom).unwrap();
        let authority = establish_with(Ledger::create(&directory.path().join("ledger.db")).unwrap(), &root_key, &key);
        let (issuing, now) = (authority.issuing().unwrap(), doors().clock.now());
        let issuer = authority.issuer(issuing, key.to_signing_key().unwrap()).unwrap();
        let own = issuer.chain().first().unwrap();
        let reserve = || {
            let draft = |revocations| draft(&issuer, own, revocations);
            issuer.sign_crl(authority.ledger.reserve_crl::<CrlError>(issuer.id(), now, draft).unwrap()).unwrap()
        };
        let (first, second) = (reserve(), reserve());
        let published = std::cell::RefCell::new(Vec::new());
        let record = |signed| {
            let publish = |list: &CertificateList| {
                published.borrow_mut().push(list.as_der().to_vec());
                Ok::<_, CrlError>(())
            };
            authority.ledger.record_crl(signed, now, publish).unwrap().number
        };
        let (later, earlier) = (record(&second), record(&first));
        assert!(later > earlier);
        let second = second.into_list();
        assert_eq!(*published.borrow(), [second.as_der()]);
        let state = authority.crl_state().unwrap();
        let newest =
            state.iter().find_map(|CrlState { ca, newest, .. }| (ca.id() == issuer.id()).then_some(newest.as_ref()));
        assert_eq!(newest.flatten().map(|newest| newest.number), Some(later));
        assert_eq!(authority.newest_crl(issuing).unwrap().as_deref(), Some(second.as_der()));
        assert!(authority.is_newest_crl(issuing, second.tbs().as_der()).unwrap());
        assert!(!authority.is_newest_crl(issuing, first.into_list().tbs().as_der()).unwrap());
    }
}
