//! Old CAs: made by Easy-RSA and mkcert themselves, or by openssl as minica and step put them.

use std::{path::Path, process::Command};

use crate::openssl_ca::openssl;

/// A command of Easy-RSA for one CA.
#[track_caller]
pub(crate) fn easyrsa(pki: &Path, words: &[&str]) {
    let output = Command::new(EASYRSA)
        .args(["--batch", &format!("--pki-dir={}", pki.display())])
        .args(words)
        .current_dir(pki.parent().unwrap())
        .env("EASYRSA_PKI", pki)
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "easyrsa {words:?}: {}", String::from_utf8_lossy(&told));
}

pub(crate) const EASYRSA: &str = "/usr/share/easy-rsa/easyrsa";

/// mkcert makes its CA in a directory, and there a certificate for a name: `hub.pem` and `hub-key.pem`.
#[track_caller]
pub(crate) fn mkcert(caroot: &Path, name: &str) {
    std::fs::create_dir_all(caroot).unwrap();
    let output = Command::new("mkcert")
        .args(["-cert-file", "hub.pem", "-key-file", "hub-key.pem", name])
        .current_dir(caroot)
        .env("CAROOT", caroot)
        .env("TRUST_STORES", "none")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A root and a CA below it, or a leaf of it, as openssl makes them.
pub(crate) fn signed(
    directory: &Path,
    issuer: Option<[&str; 2]>,
    subject: &str,
    extensions: &str,
    [cert, key]: [&str; 2],
) {
    let path = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    for name in [cert, key] {
        std::fs::create_dir_all(directory.join(name).parent().unwrap()).unwrap();
    }
    openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out {}", path(key)));
    let ending = match issuer {
        Some([ca, ca_key]) => format!("-CA {} -CAkey {}", path(ca), path(ca_key)),
        None => String::new(),
    };
    let config = path("x.cnf");
    std::fs::write(&config, format!("[x]\n{extensions}\n")).unwrap();
    openssl(&format!("req -new -key {} -subj {subject} -out {}", path(key), path("x.csr")));
    let signer = if issuer.is_some() { ending } else { format!("-signkey {}", path(key)) };
    openssl(&format!(
        "x509 -req -in {} {signer} -days 800 -sha256 -extfile {config} -extensions x -out {}",
        path("x.csr"),
        path(cert)
    ));
    for name in ["x.csr", "x.cnf"] {
        std::fs::remove_file(directory.join(name)).unwrap();
    }
}

pub(crate) const CA: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid";
pub(crate) const LEAF: &str = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:hub.lan\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid";
