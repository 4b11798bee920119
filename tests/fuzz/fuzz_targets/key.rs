#![no_main]
//! A private key in PEM, open or under the passphrase of the seeds: what is read signs, and is read again as it is written.

use hubca::keys::{Passphrase, PrivateKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = PrivateKey::is_encrypted(bytes);
    let Ok(key) = PrivateKey::from_pem(bytes, || Passphrase::new(b"sesame".to_vec())) else { return };
    assert!(PrivateKey::is_of(key.to_pem().unwrap().as_bytes(), key.public_key()));
    let again = PrivateKey::from_pem(key.to_pem().unwrap().as_bytes(), || unreachable!()).unwrap();
    assert_eq!(again.public_key(), key.public_key());
    // A key may be read and be of a kind that signs nothing here.
    let Ok(signing) = key.to_signing_key() else { return };
    let signature = signing.sign(bytes).unwrap();
    key.public_key().verify(signing.signature_algorithm(), bytes, &signature).unwrap();
});
