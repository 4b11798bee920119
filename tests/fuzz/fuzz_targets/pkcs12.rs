#![no_main]
//! PKCS#12, which is written and never read: under any label and password it opens again, and only so.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use hubca::{
    export::{
        Password,
        pkcs12::{Encryption, Identity, identity},
    },
    keys::PrivateKey,
    x509::{Certificate, pem},
};
use hubca_fuzz::tell;
use libfuzzer_sys::fuzz_target;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};

struct Owner {
    key: PrivateKey,
    certificate: Certificate,
}

static OWNER: LazyLock<Owner> = LazyLock::new(|| {
    let certificate = &pem::parse(include_bytes!("../../fixtures/pki/leaf.crt.pem")).unwrap()[0];
    Owner {
        key: PrivateKey::from_pem(include_bytes!("../../fixtures/pki/leaf.key.pem"), || unreachable!()).unwrap(),
        certificate: Certificate::from_der(&certificate.contents).unwrap(),
    }
});

fuzz_target!(|bytes: &[u8]| {
    tell(bytes);
    let mut bytes = Unstructured::new(bytes);
    let Ok((label, word, is_modern)) = <(String, String, bool)>::arbitrary(&mut bytes) else { return };
    let Ok(password) = password(&word) else { return };
    let Owner { key, certificate } = &*OWNER;
    let encryption = if is_modern { Encryption::Modern } else { Encryption::Legacy };
    let owner = Identity { label: &label, key, certificate, chain: &[] };
    let made = identity(owner, &password, encryption).unwrap();
    let read = |word: &str| KeyStore::from_pkcs12(made.contents(), word, Pkcs12ImportPolicy::Strict);
    let store = read(password.reveal()).unwrap();
    let (friendly, chain) = store.private_key_chain().unwrap();
    assert_eq!((friendly, chain.key().as_der()), (label.as_str(), key.pkcs8_der()));
    assert!(read(&format!("{word}.")).is_err());
});

/// As a file gives it.
fn password(word: &str) -> Result<Password, hubca::export::PasswordError> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("word");
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    file.unwrap().write_all(word.as_bytes()).unwrap();
    Password::from_file(&path)
}
