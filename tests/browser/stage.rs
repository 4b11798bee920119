//! The stage: a home with one root or two, and where its page and its proof are.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::support::TestHome;
use crate::support::shared::Shared;
use hubca::authority::{Authority, Doors, Ledger, NewRoot};
use hubca::keys::PrivateKey;
use hubca::profile::Scope;
use hubca::system::{SystemClock, SystemRandom};
use hubca::x509::template::Criticality;
use hubca::x509::{KeyAlgorithm, pem};

/// The address of the page.
pub(crate) fn page(shared: &Shared) -> String {
    format!("http://127.0.0.1:{}/", shared.port)
}

/// Where trust is proven, without what stands before the host.
pub(crate) fn probe(shared: &Shared) -> String {
    format!("127.0.0.1:{}", shared.tls_port)
}

/// The newest root of a home, as a file that a store takes.
pub(crate) fn root(home: &TestHome) -> PathBuf {
    let second = home.file("root/2/root.crt.pem");
    if second.exists() { second } else { home.file("root/root.crt.pem") }
}

/// Gives a home a second root, as a change of root will: the file of the first one, which devices may still trust.
pub(crate) fn with_second_root(home: &TestHome) -> PathBuf {
    let former = home.directory().join("former-root.pem");
    std::fs::copy(root(home), &former).unwrap();
    let doors = Doors { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) };
    let key = || PrivateKey::generate(KeyAlgorithm::P256, &SystemRandom).unwrap();
    let (root_key, issuing_key) = (key(), key());
    let scope = Scope::private(None, &[], Criticality::Critical).unwrap();
    let authority = Authority::open(Ledger::open(&home.file("ledger.db")).unwrap(), doors).unwrap();
    let new = NewRoot { scope: &scope, root_key: &root_key, issuing_key: &issuing_key };
    let authority = authority.add_root(&new).unwrap();
    let issuing = authority.issuing().unwrap();
    let directory = home.file("issuing").join(issuing.ordinal().to_string());
    std::fs::create_dir(&directory).unwrap();
    write(&directory.join("ca.key.pem"), &issuing_key.to_pem().unwrap());
    let text = |ca: &hubca::authority::CaCertificate| pem::encode(pem::CERTIFICATE, ca.certificate().as_der());
    write(&directory.join("ca.crt.pem"), &text(issuing));
    std::fs::create_dir(home.file("root/2")).unwrap();
    write(&home.file("root/2/root.crt.pem"), &text(authority.root().unwrap()));
    former
}

fn write(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}
