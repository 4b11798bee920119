#![no_main]
//! What `adopt` enters. A file as it is; and a certificate with any serial number, subject and extensions that our CA has signed, with its
//! key. It is refused, or known from then on, and no other certificate is entered under its number.

use hubca::x509::pem;
use hubca_fuzz::{Hub, with_hub};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    with_hub(|hub| match bytes {
        // DER or PEM.
        [0x30 | b'-', ..] => adopt(hub, bytes),
        [first, second, rest @ ..] => {
            let (serial, rest) = rest.split_at(rest.len().min(usize::from(first % 24)));
            let (subject, extensions) = rest.split_at(rest.len().min(usize::from(*second)));
            let certificate = hub.certificate(serial, subject, extensions);
            adopt(hub, format!("{}{KEY}", pem::encode(pem::CERTIFICATE, &certificate)).as_bytes());
        }
        _ => {}
    });
});

fn adopt(hub: &Hub, bytes: &[u8]) {
    let file = hub.write("found.pem", bytes);
    let Some(adopted) = hub.run(&["adopt", &file]).done() else { return };
    for entry in adopted["certificates"].as_array().unwrap() {
        let serial = entry["serial"].as_str().unwrap();
        let shown = hub.run(&["show", serial]).done().unwrap_or_else(|| panic!("it is not known: {entry}"));
        assert_eq!(shown["sha256"], entry["sha256"], "{entry}");
    }
    let again = hub.run(&["adopt", &file]).done().unwrap();
    let is_known = |entry: &serde_json::Value| entry["outcome"] == "known";
    assert!(again["certificates"].as_array().unwrap().iter().all(is_known), "{again}");
}

const KEY: &str = include_str!("../../fixtures/pki/leaf.key.pem");
