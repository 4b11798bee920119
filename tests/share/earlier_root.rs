//! A home after a change of root: the page asks devices about the earlier root as well.

use std::fs;

use serde_json::json;

use crate::support::{
    TestHome,
    changed_root::change_root,
    shared::{Shared, prove},
};

#[test]
fn a_device_that_trusts_the_earlier_root_is_told_apart() {
    let home = TestHome::with_ca::<&str>(&[]);
    let earlier = change_root(&home);
    let shared = Shared::start(&home, &[]);
    let started = shared.event("started");
    let [current, before] = started["probes"].as_array().unwrap().as_slice() else { panic!("{started}") };
    assert_eq!(current["root_sha256"], started["root_sha256"]);
    assert_ne!(before["root_sha256"], started["root_sha256"]);
    let port = u16::try_from(before["port"].as_u64().unwrap()).unwrap();
    let (token, _) = shared.visit(&[]);
    let page = shared.get("/", &[]).body;
    assert!(page.contains(&format!("127.0.0.1:{port}")), "the page knows where to ask");
    assert!(prove(&earlier, shared.tls_port, &token).is_err());
    let today = fs::read_to_string(home.file("root/2/root.crt.pem")).unwrap();
    assert!(prove(&today, port, &token).is_err(), "each port proves trust in its own root alone");
    assert_eq!(prove(&earlier, port, &token).unwrap(), "trusted");
    let trusted = shared.event("trusted");
    assert_eq!((&trusted["root"], &trusted["root_sha256"]), (&json!("earlier"), &before["root_sha256"]));
    shared.stop();
    let words = home.hubca(&["list", "--devices"]).succeeded().stdout;
    assert!(words.contains("an earlier root only"), "{words}");
    let devices = home.hubca(&["list", "--devices", "--json"]).succeeded().json();
    assert_eq!(devices[0]["roots"][0]["current"], json!(false));
}

#[test]
fn an_earlier_root_whose_key_has_gone_is_left_out_with_a_note() {
    let home = TestHome::with_ca::<&str>(&[]);
    change_root(&home);
    fs::remove_file(home.file("issuing/1/ca.key.pem")).unwrap();
    let shared = Shared::start(&home, &[]);
    let started = shared.event("started");
    assert_eq!(started["probes"].as_array().unwrap().len(), 1);
    let reason = started["left_out"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("issuing/1/ca.key.pem"), "{reason}");
}
