//! The program under clocks that others set: three years in steps of some weeks, a leap over the end, and back again.

use std::fs;

use hubca::system::{Clock, SystemClock};

use crate::support::{
    Answer, TestHome, other_clock,
    tools::{commands, present},
};

/// Runs the program so many days from now.
fn at(home: &TestHome, days: i64, arguments: &[&str]) -> Answer {
    after_hours(home, days * 24, arguments)
}

fn after_hours(home: &TestHome, hours: i64, arguments: &[&str]) -> Answer {
    Answer::of(other_clock::set(home.command().args(arguments), &format!("{hours:+}h")))
}

fn is_good(home: &TestHome, label: &str, days: i64) -> bool {
    let shown = at(home, days, &["show", label, "--json"]).succeeded().json();
    shown["status"] == "good"
}

#[test]
fn three_years_in_steps_leave_nothing_expired_and_no_serial_twice() {
    if !present("renewal under other clocks", &commands(&["faketime"])) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    let rows: String = (1..=50)
        .map(|number| format!("hub{number},,hub{number}.lan,{},\n", if number < 5 { "90" } else { "" }))
        .collect();
    let batch = home.directory().join("class.csv");
    fs::write(&batch, format!("label,ip,dns,days,profile\n{rows}")).unwrap();
    home.hubca(&["issue", "--batch", batch.to_str().unwrap()]).succeeded();
    let mut serials = std::collections::HashSet::new();
    for days in (25..3 * 365).step_by(25) {
        let renewed = at(&home, days, &["renew", "--json"]).succeeded().json();
        for renewal in renewed.as_array().unwrap() {
            assert_eq!(renewal["outcome"], "renewed");
            assert!(serials.insert(renewal["certificate"]["serial"].as_str().unwrap().to_owned()));
        }
        assert!(is_good(&home, "hub1", days) && is_good(&home, "hub50", days), "{days}");
    }
    assert!(serials.len() > 50 * 3, "{}", serials.len());
}

#[test]
fn of_a_life_of_a_day_it_is_said_that_one_run_a_day_comes_too_late_and_of_two_days_none_expires() {
    if !present("renewal under other clocks", &commands(&["faketime"])) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    let said = |answer: Answer| answer.succeeded().stderr.contains("once a day");
    assert!(said(home.hubca(&["issue", "--dns", "day.lan", "--days", "1"])));
    assert!(!said(home.hubca(&["issue", "--dns", "two.lan", "--days", "2"])));
    assert!(said(home.hubca(&["edit", "two.lan", "--days", "1"])));
    assert!(!said(home.hubca(&["edit", "two.lan", "--days", "2"])));
    for hours in [12_i64, 40, 64, 93, 112] {
        let at = |arguments: &[&str]| after_hours(&home, hours, arguments);
        assert_eq!(at(&["show", "two.lan", "--json"]).succeeded().json()["status"], "good", "after {hours} hours");
        at(&["renew", "two.lan"]).succeeded();
    }
}

#[test]
fn a_leap_over_the_end_is_made_good_and_a_clock_set_back_is_refused_in_words() {
    if !present("renewal under other clocks", &commands(&["faketime"])) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let renewed = at(&home, 500, &["renew", "--json"]).succeeded().json();
    assert_eq!(renewed[0]["outcome"], "renewed");
    assert!(is_good(&home, "hub.lan", 500));
    // The clock is right again, which is earlier than what was signed.
    let refused = home.hubca(&["renew", "hub.lan", "--force", "--json"]).failed_with(1).json();
    assert_eq!(refused[0]["outcome"], "failed");
    assert!(refused[0]["error"]["message"].as_str().unwrap().contains("the clock says"), "{refused}");
    assert!(is_good(&home, "hub.lan", 501));
}

#[test]
fn after_a_leap_a_person_says_that_the_clock_is_right_and_renew_makes_good_what_was_dated_ahead() {
    if !present("renewal under other clocks", &commands(&["faketime", "openssl"])) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan", "--days", "60"]).succeeded();
    let accept = |options: &[&str]| home.hubca(&[&["audit", "accept-clock"], options].concat());
    let early = accept(&["--today", "2026-11-21"]).failed_with(1);
    assert!(early.stderr.contains("there is nothing to accept"), "{early}");
    at(&home, 50, &["renew"]).succeeded();
    let today = SystemClock.now().date();
    let findings = home.hubca(&["status", "--json"]).failed_with(3).json();
    let kinds: Vec<_> =
        findings["findings"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    for kind in ["clock_behind", "certificate_not_yet_valid", "crl_not_yet_valid"] {
        assert!(kinds.contains(&kind), "{findings}");
    }
    let refused = home.hubca(&["renew"]).failed_with(1);
    assert!(
        refused.stderr.contains("audit accept-clock") || refused.stdout.contains("audit accept-clock"),
        "{refused}"
    );
    // Nobody is asked, and a date of another day, as in a timer, is none.
    let unsaid = home.hubca(&["--yes", "audit", "accept-clock"]).failed_with(1);
    assert!(unsaid.stderr.contains("--today"), "{unsaid}");
    let stale = accept(&["--today", &(today - time::Duration::days(3)).to_string()]).failed_with(1);
    assert!(stale.stderr.contains("is not today"), "{stale}");
    assert_eq!(accept(&["--today", "tomorrow"]).code, Some(2));
    let accepted = accept(&["--today", &today.to_string(), "--json"]).succeeded().json();
    let shown = home.hubca(&["show", "hub.lan", "--json"]).succeeded().json();
    assert_eq!((&shown["status"], &shown["begun"]), (&"good".into(), &false.into()));
    assert!(home.hubca(&["list"]).succeeded().stdout.contains("not begun"));
    let early = home.hubca(&["export", "zip", "hub.lan", "--with-key", "--out", "early.zip", "--json"]);
    assert!(early.failed_with(1).error()["message"].as_str().unwrap().contains("is not valid before"));
    assert_eq!(accepted["not_yet_valid"], serde_json::json!({ "cas": [], "certificates": 1, "crls": ["issuing/1"] }));
    let renewed = home.hubca(&["renew", "--json"]).succeeded().json();
    assert_eq!(renewed[0]["outcome"], "renewed");
    home.hubca(&["issue", "--dns", "nas.lan"]).succeeded();
    home.hubca(&["status", "--offline"]).succeeded();
    for label in ["hub.lan", "nas.lan"] {
        let live = home.file(&format!("live/{label}"));
        let mut verify = std::process::Command::new("openssl");
        verify.args(["verify", "-crl_check", "-CRLfile"]).arg(home.file("crl/issuing-1.crl.pem"));
        verify.arg("-CAfile").arg(home.file("root/root.crt.pem")).arg("-untrusted").arg(live.join("chain.pem"));
        assert!(verify.arg(live.join("cert.pem")).output().unwrap().status.success(), "{label}");
    }
}

#[test]
fn what_was_revoked_and_which_cas_were_made_under_a_clock_that_was_ahead_is_made_good() {
    if !present("renewal under other clocks", &commands(&["faketime"])) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    at(&home, 400, &["revoke", "hub.lan", "--reason", "keyCompromise"]).succeeded();
    at(&home, 400, &["rotate", "root", "begin", "--no-passphrase"]).succeeded();
    at(&home, 400, &["rotate", "issuing"]).succeeded();
    let today = SystemClock.now().date().to_string();
    let accepted = home.hubca(&["audit", "accept-clock", "--today", &today]).succeeded();
    for command in ["rotate root abandon", "rotate issuing", "renew"] {
        assert!(accepted.stdout.contains(command), "{accepted}");
    }
    let kinds = |expected: Option<i32>| {
        let status = home.hubca(&["status", "--offline", "--json"]);
        assert_eq!(status.code, expected, "{status}");
        let found = status.json()["findings"].as_array().unwrap().clone();
        found.iter().map(|it| format!("{} {}", it["kind"].as_str().unwrap(), it["subject"].as_str().unwrap())).collect()
    };
    let found: Vec<String> = kinds(Some(3));
    for finding in ["certificate_revoked hub.lan", "ca_not_yet_valid root/2", "ca_not_yet_valid issuing/3"] {
        assert!(found.iter().any(|found| found == finding), "{found:?}");
    }
    let due = home.hubca(&["renew", "--dry-run", "--json"]).succeeded().json();
    assert_eq!((&due[0]["outcome"], &due[0]["reason"]), (&"due".into(), &"revoked".into()));
    let refused = home.hubca(&["renew"]).failed_with(1);
    assert!(refused.stdout.contains("rotate issuing"), "{refused}");
    let refused = home.hubca(&["--yes", "rotate", "root", "cut-over"]).failed_with(1);
    assert!(refused.stderr.contains("rotate root abandon"), "{refused}");
    home.hubca(&["rotate", "root", "abandon"]).succeeded();
    home.hubca(&["rotate", "issuing"]).succeeded();
    let renewed = home.hubca(&["renew", "--json"]).succeeded().json();
    assert_eq!(renewed[0]["outcome"], "renewed");
    let found: Vec<String> = kinds(Some(0));
    assert!(!found.iter().any(|found| found.contains("not_yet_valid")), "{found:?}");
}
