//! `revoke` and `crl` as a person runs them.

use crate::support::TestHome;

fn number(home: &TestHome) -> i64 {
    home.hubca(&["crl", "--issuer", "issuing", "--json"]).succeeded().json()[0]["number"].as_i64().unwrap()
}

#[test]
fn a_certificate_is_named_by_its_label_its_serial_number_or_its_file() {
    let home = TestHome::with_ca::<&str>(&[]);
    let serial = |label: &str| {
        let issued = home.hubca(&["issue", "--dns", label, "--json"]).succeeded().json();
        issued["serial"].as_str().unwrap().to_owned()
    };
    let (a, b, c) = (serial("a.lan"), serial("b.lan"), serial("c.lan"));
    let file = home.file("live/c.lan/fullchain.pem");
    for (which, serial) in [("a.lan", &a), (b.as_str(), &b), (file.to_str().unwrap(), &c)] {
        let answer = home.hubca(&["revoke", which, "--json"]).succeeded().json();
        assert_eq!(answer["certificates"][0]["serial"], serial.as_str());
        assert_eq!(answer["certificates"][0]["outcome"], "revoked");
        assert_eq!(answer["crls"][0]["issuer"], "issuing/1");
    }
    let listed = home.hubca(&["list", "--revoked", "--json"]).succeeded().json();
    assert_eq!(listed.as_array().unwrap().len(), 3);
}

#[test]
fn revoking_twice_says_so_and_makes_no_list() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "a.lan"]).succeeded();
    home.hubca(&["revoke", "a.lan", "--reason", "superseded"]).succeeded();
    let again = home.hubca(&["revoke", "a.lan", "--reason", "cessationOfOperation", "--json"]).succeeded().json();
    assert_eq!(again["certificates"][0]["outcome"], "already_revoked");
    assert_eq!(again["certificates"][0]["reason"], "superseded");
    assert_eq!(again["crls"].as_array().unwrap().len(), 0);
    let worse = home.hubca(&["revoke", "a.lan", "--reason", "keycompromise", "--json"]).succeeded().json();
    assert_eq!(worse["certificates"][0]["outcome"], "reason_changed");
    // Another certificate of the label has another key, and is good.
    home.hubca(&["issue", "--dns", "a.lan"]).succeeded();
    assert_eq!(home.hubca(&["show", "a.lan", "--json"]).succeeded().json()["status"], "good");
}

#[test]
fn every_good_certificate_of_a_label_is_revoked_together() {
    let home = TestHome::with_ca::<&str>(&[]);
    for _ in 0..3 {
        home.hubca(&["issue", "--dns", "a.lan"]).succeeded();
    }
    let newest = home.hubca(&["revoke", "a.lan"]).succeeded();
    assert!(newest.stdout.contains("revoke a.lan --all"), "{newest}");
    let rest = home.hubca(&["revoke", "a.lan", "--all", "--json"]).succeeded().json();
    assert_eq!(rest["certificates"].as_array().unwrap().len(), 2);
    assert_eq!(rest["crls"][0]["revoked"], 3);
}

#[test]
fn what_cannot_be_revoked_is_refused_with_its_reason() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "a.lan"]).succeeded();
    let refused = |which: &str, reason: &str, code: i32, words: &str| {
        let answer = home.hubca(&["revoke", which, "--reason", reason]).failed_with(code);
        assert!(answer.stderr.contains(words), "{answer}");
    };
    refused(home.file("root/root.crt.pem").to_str().unwrap(), "keyCompromise", 1, "is a root");
    refused("a.lan", "cACompromise", 2, "is a reason for a CA");
    refused("a.lan", "certificateHold", 2, "certificateHold");
    refused("b.lan", "unspecified", 1, "there is no certificate `b.lan`");
    let other = TestHome::with_ca::<&str>(&[]);
    refused(other.file("root/root.crt.pem").to_str().unwrap(), "unspecified", 1, "none that this CA");
}

#[test]
fn without_the_root_key_a_revoked_ca_is_told_what_its_list_waits_for() {
    let home = TestHome::with_ca::<&str>(&[]);
    let key = home.directory().join("away.pem");
    std::fs::rename(home.file("root/root.key.pem"), &key).unwrap();
    let answer = home.hubca(&["revoke", home.file("issuing/1/ca.crt.pem").to_str().unwrap()]).succeeded();
    assert!(answer.stderr.contains("no CRL says so yet") && answer.stderr.contains("--issuer root/1"), "{answer}");
    let refused = home.hubca(&["issue", "--dns", "a.lan"]).failed_with(1);
    assert!(refused.stderr.contains("rotate issuing"), "{refused}");
    let made =
        home.hubca(&["crl", "--issuer", "root", "--root-key", key.to_str().unwrap(), "--json"]).succeeded().json();
    assert_eq!((made[0]["issuer"].as_str(), made[0]["revoked"].as_i64()), (Some("root/1"), Some(1)));
}

#[test]
fn a_copy_is_readable_by_servers_and_takes_the_place_of_the_last() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = TestHome::with_ca::<&str>(&[]);
    let pem = home.directory().join("hub.crl.pem");
    for _ in 0..2 {
        home.hubca(&["crl", "--issuer", "issuing", "--out", pem.to_str().unwrap()]).succeeded();
        assert_eq!(std::fs::metadata(&pem).unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(std::fs::read(&pem).unwrap(), std::fs::read(home.file("crl/issuing-1.crl.pem")).unwrap());
    }
    let directory = home.directory().join("lists");
    home.hubca(&["crl", "--out", directory.to_str().unwrap()]).succeeded();
    for name in ["root-1.crl", "root-1.crl.pem", "issuing-1.crl", "issuing-1.crl.pem"] {
        assert!(directory.join(name).is_file(), "{name}");
    }
    assert!(number(&home) > 0);
}
