//! A certificate, its key and its chain in one encrypted file: PKCS#12, RFC 7292.

use p12_keystore::{EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKeyChain};
use thiserror::Error;

use super::{artifact::Artifact, password::Password};
use crate::{keys::PrivateKey, x509::Certificate};

/// Who proves with a key to be whom.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// What it is called: the friendly name in the file, and the file's own.
    pub label: &'a str,
    /// The private key.
    pub key: &'a PrivateKey,
    /// The certificate of that key.
    pub certificate: &'a Certificate,
    /// The CAs above it, without the root: a device does not trust a root for lying in such a file.
    pub chain: &'a [Certificate],
}

/// How the file is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC, and an HMAC-SHA256 over it.
    Modern,
    /// Triple DES and SHA-1, which is all that Apple systems before iOS 18 and macOS 15 read.
    Legacy,
}

/// Why there is no such file.
#[derive(Debug, Error)]
pub enum Pkcs12Error {
    /// The key is not that of the certificate.
    #[error("the private key is not that of the certificate of `{0}`")]
    OtherKey(String),
    /// The file could not be put together.
    #[error("the PKCS#12 file could not be made")]
    Make(#[source] p12_keystore::error::Error),
}

/// `<label>.p12`: for its owner alone, and other bytes each time, for its salts are random.
///
/// # Errors
/// A key that is not the certificate's.
pub fn identity(identity: Identity<'_>, password: &Password, encryption: Encryption) -> Result<Artifact, Pkcs12Error> {
    let Identity { label, key, certificate, chain } = identity;
    if key.public_key() != certificate.tbs().public_key() {
        return Err(Pkcs12Error::OtherKey(label.to_owned()));
    }
    let certificates = std::iter::once(certificate)
        .chain(chain)
        .map(|certificate| p12_keystore::Certificate::from_der(certificate.as_der()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Pkcs12Error::Make)?;
    let private_key = p12_keystore::PrivateKey::from_der(key.pkcs8_der()).map_err(Pkcs12Error::Make)?;
    let mut store = KeyStore::new();
    let entry = PrivateKeyChain::new(certificate.sha256().as_slice(), private_key, certificates);
    store.add_entry(label, KeyStoreEntry::PrivateKeyChain(entry));
    let (cipher, mac) = match encryption {
        Encryption::Modern => (EncryptionAlgorithm::PbeWithHmacSha256AndAes256, MacAlgorithm::HmacSha256),
        Encryption::Legacy => (EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc, MacAlgorithm::HmacSha1),
    };
    let bytes = store
        .writer(password.reveal())
        .encryption_algorithm(cipher)
        .encryption_iterations(ROUNDS)
        .mac_algorithm(mac)
        .mac_iterations(ROUNDS)
        .write()
        .map_err(Pkcs12Error::Make)?;
    Ok(Artifact::secret(format!("{label}.p12"), MEDIA_TYPE, bytes))
}

/// The registered type; Apple devices, Android and Windows know it.
const MEDIA_TYPE: &str = "application/x-pkcs12";
/// As many as Windows takes: it stops at 600,000 for the certificates, the key and the MAC together. Fuzzing makes
/// thousands.
const ROUNDS: u32 = if cfg!(fuzzing) { 1_000 } else { 150_000 };

#[cfg(test)]
mod tests {
    use p12_keystore::Pkcs12ImportPolicy;

    use super::*;
    use crate::{
        keys::PassphraseError,
        system::{FileMode, SystemRandom},
        x509::pem,
    };

    fn certificate(text: &str) -> Certificate {
        Certificate::from_der(&pem::parse(text.as_bytes()).unwrap().remove(0).contents).unwrap()
    }

    fn key(text: &str) -> PrivateKey {
        PrivateKey::from_pem(text.as_bytes(), || Err(PassphraseError::Empty)).unwrap()
    }

    #[test]
    fn what_goes_in_comes_out_under_the_password_alone() {
        let leaf = certificate(include_str!("../../tests/fixtures/pki/leaf.crt.pem"));
        let issuing = certificate(include_str!("../../tests/fixtures/pki/issuing.crt.pem"));
        let key = key(include_str!("../../tests/fixtures/pki/leaf.key.pem"));
        let password = Password::generate(&SystemRandom).unwrap();
        let hub = Identity { label: "hub.lan", key: &key, certificate: &leaf, chain: std::slice::from_ref(&issuing) };
        for encryption in [Encryption::Modern, Encryption::Legacy] {
            let artifact = identity(hub, &password, encryption).unwrap();
            assert_eq!((artifact.file_name(), artifact.mode()), ("hub.lan.p12", FileMode::Secret));
            let read = |password| {
                KeyStore::from_pkcs12(artifact.contents(), password, Pkcs12ImportPolicy::Strict).map_err(|_| ())
            };
            let store = read(password.reveal()).unwrap();
            let (label, chain) = store.private_key_chain().unwrap();
            assert_eq!(label, "hub.lan");
            assert_eq!(chain.key().as_der(), key.pkcs8_der());
            let certificates: Vec<_> = chain.certs().iter().map(p12_keystore::Certificate::as_der).collect();
            assert_eq!(certificates, [leaf.as_der(), issuing.as_der()]);
            assert!(read("").is_err() && read("another").is_err());
        }
    }

    #[test]
    fn the_key_of_another_certificate_is_refused() {
        let leaf = certificate(include_str!("../../tests/fixtures/pki/leaf.crt.pem"));
        let key = key(include_str!("../../tests/fixtures/pki/rsa.pkcs1.pem"));
        let password = Password::generate(&SystemRandom).unwrap();
        let hub = Identity { label: "hub.lan", key: &key, certificate: &leaf, chain: &[] };
        assert!(matches!(identity(hub, &password, Encryption::Modern), Err(Pkcs12Error::OtherKey(_))));
    }
}
