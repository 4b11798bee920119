//! The audit log: told, followed, checked, and brought to another machine.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use rusqlite::Connection;
use serde_json::Value;

use crate::support::TestHome;

fn used() -> TestHome {
    let home = TestHome::with_ca(&[] as &[&str]);
    for name in ["hub.lan", "nas.lan"] {
        home.hubca(&["issue", "--dns", name]).succeeded();
    }
    home.hubca(&["revoke", "nas.lan"]).succeeded();
    home
}

/// Does something to the ledger that hubca does not do.
fn tamper(home: &TestHome, text: &str) {
    let changed = Connection::open(home.file("ledger.db")).unwrap().execute(text, []).unwrap();
    assert!(changed > 0, "{text}");
}

#[test]
fn the_log_is_told_the_newest_last_and_by_what_it_is_about() {
    let home = used();
    let told = |more: &[&str]| {
        let answer = home.hubca(&[&["audit", "--json"], more].concat()).succeeded().json();
        let entries = answer.as_array().unwrap().clone();
        entries.iter().map(|entry| entry["act"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = told(&["--last", "100"]);
    assert_eq!((all[0].as_str(), all.last().unwrap().as_str()), ("establish", "issue-crl"));
    assert_eq!(told(&["--last", "2"]), all[all.len() - 2..]);
    assert_eq!(told(&["--since", "2020-01-01"]), all);
    assert!(told(&["--since", "2999-01-01"]).is_empty());
    assert_eq!(told(&["--act", "revoke"]), ["revoke"]);
    assert_eq!(told(&["--label", "hub.lan"]), ["reserve", "issue"]);
    // A label is taken as it is, and no pattern.
    assert!(told(&["--label", "hub_lan"]).is_empty() && told(&["--label", "%"]).is_empty());
    let serial = home.hubca(&["show", "nas.lan", "--json"]).succeeded().json()["serial"].as_str().unwrap().to_owned();
    assert_eq!(told(&["--serial", &serial.to_uppercase()]), ["reserve", "issue", "revoke"]);
    let refused = home.hubca(&["audit", "--act", "sing"]).failed_with(2);
    assert!(refused.stderr.contains("reserve-crl"), "{refused}");
}

#[test]
fn who_follows_the_log_is_told_each_entry_when_it_is_written() {
    let home = used();
    let mut following = home.command();
    following.args(["audit", "--follow", "--last", "1", "--json"]).stdout(Stdio::piped());
    let mut following = following.spawn().unwrap();
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let first = next();
    assert_eq!(first["act"], "issue-crl");
    home.hubca(&["edit", "hub.lan", "--hook", "true"]).succeeded();
    let second = next();
    assert_eq!((&second["act"], &second["detail"]["label"]), (&"edit".into(), &"hub.lan".into()));
    assert_eq!(second["sequence"].as_i64(), first["sequence"].as_i64().map(|place| place + 1));
    following.kill().unwrap();
    following.wait().unwrap();
}

#[test]
fn what_was_changed_is_named_and_ends_with_three() {
    let verify = |home: &TestHome, more: &[&str]| home.hubca(&[&["audit", "verify", "--json"], more].concat());
    let home = used();
    let whole = verify(&home, &[]).succeeded().json();
    let head = whole["head"].as_str().unwrap();
    assert_eq!(home.hubca(&["status", "--offline", "--json"]).json()["audit"]["head"], head);
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    verify(&home, &["--head", head]).succeeded();
    for (text, kind, subject) in [
        ("UPDATE audit SET detail = '{}' WHERE sequence = 5", "audit_log", Some("5")),
        ("DELETE FROM audit WHERE sequence = 8", "audit_log", Some("8")),
        ("UPDATE certificates SET revoked_at = NULL WHERE label = 'nas.lan'", "certificate", None),
        ("UPDATE certificates SET listed_until = 1 WHERE label = 'nas.lan'", "certificate", None),
        ("UPDATE certificates SET certificate = x'3000' WHERE label = 'hub.lan'", "certificate", None),
        ("UPDATE lineages SET names = '[]' WHERE label = 'hub.lan'", "lineage", Some("hub.lan")),
    ] {
        let home = used();
        tamper(&home, text);
        let answer = verify(&home, &[]).failed_with(3).json();
        let finding = &answer["findings"][0];
        assert_eq!((&answer["ok"], &finding["kind"]), (&false.into(), &kind.into()), "{text}");
        assert!(subject.is_none_or(|subject| finding["subject"] == subject), "{text}: {finding}");
    }
    // The end is cut off: nothing shows it but a hash that was written down, be it by the last command.
    let home = used();
    let whole = verify(&home, &[]).succeeded().json();
    let head = whole["head"].as_str().unwrap().to_owned();
    tamper(&home, "DELETE FROM audit WHERE act IN ('reserve-crl', 'issue-crl') AND sequence > 12");
    let noted = std::fs::read(home.file("audit.head")).unwrap();
    let lost = verify(&home, &["--head", &head]).failed_with(3).json();
    let findings = lost["findings"].as_array().unwrap();
    let is_told = |words: &str| findings.iter().any(|finding| finding["message"].as_str().unwrap().contains(words));
    assert!(is_told("has lost its newest entries") && is_told("its end was cut off"), "{lost}");
    assert_eq!(
        (&findings[0]["kind"], &findings[0]["subject"]),
        (&"audit_log".into(), &whole["entries"].to_string().into())
    );
    assert!(lost["entries"].as_i64() < whole["entries"].as_i64(), "{lost}");
    // Every other command refuses, and what is known of the end stays known.
    for line in [&["issue", "--dns", "new.lan"][..], &["audit"], &["status"], &["crl"]] {
        let refused = home.hubca(line).failed_with(1);
        assert!(refused.stderr.contains("has lost its newest entries"), "{refused}");
    }
    assert_eq!(std::fs::read(home.file("audit.head")).unwrap(), noted);
    std::fs::remove_file(home.file("audit.head")).unwrap();
    // Nothing says where the end was; what was done then stands in the rows still.
    let untold = verify(&home, &[]).failed_with(3).json();
    assert_eq!(untold["findings"][0]["kind"], "crl", "{untold}");
    verify(&home, &["--head", &head]).failed_with(3);
}

#[test]
fn nothing_is_signed_where_the_end_of_the_log_the_schema_or_a_file_of_a_ca_was_changed() {
    let refused = |change: &dyn Fn(&TestHome), told: &str| {
        let home = used();
        change(&home);
        let answer = home.hubca(&["issue", "--dns", "new.lan"]).failed_with(1);
        let said = answer.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(told) && said.contains("hint:"), "{answer}");
    };
    let end = "UPDATE audit SET detail = '{}' WHERE sequence = (SELECT MAX(sequence) FROM audit)";
    refused(&|home| tamper(home, end), "broken at its end");
    let trigger = "CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM audit; END";
    let made = |home: &TestHome| Connection::open(home.file("ledger.db")).unwrap().execute_batch(trigger).unwrap();
    refused(&made, "the trigger `t` differs");
    let other = TestHome::with_ca(&[] as &[&str]);
    let other = other.file("issuing/1/ca.crt.pem");
    let other = std::fs::read(other).unwrap();
    let swapped = |home: &TestHome| std::fs::write(home.file("issuing/1/ca.crt.pem"), &other).unwrap();
    refused(&swapped, "is not the certificate that the ledger has");
}

#[test]
fn a_log_is_checked_on_another_machine_by_the_head_that_was_written_down() {
    let home = used();
    let file = home.directory().join("log.jsonl");
    let path = file.to_str().unwrap();
    let exported = home.hubca(&["audit", "export", path, "--json"]).succeeded().json();
    let head = exported["head"].as_str().unwrap();
    assert!(home.hubca(&["audit", "export", path]).failed_with(1).stderr.contains("exists already"));
    home.hubca(&["audit", "export", path, "--force"]).succeeded();
    let piped = home.hubca(&["audit", "export", "-"]).succeeded().stdout;
    assert_eq!(piped, std::fs::read_to_string(&file).unwrap());
    let elsewhere = TestHome::empty();
    let verify = |more: &[&str]| elsewhere.hubca(&[&["audit", "verify", "--log", path, "--json"], more].concat());
    assert_eq!(verify(&["--head", head]).succeeded().json()["head"], head);
    verify(&["--head", &"ab".repeat(32)]).failed_with(3);
    std::fs::write(&file, piped.replacen("hub.lan", "bank.lan", 1)).unwrap();
    let broken = verify(&[]).failed_with(3).json();
    assert!(broken["findings"][0]["message"].as_str().unwrap().contains("does not follow"), "{broken}");
    std::fs::write(&file, "no log").unwrap();
    assert_eq!(verify(&[]).failed_with(1).error()["kind"], "input");
}
