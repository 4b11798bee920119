//! A clock that is set back or leaps, under the real program.

use serde_json::Value;

use crate::support::tools::{commands, present};
use crate::support::{Answer, TestHome};

/// Runs the program with the clock moved.
fn at(home: &TestHome, offset: &str, arguments: &[&str]) -> Answer {
    let mut command = std::process::Command::new("faketime");
    command.args(["-f", offset]).arg(env!("CARGO_BIN_EXE_hubca")).arg("--home").arg(home.path()).args(arguments);
    let output = command.env("COLUMNS", "80").output().unwrap();
    Answer {
        arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
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
    for words in [&["revoke", "a.lan"][..], &line] {
        let refused = at(&home, "-1d", words).failed_with(1);
        assert!(refused.stderr.contains("the clock says"), "{refused}");
    }
    assert_eq!(home.hubca(&["list", "--revoked", "--json"]).succeeded().json().as_array().unwrap().len(), 0);
    // Eight days later the list has run out: the next one is made, and says what was revoked.
    let revoked = at(&home, "+8d", &["revoke", "a.lan", "--json"]).succeeded().json();
    assert!(number(&revoked["crls"]) > last + 8 * 86_400 * 1000 - 600_000);
    // Beyond its end the CA makes no list; the root's is made still.
    let made = at(&home, "+6y", &["crl", "--json"]).succeeded().json();
    assert_eq!((made.as_array().unwrap().len(), made[0]["issuer"].as_str()), (1, Some("root/1")));
    let over = at(&home, "+6y", &line).failed_with(1);
    assert!(over.stderr.contains("is valid from"), "{over}");
}
