//! The newest certificate of a label with its private key and its chain: what a server shows, or a device.

use super::{error::HomeError, opened::Home};
use crate::{
    authority::{CertificateRecord, Status},
    keys::{KeyError, KeyFile, KeyPurpose, PassphraseSource, PrivateKey},
    system::files::read_bounded,
    x509::{Certificate, pem},
};

/// A certificate whose private key is kept in the home.
pub struct Kept {
    /// Its row in the ledger.
    pub record: CertificateRecord,
    /// The certificate.
    pub certificate: Certificate,
    /// Its private key.
    pub key: PrivateKey,
    /// The CAs above it, nearest first, without the root.
    pub chain: Vec<Certificate>,
}

impl Home {
    /// The newest certificate of a label, which has to be good, as its CA has to be, and what is kept with it.
    ///
    /// # Errors
    /// There is none, it is not good any more, its key is not kept here, or a file or the ledger fails.
    pub fn kept(&self, label: &str, passphrases: &dyn PassphraseSource) -> Result<Kept, HomeError> {
        let newest = self.authority.by_label(label, 1)?.pop();
        let newest = newest.ok_or_else(|| HomeError::NoCertificate { label: label.to_owned() })?;
        if !newest.has_begun(self.authority.doors().clock.now()) {
            return Err(HomeError::NotBegun { label: label.to_owned(), from: newest.not_before });
        }
        if self.authority.is_issuer_revoked(&newest)? {
            return Err(HomeError::IssuerRevoked { label: label.to_owned() });
        }
        self.kept_by(newest, passphrases)
    }

    /// What is kept with a certificate, which has to be good.
    pub(super) fn kept_by(
        &self,
        record: CertificateRecord,
        passphrases: &dyn PassphraseSource,
    ) -> Result<Kept, HomeError> {
        let label = record.label.as_deref().unwrap_or_default();
        let status = record.status(self.authority.doors().clock.now());
        if status != Status::Good {
            return Err(HomeError::NotGood { label: label.to_owned(), status });
        }
        let no_key = || HomeError::NoKey { label: label.to_owned() };
        let generation = record.generation.ok_or_else(no_key)?;
        let certificate = record.parse()?.ok_or_else(no_key)?;
        let directory = self.layout.generation(label, generation);
        let key_path = directory.join("privkey.pem");
        let key = KeyFile::new(&key_path, KeyPurpose::Other(key_path.clone())).read(passphrases)?;
        if key.public_key() != certificate.tbs().public_key() {
            return Err(KeyError::OtherKey { path: key_path }.into());
        }
        let chain_path = directory.join("chain.pem");
        let chain = read_bounded(&chain_path, MOST_BYTES)?;
        let blocks = pem::parse(&chain).map_err(|_| HomeError::Mismatch { path: chain_path })?;
        let chain = blocks.iter().map(|block| Certificate::from_der(&block.contents)).collect::<Result<_, _>>()?;
        Ok(Kept { record, certificate, key, chain })
    }
}

/// Room for a chain of CAs with all their names.
const MOST_BYTES: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::super::test_ca::{NoPassphrase, TestCa};
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_label_gives_its_newest_certificate_with_key_and_chain() {
        let ca = TestCa::new();
        ca.issue(&["hub.local"]).unwrap();
        let second = ca.issue(&["hub.local"]).unwrap();
        let kept = ca.home.kept("hub.local", &NoPassphrase).unwrap();
        assert_eq!(kept.certificate.fingerprint(), second.sha256);
        assert_eq!(kept.key.public_key(), kept.certificate.tbs().public_key());
        assert_eq!(&kept.chain, &[ca.home.issuing().unwrap().certificate().clone()]);
    }

    #[test]
    fn what_is_over_or_was_never_kept_is_not_handed_out() {
        let ca = TestCa::new();
        ca.issue(&["hub.local"]).unwrap();
        assert!(matches!(ca.home.kept("nas.lan", &NoPassphrase), Err(HomeError::NoCertificate { .. })));
        ca.clock.advance(Duration::from_secs(400 * 86_400));
        let over = ca.home.kept("hub.local", &NoPassphrase).err().unwrap();
        assert!(matches!(over, HomeError::NotGood { status: Status::Expired, .. }));
    }

    #[test]
    fn a_key_of_something_else_is_found() {
        let ca = TestCa::new();
        let (hub, nas) = (ca.issue(&["hub.local"]).unwrap(), ca.issue(&["nas.lan"]).unwrap());
        std::fs::copy(nas.files.unwrap().key, hub.files.unwrap().key).unwrap();
        let other = ca.home.kept("hub.local", &NoPassphrase).err().unwrap();
        assert!(matches!(other, HomeError::Key(KeyError::OtherKey { .. })));
    }
}
