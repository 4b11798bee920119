//! Easy-RSA and mkcert made it, or files lie as minica and step put them.

use std::path::Path;

use serde_json::{Value, json};

use crate::devices::{accept, revoked};
use crate::hand_made::{CA, EASYRSA, LEAF, easyrsa, mkcert, signed};
use crate::support::TestHome;
use crate::support::tools::{commands, present};
use crate::tree::Tree;

/// Moves a CA in, sees that its files are as they were, and that devices with its root accept what is issued afterwards.
#[track_caller]
pub(crate) fn moved_in(home: &TestHome, words: &[&str], directory: &Path, root: &Path) -> Value {
    let before = Tree::of(directory);
    let mut line = vec!["--json", "import"];
    line.extend(words);
    if !words.contains(&"--root-passphrase-file") {
        line.push("--no-passphrase");
    }
    let report = home.hubca(&line).succeeded().json();
    assert_eq!(Tree::of(directory), before);
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(root, home, "new.lan");
    home.hubca(&["audit", "verify"]).succeeded();
    report
}

#[test]
fn a_ca_of_easy_rsa_moves_in() {
    if !present("a CA of Easy-RSA", &[EASYRSA.into()]) {
        return;
    }
    let home = TestHome::empty();
    let pki = home.directory().join("pki");
    let easyrsa = |words: &[&str]| easyrsa(&pki, words);
    easyrsa(&["init-pki"]);
    easyrsa(&["--req-cn=Old VPN", "build-ca", "nopass"]);
    easyrsa(&["--subject-alt-name=DNS:hub.lan", "build-server-full", "hub.lan", "nopass"]);
    easyrsa(&["build-client-full", "ann", "nopass"]);
    easyrsa(&["revoke", "ann"]);
    easyrsa(&["gen-crl"]);
    let root = pki.join("ca.crt");
    let report = moved_in(&home, &["easy-rsa", home.directory().to_str().unwrap()], &pki, &root);
    assert_eq!(report["certificates"], json!({ "good": 1, "expired": 0, "revoked": 1 }));
    assert_eq!(report["labels"][0]["label"], "hub.lan");
    assert_eq!(revoked(&home, &root, "root-1.crl").len(), 1);
    accept(&root, &home, "hub.lan");
}

#[test]
fn the_ca_of_mkcert_moves_in() {
    if !present("the CA of mkcert", &commands(&["mkcert"])) {
        return;
    }
    let home = TestHome::empty();
    let caroot = home.directory().join(".local/share/mkcert");
    mkcert(&caroot, "hub.lan");
    let root = caroot.join("rootCA.pem");
    let report = moved_in(&home, &["mkcert", caroot.to_str().unwrap()], &caroot, &root);
    // mkcert's root has pathlen:0.
    assert_eq!(report["issuing"]["issuer"], "root/1");
    assert_eq!(report["labels"][0]["label"], "hub.lan");
    accept(&root, &home, "hub.lan");
}

#[test]
fn files_as_minica_puts_them_move_in() {
    let home = TestHome::empty();
    let place = home.directory().join("minica");
    std::fs::create_dir(&place).unwrap();
    let root = ["minica.pem", "minica-key.pem"];
    let extensions =
        CA.replace("CA:TRUE", "CA:TRUE,pathlen:0").replace("keyCertSign,cRLSign", "digitalSignature,keyCertSign");
    signed(&place, None, "/CN=minica_root_ca_0a1b2c", &extensions, root);
    signed(&place, Some(root), "/CN=hub.lan", LEAF, ["hub.lan/cert.pem", "hub.lan/key.pem"]);
    let report = moved_in(&home, &["minica", place.to_str().unwrap()], &place, &place.join("minica.pem"));
    assert_eq!(report["labels"][0]["label"], "hub.lan");
    accept(&place.join("minica.pem"), &home, "hub.lan");
    // Its root may sign certificates, and no list of what it revoked.
    assert!(!home.file("crl/root-1.crl").exists());
    let status = home.hubca(&["--json", "status"]).json();
    assert!(!status.to_string().contains("crl"), "{status}");
    let told = home.hubca(&["crl"]).succeeded();
    assert!(told.stdout.contains("there is no CRL to make") && told.stdout.contains("ocsp serve"), "{told}");
}

/// minica writes nothing down: a certificate that lies elsewhere is taken in afterwards. A key is told of for what it is.
#[test]
fn what_lies_elsewhere_is_taken_in_afterwards_and_keys_are_told_of_for_what_they_are() {
    let home = TestHome::empty();
    let place = home.directory().join("minica");
    std::fs::create_dir(&place).unwrap();
    let root = ["minica.pem", "minica-key.pem"];
    signed(&place, None, "/CN=minica_root_ca_0a1b2c", CA, root);
    signed(&place, Some(root), "/CN=hub.lan", LEAF, ["hub.lan/cert.pem", "hub.lan/key.pem"]);
    let client = LEAF.replace("DNS:hub.lan", "email:ann@hub.lan");
    signed(&place, Some(root), "/CN=Ann", &client, ["ann/cert.pem", "ann/key.pem"]);
    std::fs::copy(place.join("minica-key.pem"), place.join("copy.pem")).unwrap();
    std::fs::rename(place.join("hub.lan"), home.directory().join("elsewhere")).unwrap();
    let told = home.hubca(&["import", "minica", place.to_str().unwrap(), "--no-passphrase"]).succeeded();
    let page = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "ann/key.pem: its key is that of the certificate of `CN=Ann`, which names no host",
        "copy.pem: its key is that of the CA `CN=minica root ca 0a1b2c`, and moves in from another file",
        "not taken: 2 things",
        "adopt FILE",
    ] {
        assert!(page.contains(said), "{said}: {told}");
    }
    home.hubca(&["adopt", home.directory().join("elsewhere/cert.pem").to_str().unwrap()]).succeeded();
    home.hubca(&["revoke", "hub.lan"]).succeeded();
    home.hubca(&["audit", "verify"]).succeeded();
}

#[test]
fn files_as_step_puts_them_move_in() {
    let home = TestHome::empty();
    let place = home.directory().join("step");
    std::fs::create_dir_all(place.join("db")).unwrap();
    std::fs::write(place.join("db/MANIFEST"), b"badger").unwrap();
    let root = ["certs/root_ca.crt", "secrets/root_ca_key"];
    let below = ["certs/intermediate_ca.crt", "secrets/intermediate_ca_key"];
    signed(&place, None, "/O=Lab/CN=Lab_Root_CA", &CA.replace("CA:TRUE", "CA:TRUE,pathlen:1"), root);
    signed(&place, Some(root), "/O=Lab/CN=Lab_Intermediate_CA", &CA.replace("CA:TRUE", "CA:TRUE,pathlen:0"), below);
    let report = moved_in(&home, &["step", place.to_str().unwrap()], &place, &place.join("certs/root_ca.crt"));
    assert_eq!(report["issuing"]["issuer"], "issuing/2");
    let reasons: Vec<&str> =
        report["not_taken"].as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert!(reasons[0].contains("only step-ca reads"));
}

/// step can keep keys as a JWE, or on a token.
#[test]
fn a_key_of_a_ca_below_that_cannot_be_read_stays_where_it_is() {
    let home = TestHome::empty();
    let place = home.directory().join("step");
    let root = ["certs/root_ca.crt", "secrets/root_ca_key"];
    let below = ["certs/intermediate_ca.crt", "secrets/intermediate_ca_key"];
    signed(&place, None, "/O=Lab/CN=Lab_Root_CA", CA, root);
    signed(&place, Some(root), "/O=Lab/CN=Lab_Intermediate_CA", CA, below);
    std::fs::write(place.join(below[1]), r#"{"protected":"eyJhbGciOiJQQkVTMiJ9","ciphertext":"q1"}"#).unwrap();
    let step = place.to_str().unwrap();
    let report = home.hubca(&["--json", "import", "step", step, "--no-passphrase", "--dry-run"]).succeeded().json();
    assert_eq!((&report["issuing"]["issuer"], &report["cas"][1]["key"]), (&json!("issuing/2"), &json!(false)));
    assert_eq!(report["not_taken"][0]["reason"], "its key is not taken: there is no private key in it");
    // Nobody else is left who could issue: then it is why nothing moves in.
    std::fs::remove_file(place.join(root[1])).unwrap();
    let error = home.hubca(&["--json", "import", "step", step, "--no-passphrase"]).failed_with(1).error();
    assert!(error["message"].as_str().unwrap().contains("intermediate_ca_key` cannot be used"), "{error}");
    assert!(error.to_string().contains("import pem --root-cert"), "{error}");
}
