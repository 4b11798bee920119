//! A browser that trusted the roots of old CAs, after they moved in.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::{
    hand_made::{CA, EASYRSA, easyrsa, mkcert, signed},
    openssl_ca::{OpensslCa, USUAL},
    support::{
        TestHome,
        tools::{commands, present},
        visitor::{Visitor, browser_is_here},
    },
    trust::Hub,
};

/// An old CA: the words by which it moves in, and its root.
struct Old {
    words: Vec<String>,
    root: PathBuf,
}

/// One of each program, in a directory.
fn old_cas(parent: &Path) -> [Old; 6] {
    let openssl = OpensslCa::root(parent, USUAL);
    let [pki, caroot, minica, step, pem] = ["pki", "mkcert", "minica", "step", "pem"].map(|name| parent.join(name));
    easyrsa(&pki, &["init-pki"]);
    easyrsa(&pki, &["--req-cn=Old VPN", "build-ca", "nopass"]);
    mkcert(&caroot, "hub.lan");
    let narrow = CA.replace("CA:TRUE", "CA:TRUE,pathlen:0");
    signed(&minica, None, "/CN=minica_root_ca_0a1b2c", &narrow, ["minica.pem", "minica-key.pem"]);
    let of_step = ["certs/root_ca.crt", "secrets/root_ca_key"];
    let below = ["certs/intermediate_ca.crt", "secrets/intermediate_ca_key"];
    signed(&step, None, "/O=Lab/CN=Lab_Root_CA", &CA.replace("CA:TRUE", "CA:TRUE,pathlen:1"), of_step);
    signed(&step, Some(of_step), "/O=Lab/CN=Lab_Intermediate_CA", &narrow, below);
    signed(&pem, None, "/CN=By_hand", CA, ["r.pem", "r.key"]);
    let path = |file: PathBuf| file.to_str().unwrap().to_owned();
    let in_directory = |program: &str, directory: &Path, root: &str| Old {
        words: vec![program.to_owned(), path(directory.to_owned())],
        root: directory.join(root),
    };
    [
        in_directory("openssl", &openssl.directory, "certs/ca.cert.pem"),
        in_directory("easy-rsa", &pki, "ca.crt"),
        in_directory("mkcert", &caroot, "rootCA.pem"),
        in_directory("minica", &minica, "minica.pem"),
        in_directory("step", &step, of_step[0]),
        Old {
            words: ["pem", "--root-cert", &path(pem.join("r.pem")), "--root-key", &path(pem.join("r.key"))]
                .map(str::to_owned)
                .to_vec(),
            root: pem.join("r.pem"),
        },
    ]
}

#[test]
fn a_browser_that_trusted_the_roots_of_old_cas_takes_what_is_issued_after_they_moved_in() {
    let programs = [commands(&["openssl", "mkcert"]), vec![EASYRSA.into()]].concat();
    if !browser_is_here() || !present("a browser that trusted an old CA", &programs) {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let old = old_cas(place.path());
    let moved = old.each_ref().map(|Old { words, .. }| {
        let home = TestHome::empty();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        home.hubca(&[&["import"], &words[..], &["--no-passphrase"]].concat()).succeeded();
        home
    });
    let hubs = moved.each_ref().map(Hub::of);
    let roots = old.each_ref().map(|old| old.root.as_path());
    let visitor = hubs.iter().fold(Visitor::with("mac").trusting(&roots), |visitor, hub| {
        visitor.then(json!({ "go": hub.address })).then(json!({ "text": "pre" }))
    });
    let seen = visitor.visits(&hubs[0].address);
    for (number, Old { words, .. }) in old.iter().enumerate() {
        assert_eq!(seen.answer(2 * number), 200, "{words:?}");
        assert!(seen.text(2 * number + 1).contains("TLSv1.3"), "{words:?}: {}", seen.text(2 * number + 1));
    }
    let stranger = Visitor::with("mac").trusting(&roots[1..]).warned_of(&hubs[0].address);
    assert!(stranger.contains("ERR_CERT_AUTHORITY_INVALID"), "{stranger}");
}
