//! Keys under passphrases, as Easy-RSA and step leave them, and a CA that is named file by file.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    devices::accept,
    hand_made::{CA, EASYRSA, LEAF, easyrsa, signed},
    openssl_ca::openssl,
    other_programs::moved_in,
    support::{TestHome, tools::present},
};

/// A file that nobody else can read.
fn secret(path: PathBuf, text: &str) -> String {
    fs::write(&path, format!("{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Puts a key under a passphrase in the form that a command of openssl writes.
fn seal(key: &Path, command: &str, passphrase_file: &str) {
    let sealed = key.with_extension("sealed");
    openssl(&format!("{command} -in {} -passout file:{passphrase_file} -out {}", key.display(), sealed.display()));
    fs::rename(sealed, key).unwrap();
}

fn is_sealed(home: &TestHome) -> bool {
    fs::read_to_string(home.file("root/root.key.pem")).unwrap().starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----")
}

/// Easy-RSA puts the key under AES today, and under 3DES before its version 3.
#[test]
fn a_ca_of_easy_rsa_with_a_passphrase_moves_in() {
    if !present("a CA of Easy-RSA", &[EASYRSA.into()]) {
        return;
    }
    for cipher in ["-aes256", "-des3"] {
        let home = TestHome::empty();
        let pki = home.directory().join("pki");
        let old = secret(home.directory().join("old"), "open sesame");
        // Of one file openssl would take a second line for what it writes.
        let same = secret(home.directory().join("same"), "open sesame");
        let (reading, writing) = (format!("--passin=file:{old}"), format!("--passout=file:{same}"));
        easyrsa(&pki, &["init-pki"]);
        easyrsa(&pki, &[&reading, &writing, "--req-cn=Old VPN", "build-ca"]);
        easyrsa(&pki, &[&reading, "--subject-alt-name=DNS:hub.lan", "build-server-full", "hub.lan", "nopass"]);
        let key = pki.join("private/ca.key");
        if cipher == "-des3" {
            seal(&key, &format!("rsa -traditional -des3 -passin file:{old}"), &same);
            assert!(fs::read_to_string(&key).unwrap().contains("DEK-Info: DES-EDE3-CBC"));
        }
        assert!(fs::read_to_string(&key).unwrap().contains("ENCRYPTED"));
        let place = pki.to_str().unwrap();
        let nobody = home.hubca(&["--json", "import", "easy-rsa", place, "--no-passphrase"]).failed_with(1);
        assert_eq!(nobody.error()["kind"], "passphrase", "{nobody}");
        let new = secret(home.directory().join("new"), "another word");
        let words = ["easy-rsa", place, "--source-passphrase-file", &old, "--root-passphrase-file", &new];
        let report = moved_in(&home, &words, &pki, &pki.join("ca.crt"));
        assert_eq!((&report["root_key_encrypted"], is_sealed(&home)), (&json!(true), true), "{cipher}");
        accept(&pki.join("ca.crt"), &home, "hub.lan");
    }
}

/// `step ca init` writes the passphrase of both keys into a file beside them.
#[test]
fn a_ca_of_step_moves_in_by_its_password_file() {
    let home = TestHome::empty();
    let place = home.directory().join("step");
    let root = ["certs/root_ca.crt", "secrets/root_ca_key"];
    let below = ["certs/intermediate_ca.crt", "secrets/intermediate_ca_key"];
    signed(&place, None, "/O=Lab/CN=Lab_Root_CA", &CA.replace("CA:TRUE", "CA:TRUE,pathlen:1"), root);
    signed(&place, Some(root), "/O=Lab/CN=Lab_Intermediate_CA", &CA.replace("CA:TRUE", "CA:TRUE,pathlen:0"), below);
    let password = secret(place.join("secrets/password"), "open sesame");
    for [_, key] in [root, below] {
        seal(&place.join(key), "ec -aes256", &password);
        assert!(fs::read_to_string(place.join(key)).unwrap().contains("DEK-Info: AES-256-CBC"));
    }
    let step = place.to_str().unwrap();
    let wrong = secret(home.directory().join("wrong"), "open barley");
    let words = ["--json", "import", "step", step, "--no-passphrase", "--source-passphrase-file"];
    let refused = home.hubca(&[&words[..], &[&wrong]].concat()).failed_with(1);
    assert_eq!(refused.error()["kind"], "passphrase", "{refused}");
    assert!(!home.path().exists());
    let words = ["step", step, "--source-passphrase-file", &password];
    let report = moved_in(&home, &words, &place, &place.join(root[0]));
    let keys: Vec<_> = report["cas"].as_array().unwrap().iter().map(|ca| &ca["key"]).collect();
    assert_eq!((keys, &report["issuing"]["issuer"]), (vec![&json!(true), &json!(true)], &json!("issuing/2")));
}

/// Files of any names: a root whose key stays away, or is there as well.
#[test]
fn a_root_and_a_ca_below_it_move_in_by_the_names_of_their_files() {
    let place = tempfile::tempdir().unwrap();
    let (root, below) = (["r.pem", "r.key"], ["i.pem", "i.key"]);
    signed(place.path(), None, "/O=Lab/CN=Lab_Root_CA", CA, root);
    signed(place.path(), Some(root), "/O=Lab/CN=Lab_Issuing_CA", &CA.replace("CA:TRUE", "CA:TRUE,pathlen:0"), below);
    signed(place.path(), Some(below), "/CN=hub.lan", LEAF, ["leaf.pem", "leaf.key"]);
    let path = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let [root_cert, root_key, cert, key] = ["r.pem", "r.key", "i.pem", "i.key"].map(path);
    let named = ["pem", "--root-cert", &root_cert, "--issuing-cert", &cert, "--issuing-key", &key];
    let root = place.path().join("r.pem");

    let home = TestHome::empty();
    let report = moved_in(&home, &named, place.path(), &root);
    assert_eq!((&report["issuing"]["issuer"], &report["issuing"]["new"]), (&json!("issuing/1"), &json!(false)));
    assert!(!home.file("root/root.key.pem").exists());
    assert_eq!(
        fs::read(home.file("live/new.lan/chain.pem")).unwrap(),
        fs::read(home.file("issuing/1/ca.crt.pem")).unwrap()
    );
    // With the key of the root another one can be made below it.
    home.hubca(&["rotate", "issuing", "--root-key", &root_key]).succeeded();
    home.hubca(&["issue", "--dns", "next.lan"]).succeeded();
    accept(&root, &home, "next.lan");

    let home = TestHome::empty();
    let report = moved_in(&home, &[&named[..], &["--root-key", &root_key]].concat(), place.path(), &root);
    assert_eq!((&report["issuing"]["issuer"], &report["issuing"]["new"]), (&json!("issuing/2"), &json!(true)));

    let words = ["--json", "import", "pem", "--no-passphrase", "--root-cert", &root_cert, "--issuing-cert", &cert];
    let refused = TestHome::empty().hubca(&[&words[..], &["--issuing-key", &root_key]].concat()).failed_with(1);
    assert!(
        refused.error()["message"].as_str().unwrap().contains("is not that of `O=Lab, CN=Lab Issuing CA`"),
        "{refused}"
    );
    home.hubca(&words).failed_with(2);
}
