//! Directories that hold more than is looked at, and names that are no text: what was not looked at is named.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

use serde_json::json;

use crate::openssl::import;
use crate::openssl_ca::{OpensslCa, USUAL};
use crate::support::TestHome;
use crate::untidy::reasons;

/// The directory of a file per number may have more files than are looked at; a CRL is found all the same.
#[test]
fn what_is_beside_a_very_long_directory_is_looked_at_first() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let (kept, gone) = (ca.issue("hub.lan", ""), ca.issue("gone.lan", ""));
    let before = std::fs::read(ca.path("index.txt")).unwrap();
    ca.revoke("gone.lan", "-crl_reason keyCompromise");
    std::fs::create_dir_all(ca.path("z")).unwrap();
    ca.run(&format!("ca -gencrl -out {}", ca.path("z/list.crl").display()));
    std::fs::write(ca.path("index.txt"), before).unwrap();
    std::fs::remove_file(ca.path("certs/hub.lan.cert.pem")).unwrap();
    for number in 0..20_100 {
        std::fs::write(ca.path(&format!("newcerts/00{number}.pem")), "").unwrap();
    }
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    assert!(reasons(&report, "ca")[0].contains("not looked at: 1"), "{report}");
    let said = |serial: &str| home.hubca(&["--json", "show", serial]).succeeded().json();
    assert_eq!(
        (&said(&gone)["status"], &said(&gone)["revocation_reason"]),
        (&json!("revoked"), &json!("keyCompromise"))
    );
    assert!(said(&kept)["pem"].is_string(), "found under its number");
}

/// A CRL is found behind any number of other files.
#[test]
fn what_revokes_is_not_hidden_by_many_files() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let gone = ca.issue("gone.lan", "");
    let before = std::fs::read(ca.path("index.txt")).unwrap();
    ca.revoke("gone.lan", "-crl_reason keyCompromise");
    std::fs::create_dir_all(ca.path("z")).unwrap();
    ca.run(&format!("ca -gencrl -out {}", ca.path("z/list.crl").display()));
    std::fs::write(ca.path("index.txt"), before).unwrap();
    for number in 0..20_100 {
        std::fs::write(ca.path(&format!("certs/old-{number}.csr")), "").unwrap();
    }
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    assert!(report["not_taken"][0]["reason"].as_str().unwrap().contains("not looked at: 1"), "{report}");
    assert_eq!(home.hubca(&["--json", "show", &gone]).succeeded().json()["revocation_reason"], "keyCompromise");
}

#[test]
fn a_ca_lies_as_deep_as_it_likes_and_under_any_name() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    let below = root.below();
    let serial = below.issue("old.lan", "");
    below.revoke("old.lan", "-crl_reason keyCompromise");
    let deep = root.path("a/b/c/d/e/f/g/h/i/j").join(OsStr::from_bytes(b"b\xfccher"));
    std::fs::create_dir_all(deep.parent().unwrap()).unwrap();
    std::fs::rename(&below.directory, &deep).unwrap();
    std::fs::write(deep.join("a note"), "to nobody").unwrap();
    let report = import(&home, &root.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!((&report["cas"][1]["issuer"], &report["certificates"]["revoked"]), (&json!("issuing/1"), &json!(1)));
    assert_eq!(reasons(&report, "b\u{fffd}cher/a note").len(), 1, "{report}");
    let show = home.hubca(&["--json", "show", &serial, "--issuer", "issuing/1"]).succeeded().json();
    assert_eq!(show["revocation_reason"], "keyCompromise");
}

#[test]
fn directories_that_are_too_many_are_told_in_one_line_before_all_else() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    let below = root.below();
    std::fs::create_dir_all(root.path("zz/cas")).unwrap();
    std::fs::rename(&below.directory, root.path("zz/cas/physics")).unwrap();
    for number in 0..20_000 {
        std::fs::create_dir(root.path(&format!("host-{number:05}"))).unwrap();
    }
    let words = ["import", "openssl", root.directory.to_str().unwrap(), "--no-passphrase", "--dry-run"];
    let told = home.hubca(&words).succeeded();
    let page = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let report = import(&home, &root.directory, &["--no-passphrase", "--dry-run"]).succeeded().json();
    assert_eq!(report["cas"].as_array().unwrap().len(), 1, "{report}");
    let first = &report["not_taken"][0];
    let reason = first["reason"].as_str().unwrap();
    assert!(
        reason.contains("directories that are not looked into") && reason.contains("name the directory"),
        "{report}"
    );
    assert!(page.contains(reason) && page.find(reason) < page.find("what it issued is not known"), "{told}");
    // The CA has told where it is; its directory is the one to name, or to be brought nearer.
    assert!(reasons(&report, ".pem").iter().any(|reason| reason.contains("what it issued is not known")), "{report}");
}
