#![no_main]
//! `hubca import openssl`: a CA whose book, configuration, CRL number and one other file are as they come. It moves in and is sound
//! then, or it is said why not.

use std::fs;

use hubca_fuzz::{Hub, with_hub};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| with_hub(|hub| import(hub, bytes)));

fn import(hub: &Hub, bytes: &[u8]) {
    if !hub.path("old").exists() {
        hub.write("old/certs/ca.cert.pem", &hub.root());
        hub.write("old/private/ca.key.pem", &fs::read(hub.layout().root_key(1)).unwrap());
    }
    let mut contents = bytes.split(|byte| *byte == 0);
    let files = ["old/index.txt", "config", "old/crlnumber", "old/newcerts/any"];
    let [_, config, ..] = files.map(|name| hub.write(name, contents.next().unwrap_or_default()));
    let (old, home) = (hub.path("old"), hub.path("new"));
    let home = home.to_str().unwrap();
    let words = ["--home", home, "import", "openssl", old.to_str().unwrap(), "--no-passphrase"];
    hub.run(&[&words[..], &["--dry-run", "--config", &config]].concat());
    let tried = hub.run(&[&words[..], &["--dry-run"]].concat());
    assert!(!hub.path("new").exists());
    // A home takes long to be made: for one in sixteen.
    if tried.code == 0 && bytes.len() % 16 == 0 {
        assert_eq!(hub.run(&words).code, 0);
        let verified = hub.run(&["--home", home, "audit", "verify"]);
        assert_eq!(verified.code, 0, "{verified:?}");
        fs::remove_dir_all(home).unwrap();
    }
}
