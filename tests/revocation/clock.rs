//! A clock that is set back or leaps, under the real program.

use serde_json::Value;

use crate::support::tools::{commands, present};
use crate::support::{Answer, TestHome, other_clock};

/// Runs the program with the clock moved.
fn at(home: &TestHome, offset: &str, arguments: &[&str]) -> Answer {
    Answer::of(other_clock::set(home.command().args(arguments), offset))
}

#[test]
fn after_a_leap_of_twenty_years_what_is_revoked_is_on_a_list_that_others_accept_today() {
    if !present("clock faults", &commands(&["faketime", "openssl"])) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    for name in ["a.lan", "b.lan"] {
        home.hubca(&["issue", "--dns", name]).succeeded();
    }
    at(&home, "+20y", &["edit", "a.lan", "--days", "90"]).succeeded();
    let revoked = home.hubca(&["revoke", "a.lan", "--reason", "keyCompromise"]).succeeded();
    assert!(revoked.stderr.contains("dated by the clock"), "{revoked}");
    home.hubca(&["crl"]).succeeded();
    let verify = |label: &str| {
        let live = home.file(&format!("live/{label}"));
        let lists = ["issuing-1.crl.pem", "root-1.crl.pem"].map(|name| home.file(&format!("crl/{name}")));
        let mut command = std::process::Command::new("openssl");
        command.args(["verify", "-crl_check_all", "-CAfile"]).arg(home.file("root/root.crt.pem"));
        command.arg("-untrusted").arg(live.join("chain.pem"));
        lists.iter().for_each(|list| {
            command.arg("-CRLfile").arg(list);
        });
        let output = command.arg(live.join("cert.pem")).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    assert!(verify("a.lan").contains("certificate revoked"), "{}", verify("a.lan"));
    assert!(verify("b.lan").contains(": OK"), "{}", verify("b.lan"));
}

fn number(answer: &Value) -> i64 {
    answer[0]["number"].as_i64().unwrap()
}

#[test]
fn numbers_grow_whatever_the_clock_does() {
    if !present("clock faults", &commands(&["faketime"])) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "a.lan"]).succeeded();
    let line = ["crl", "--issuer", "issuing", "--json"];
    let mut last = number(&at(&home, "+0", &line).succeeded().json());
    // A time service takes back two minutes.
    let next = number(&at(&home, "-2m", &line).succeeded().json());
    assert!(next > last);
    last = next;
    // A clock that is far behind, right or wrong, holds up no revocation; before the CA began there is no list.
    home.hubca(&["issue", "--dns", "b.lan"]).succeeded();
    let early = at(&home, "-1h", &["revoke", "b.lan", "--json"]).succeeded();
    assert!(early.stderr.contains("the clock says"), "{early}");
    let next = number(&early.json()["crls"]);
    assert!(next > last);
    last = next;
    let refused = at(&home, "-10d", &line).failed_with(1);
    assert!(refused.stderr.contains("is valid from"), "{refused}");
    assert_eq!(home.hubca(&["list", "--revoked", "--json"]).succeeded().json().as_array().unwrap().len(), 1);
    // Eight days later the list has run out: the next one is made, and says what was revoked.
    let revoked = at(&home, "+8d", &["revoke", "a.lan", "--json"]).succeeded().json();
    assert!(number(&revoked["crls"]) > last + 8 * 86_400 * 1000 - 600_000);
    // Beyond its end the CA makes no list; the root's is made still.
    let made = at(&home, "+6y", &["crl", "--json"]).succeeded().json();
    assert_eq!((made.as_array().unwrap().len(), made[0]["issuer"].as_str()), (1, Some("root/1")));
    let over = at(&home, "+6y", &line).failed_with(1);
    assert!(over.stderr.contains("is valid from"), "{over}");
}
