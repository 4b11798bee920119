//! CAs below the root that were revoked before they move in: what they issued has to be issued anew.

use serde_json::{Value, json};

use crate::devices::accept;
use crate::openssl::import;
use crate::openssl_ca::{OpensslCa, USUAL};
use crate::support::TestHome;

#[test]
fn a_ca_below_that_was_revoked_is_told_and_issues_nothing() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    let below = root.below();
    below.issue("old.lan", "");
    root.run(&format!("ca -revoke {}", below.path("certs/intermediate.cert.pem").display()));
    let report = import(&home, &root.directory, &["--no-passphrase", "--dry-run"]).succeeded().json();
    assert_eq!((&report["cas"][0]["revoked"], &report["cas"][1]["revoked"]), (&json!(false), &json!(true)), "{report}");
    let key = root.path("private/ca.key.pem");
    let stick = home.directory().join("stick.pem");
    std::fs::rename(&key, &stick).unwrap();
    let told = home.hubca(&["import", "openssl", root.directory.to_str().unwrap()]).succeeded();
    let page = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("it is revoked and issues nothing") && page.contains("--root-key FILE"), "{told}");
    home.hubca(&["issue", "--dns", "new.lan"]).failed_with(1);
    home.hubca(&["rotate", "issuing", "--root-key", stick.to_str().unwrap()]).succeeded();
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(&root.path("certs/ca.cert.pem"), &home, "new.lan");
}

/// The rule is that of a CA which is revoked here, and it goes on through the CAs below.
#[test]
fn what_stands_below_a_revoked_ca_is_due_at_once() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    let below = root.below();
    let deeper = below.below_in("deeper", "Physics_Laboratory_CA");
    root.issue("good.lan", "");
    below.issue("hub.lan", "");
    deeper.issue("nas.lan", "");
    root.run(&format!("ca -revoke {}", below.path("certs/intermediate.cert.pem").display()));
    let told = home.hubca(&["import", "openssl", root.directory.to_str().unwrap(), "--no-passphrase"]).succeeded();
    assert_eq!(told.stdout.matches("its server needs another at once").count(), 2, "{told}");

    let status = home.hubca(&["--json", "status"]).failed_with(3).json();
    let findings = status["findings"].as_array().unwrap();
    let of_cas: Vec<&Value> = findings.iter().filter(|finding| finding["kind"] == "ca_revoked").collect();
    let messages: Vec<&str> = of_cas.iter().map(|finding| finding["message"].as_str().unwrap()).collect();
    assert_eq!(
        messages,
        [
            "the CA `issuing/1` was revoked, and is in use still",
            "the CA `issuing/2` stands below `issuing/1`, which was revoked, and is in use still"
        ],
        "{status}"
    );
    let renewed = home.hubca(&["--json", "renew"]).succeeded().json();
    let renewed: Vec<(&str, &str)> = renewed["labels"]
        .as_array()
        .unwrap_or_else(|| renewed.as_array().unwrap())
        .iter()
        .map(|one| (one["label"].as_str().unwrap(), one["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(renewed, [("hub.lan", "renewed"), ("nas.lan", "renewed")]);
    for label in ["hub.lan", "nas.lan"] {
        accept(&root.path("certs/ca.cert.pem"), &home, label);
    }
    let status = home.hubca(&["--json", "status"]).succeeded().json();
    assert!(!status.to_string().contains("ca_revoked"), "{status}");
    home.hubca(&["audit", "verify"]).succeeded();
}
