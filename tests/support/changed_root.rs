//! A home whose CA has had another root before.

#![allow(dead_code, reason = "each test target uses another part of this module")]

use std::{fs, sync::Arc};

use hubca::{
    authority::{Authority, Doors, Ledger, NewRoot},
    keys::{KeyFile, KeyPurpose, PrivateKey, Protection},
    system::{SystemClock, SystemRandom},
    x509::{KeyAlgorithm, pem},
};

use super::TestHome;

/// Gives the CA of a home a further root: by hand what a command for it will do. The earlier root, in PEM.
pub(crate) fn change_root(home: &TestHome) -> String {
    let earlier = fs::read_to_string(home.file("root/root.crt.pem")).unwrap();
    let doors = Doors { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) };
    let authority = Authority::open(Ledger::open(&home.file("ledger.db")).unwrap(), doors).unwrap();
    let key = || PrivateKey::generate(KeyAlgorithm::P256, &SystemRandom).unwrap();
    let (root_key, issuing_key, scope) = (key(), key(), authority.scope().unwrap());
    let new = NewRoot { scope: &scope, root_key: &root_key, issuing_key: &issuing_key };
    let authority = authority.add_root(&new).unwrap();
    fs::create_dir(home.file("issuing/2")).unwrap();
    let file = KeyFile::new(home.file("issuing/2/ca.key.pem"), KeyPurpose::Issuing);
    file.write_new(&issuing_key, Protection::FileMode, &SystemRandom).unwrap();
    let root = pem::encode(pem::CERTIFICATE, authority.root().unwrap().certificate().as_der());
    fs::create_dir(home.file("root/2")).unwrap();
    fs::write(home.file("root/2/root.crt.pem"), root).unwrap();
    earlier
}
