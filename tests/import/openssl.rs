//! `openssl ca` made it: a root alone, and a root with a CA below it.

use std::path::Path;

use serde_json::{Value, json};

use crate::devices::{accept, revoked};
use crate::openssl_ca::{Choice, OpensslCa, PASSPHRASE, USUAL, openssl};
use crate::support::{Answer, TestHome};
use crate::tree::Tree;

fn import(home: &TestHome, directory: &Path, options: &[&str]) -> Answer {
    let mut words = vec!["--json", "import", "openssl", directory.to_str().unwrap()];
    words.extend(options);
    home.hubca(&words)
}

fn passphrase_file(home: &TestHome) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = home.directory().join("old-passphrase");
    std::fs::write(&path, PASSPHRASE).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_root_moves_in_with_all_that_it_issued_and_devices_need_nothing_new() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let good = ca.issue("hub.lan", "");
    let stolen = ca.issue("nas.lan", "");
    let over = ca.issue("old.lan", "-startdate 20200101000000Z -enddate 20210101000000Z");
    let held = ca.issue("held.lan", "");
    ca.revoke("nas.lan", "-crl_reason keyCompromise");
    ca.revoke("held.lan", "-crl_hold holdInstructionReject");
    ca.run("ca -updatedb");
    ca.publish_crl();
    std::fs::remove_file(ca.path("private/old.lan.key.pem")).unwrap();
    std::fs::remove_file(ca.path("private/held.lan.key.pem")).unwrap();
    let before = Tree::of(&ca.directory);
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!(Tree::of(&ca.directory), before, "the old directory is as it was");

    let root = ca.path("certs/ca.cert.pem");
    assert_eq!(report["certificates"], json!({ "good": 1, "expired": 1, "revoked": 2 }));
    assert_eq!(report["issuing"]["issuer"], "issuing/1");
    assert_eq!(report["name"], "Physics");
    let reasons: Vec<&str> =
        report["not_taken"].as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap()).collect();
    assert!(reasons.iter().any(|reason| reason.contains("revoked for a time")), "{reasons:?}");
    assert!(
        reasons.iter().any(|reason| reason.contains("no good certificate")),
        "the key of what was revoked: {reasons:?}"
    );
    let der = |path: &Path| openssl(&format!("x509 -in {} -outform PEM", path.display()));
    assert_eq!(der(&home.file("root/root.crt.pem")), der(&root), "the root is the root that devices have");

    // What was issued before is there, and can be revoked.
    let listed = home.hubca(&["--json", "list"]).succeeded().json();
    let status = |serial: &str| {
        let entry = listed.as_array().unwrap().iter().find(|entry| entry["serial"] == serial).unwrap();
        entry["status"].as_str().unwrap().to_owned()
    };
    assert_eq!([&good, &over, &stolen, &held].map(|serial| status(serial)), ["good", "expired", "revoked", "revoked"]);
    let expected = [(stolen.clone(), "Key Compromise".to_owned()), (held.clone(), String::new())];
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(revoked(&home, &root, "root-1.crl"), expected);
    let number = openssl(&format!("crl -noout -crlnumber -in {}", home.file("crl/root-1.crl").display()));
    assert!(number.trim().len() > "crlNumber=1000".len(), "{number}");

    // Its key and certificate go on under a label.
    assert_eq!(report["labels"][0]["label"], "hub.lan");
    accept(&root, &home, "hub.lan");
    home.hubca(&["renew", "hub.lan", "--force"]).succeeded();
    accept(&root, &home, "hub.lan");
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(&root, &home, "new.lan");
    let refused = home.hubca(&["issue", "--dns", "bank.example.com"]).failed_with(1);
    assert!(refused.stderr.contains("outside what this CA may vouch for"), "{refused}");
    home.hubca(&["revoke", &good, "--reason", "superseded", "--yes"]).succeeded();
    assert!(revoked(&home, &root, "root-1.crl").contains(&(good, "Superseded".to_owned())));
    let status: Value = home.hubca(&["--json", "status"]).json();
    assert!(!status.to_string().contains("crl_missing"), "{status}");
    let flaws = home.hubca(&["--json", "audit", "verify"]).succeeded().json();
    assert_eq!(flaws["findings"], json!([]), "{flaws}");
}

#[test]
fn keys_under_every_encryption_of_openssl_open() {
    let rsa = "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048";
    let sealed = |options: &'static str| Choice { sealed: options, ..USUAL };
    for choice in [
        sealed("ec -des3 -passout pass:open_sesame"),
        Choice { key: rsa, sealed: "rsa -traditional -aes256 -passout pass:open_sesame", ..USUAL },
        sealed("pkcs8 -topk8 -v2 aes-256-cbc -passout pass:open_sesame"),
        sealed("pkcs8 -topk8 -v2 des3 -passout pass:open_sesame"),
    ] {
        let home = TestHome::empty();
        let ca = OpensslCa::root(home.directory(), choice);
        let nobody = import(&home, &ca.directory, &["--no-passphrase"]).failed_with(1);
        assert_eq!(nobody.error()["kind"], "passphrase");
        assert!(nobody.error()["hints"][0].as_str().unwrap().contains("--source-passphrase-file"), "{nobody}");
        assert!(!home.path().exists(), "nothing is left");
        let file = passphrase_file(&home);
        let options = ["--source-passphrase-file", &file, "--root-passphrase-file", &file];
        let report = import(&home, &ca.directory, &options).succeeded().json();
        assert_eq!(report["root_key_encrypted"], true);
        let key = std::fs::read_to_string(home.file("root/root.key.pem")).unwrap();
        assert!(key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
        accept(&ca.path("certs/ca.cert.pem"), &home, "hub.lan");
    }
}

#[test]
fn a_ca_below_moves_in_with_its_own_books() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    let below = root.below();
    let serial = below.issue("hub.lan", "");
    below.issue("nas.lan", "");
    below.revoke("hub.lan", "-crl_reason superseded");
    let report = import(&home, &root.directory, &["--no-passphrase"]).succeeded().json();
    let issuers: Vec<&str> =
        report["cas"].as_array().unwrap().iter().map(|ca| ca["issuer"].as_str().unwrap()).collect();
    assert_eq!(issuers, ["root/1", "issuing/1"]);
    assert_eq!(
        report["issuing"],
        json!({
            "issuer": "issuing/2", "new": true, "scope": report["issuing"]["scope"], "not_after": report["issuing"]["not_after"],
        })
    );
    let certificate = below.path("certs/intermediate.cert.pem");
    assert_eq!(revoked(&home, &certificate, "issuing-1.crl"), [(serial, "Superseded".to_owned())]);
    assert!(revoked(&home, &root.path("certs/ca.cert.pem"), "root-1.crl").is_empty());
    accept(&root.path("certs/ca.cert.pem"), &home, "nas.lan");
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(&root.path("certs/ca.cert.pem"), &home, "new.lan");
}

#[test]
fn without_the_root_key_the_ca_below_issues() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    root.below();
    std::fs::remove_file(root.path("private/ca.key.pem")).unwrap();
    let report = import(&home, &root.directory, &[]).succeeded().json();
    assert_eq!((&report["issuing"]["issuer"], &report["issuing"]["new"]), (&json!("issuing/1"), &json!(false)));
    assert_eq!(report["root_key"], Value::Null);
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(&root.path("certs/ca.cert.pem"), &home, "new.lan");
}

#[test]
fn a_root_that_allows_no_ca_below_it_issues_itself() {
    let home = TestHome::empty();
    let extensions = USUAL.root.replace("CA:TRUE", "CA:TRUE,pathlen:0");
    let root = OpensslCa::root(home.directory(), Choice { root: &extensions, ..USUAL });
    let limited = import(&home, &root.directory, &["--no-passphrase", "--permit", "example.com"]).failed_with(1);
    assert!(limited.error()["message"].as_str().unwrap().contains("allows no CA below it"), "{limited}");
    let report = import(&home, &root.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!((&report["issuing"]["issuer"], &report["issuing"]["scope"]), (&json!("root/1"), &Value::Null));
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    accept(&root.path("certs/ca.cert.pem"), &home, "hub.lan");
    home.hubca(&["renew", "hub.lan", "--force"]).succeeded();
    home.hubca(&["revoke", "hub.lan", "--yes"]).succeeded();
    assert_eq!(revoked(&home, &root.path("certs/ca.cert.pem"), "root-1.crl").len(), 1);
    home.hubca(&["status"]);
    let message = home.hubca(&["rotate", "issuing", "--yes"]).failed_with(1);
    assert!(message.stderr.contains("allows 0 CAs below it"), "{message}");
}

#[test]
fn a_configuration_says_where_things_lie() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    ca.issue("hub.lan", "");
    for (from, to) in [("index.txt", "book"), ("certs/ca.cert.pem", "the-root"), ("private/ca.key.pem", "the-key")] {
        std::fs::rename(ca.path(from), ca.path(to)).unwrap();
    }
    // It was moved since, and its configuration names the old place.
    let config = std::fs::read_to_string(ca.path("openssl.cnf")).unwrap();
    let config = config.replace(ca.directory.to_str().unwrap(), "/root/elsewhere");
    let config = config.replace("$dir/index.txt", "$dir/book").replace("$dir/certs/ca.cert.pem", "$dir/the-root");
    let config = config.replace("$dir/private/ca.key.pem", "$dir/the-key");
    let path = home.directory().join("the.cnf");
    std::fs::write(&path, config).unwrap();
    let report =
        import(&home, &ca.directory, &["--no-passphrase", "--config", path.to_str().unwrap()]).succeeded().json();
    assert_eq!(report["certificates"]["good"], 1);
}

#[test]
fn a_dry_run_tells_all_and_does_nothing() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    ca.issue("hub.lan", "");
    let report = import(&home, &ca.directory, &["--dry-run"]).succeeded().json();
    assert_eq!((&report["dry_run"], &report["certificates"]["good"]), (&json!(true), &json!(1)));
    assert!(!home.path().exists());
    let told = home.hubca(&["import", "openssl", ca.directory.to_str().unwrap(), "--dry-run"]).succeeded();
    assert!(told.stdout.contains("would move in") && told.stdout.contains("nothing was done"), "{told}");
}

#[test]
fn lines_that_are_none_are_named_and_the_others_move_in() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let mut book = std::fs::read_to_string(ca.path("index.txt")).unwrap();
    book.push_str("V\t271229201530Z\t\tABCDEF\tunknown\t/CN=lost.lan\r\n");
    book.push_str("nonsense\n");
    book.push_str("R\t271229201530Z\t261129201530Z,keyTime,20260101000000Z\t0B\tunknown\t/CN=\\xC3\\xA9t\\xC3\\xA9\n");
    book.push_str("V\t271229201530Z\t\t0B\tunknown\t/CN=twice.lan");
    std::fs::write(ca.path("index.txt"), book).unwrap();
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    let lines: Vec<i64> =
        report["not_taken"].as_array().unwrap().iter().filter_map(|one| one["line"].as_i64()).collect();
    assert_eq!(lines, [2, 3, 4], "{report}");
    let show = home.hubca(&["--json", "show", "0b"]).succeeded().json();
    assert_eq!((&show["subject"], &show["status"]), (&json!("/CN=été"), &json!("revoked")));
    assert_eq!(
        (&show["not_before"], &show["pem"], &show["revocation_reason"]),
        (&Value::Null, &Value::Null, &json!("keyCompromise"))
    );
    assert_eq!(
        revoked(&home, &ca.path("certs/ca.cert.pem"), "root-1.crl"),
        [("0b".to_owned(), "Key Compromise".to_owned())]
    );
    home.hubca(&["revoke", "abcdef", "--yes"]).succeeded();
}
