//! What is not as it should be: each is named with what helps, and the other stores are changed all the same.

use serde_json::Value;

use crate::{
    scene::outcomes,
    support::machine::{Machine, on_a_machine},
};

/// A machine with the stores of the system and of two browsers.
fn furnish(machine: &Machine) {
    machine.run(
        "cd $HOME
         for place in .pki/nssdb .mozilla/firefox/a.default; do
             mkdir -p $place
             certutil -N -d sql:$place --empty-password
         done",
    );
}

const STORES: [&str; 6] = ["--only", "system", "--only", "chromium", "--only", "firefox"];

/// Installs, and gives the error of the one store that failed.
#[track_caller]
fn failing(machine: &Machine, store: &str) -> Value {
    let line = [&["trust", "install", "--yes", "--json"], &STORES[..]].concat();
    let answer = machine.hubca(&line).failed_with(1).json();
    for (kind, outcome) in outcomes(&answer) {
        assert_eq!(outcome, if kind == store { "failed" } else { "done" }, "{kind}: {answer}");
    }
    let failed = answer["stores"].as_array().unwrap().iter().find(|told| told["store"] == store).unwrap();
    // What is told to programs is told to people.
    let told = machine.hubca(&[&["trust", "install", "--yes"], &STORES[..]].concat()).failed_with(1);
    assert!(told.stdout.contains("failed: ") && told.stdout.contains("error: "), "{told}");
    failed["error"].clone()
}

#[test]
fn a_database_with_a_password_is_named_and_nothing_is_left_in_it() {
    on_a_machine("a database of NSS with a password", &["certutil", "update-ca-certificates"], |machine| {
        furnish(machine);
        machine.run(
            "cd $HOME; rm .mozilla/firefox/a.default/*; echo secret12 >password
             certutil -N -d sql:.mozilla/firefox/a.default -f password",
        );
        let error = failing(machine, "firefox");
        assert_eq!(error["kind"], "passphrase", "{error}");
        assert!(error["hints"][0].as_str().unwrap().contains("primary password"), "{error}");
        assert!(!machine.run("cd $HOME; certutil -L -d sql:.mozilla/firefox/a.default").contains("hubca-"));
    });
}

#[test]
fn a_database_that_is_none_and_a_locked_one_are_named() {
    on_a_machine("a broken database of NSS", &["certutil", "update-ca-certificates", "python3"], |machine| {
        furnish(machine);
        machine.run("cd $HOME; echo nonsense >.mozilla/firefox/a.default/cert9.db");
        let error = failing(machine, "firefox");
        assert!(error["message"].as_str().unwrap().contains("SEC_ERROR"), "{error}");
        machine
            .hubca(&[&["trust", "remove", "--yes", "--only", "system", "--only", "chromium"][..]].concat())
            .succeeded();
        machine.run(
            "cd $HOME; rm .mozilla/firefox/a.default/*; certutil -N -d sql:.mozilla/firefox/a.default --empty-password",
        );
        // As long as a browser writes, it holds the database.
        let holder = "import sqlite3, time; c = sqlite3.connect('.mozilla/firefox/a.default/cert9.db', isolation_level=None); \
                      c.execute('begin exclusive'); print('held', flush=True); time.sleep(600)";
        let mut held = machine.shell(&format!("cd $HOME; exec python3 -c \"{holder}\"")).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_secs(2));
        let error = failing(machine, "firefox");
        held.kill().unwrap();
        held.wait().unwrap();
        let said = format!("{error}");
        assert!(said.contains("SEC_ERROR") || said.contains("SQL"), "{error}");
    });
}

#[test]
fn a_directory_that_takes_no_writes_is_named() {
    on_a_machine("a read-only store", &["certutil", "update-ca-certificates"], |machine| {
        furnish(machine);
        machine.run("mount -t tmpfs -o ro tmpfs /usr/local/share/ca-certificates");
        let error = failing(machine, "system");
        assert!(error["causes"][0].as_str().unwrap().contains("read-only"), "{error}");
    });
}

#[test]
fn a_certutil_that_is_not_there_is_named_with_its_package() {
    on_a_machine("no certutil", &["certutil", "update-ca-certificates"], |machine| {
        furnish(machine);
        machine.run("mount --bind /dev/null $(readlink -f $(command -v certutil))");
        let line = [&["trust", "install", "--yes", "--json"], &STORES[..]].concat();
        let answer = machine.hubca(&line).failed_with(1).json();
        for store in answer["stores"].as_array().unwrap() {
            if store["store"] == "system" {
                assert_eq!(store["outcome"], "done", "{answer}");
                continue;
            }
            assert_eq!(store["error"]["message"], "there is no program `certutil`", "{answer}");
            let hint = store["error"]["hints"][0].as_str().unwrap();
            for package in ["libnss3-tools", "nss-tools", "nss (Arch)", "mozilla-nss-tools"] {
                assert!(hint.contains(package), "{hint}");
            }
        }
    });
}
