//! Roots that were handed out once and are no more: where one is trusted still, that is told, and it can be taken away.

use serde_json::Value;

use crate::support::machine::{Machine, on_a_machine};

const ONLY: [&str; 3] = ["--only", "chromium", "--yes"];

fn trust<'a>(machine: &'a Machine, verb: &'a str) -> impl Fn(&[&str]) -> crate::support::Answer + 'a {
    move |more| machine.hubca(&[&["trust", verb], &ONLY[..], more].concat())
}

fn furnish(machine: &Machine) {
    machine.run("cd $HOME; mkdir -p .pki/nssdb; certutil -N -d sql:.pki/nssdb --empty-password");
}

/// How many roots of ours the database has.
fn count(machine: &Machine) -> usize {
    machine.run("certutil -L -d sql:$HOME/.pki/nssdb").matches("hubca-").count()
}

/// The file of the root that is told as trusted still, by `check` and by the step that left it.
#[track_caller]
fn left_by(machine: &Machine, step: &Value) -> String {
    let file = step["withdrawn"][0].as_str().unwrap().to_owned();
    let told = trust(machine, "check")(&[]).failed_with(3);
    assert!(told.stdout.contains("trusts the earlier root still"), "{told}");
    assert!(told.stdout.contains(&format!("hubca trust remove --root {file}")), "{told}");
    let told = trust(machine, "check")(&["--json"]).failed_with(3).json();
    let stores = told["stores"].as_array().unwrap();
    let earlier: Vec<_> = stores.iter().filter(|store| store["handed_out"] == false).collect();
    assert_eq!((told["ok"].as_bool(), earlier.len()), (Some(false), 1), "{told}");
    assert_eq!(earlier[0]["standing"], "trusted");
    file
}

#[test]
fn a_retired_root_is_told_where_it_is_trusted_still_and_taken_away() {
    on_a_machine("a retired root", &["certutil"], |machine| {
        furnish(machine);
        trust(machine, "install")(&[]).succeeded();
        machine.hubca(&["rotate", "root", "begin", "--no-passphrase"]).succeeded();
        trust(machine, "install")(&[]).succeeded();
        trust(machine, "check")(&[]).succeeded();
        machine.hubca(&["rotate", "root", "cut-over"]).succeeded();
        let retired = machine.hubca(&["rotate", "root", "retire", "--json"]).succeeded().json();
        let told = machine.hubca(&["rotate", "root", "retire"]).succeeded();
        assert_eq!(count(machine), 2);
        let file = left_by(machine, &retired);
        assert!(told.stdout.contains(&format!("hubca trust remove --root {file}")), "{told}");
        // It alone.
        trust(machine, "remove")(&["--root", &file]).succeeded();
        trust(machine, "check")(&[]).succeeded();
        assert_eq!(count(machine), 1);
        // Or with the one of today.
        let digits = machine.run(&format!("openssl x509 -in '{file}' -outform DER | sha256sum | cut -c-64"));
        trust(machine, "install")(&["--root", &file, "--sha256", digits.trim()]).succeeded();
        let removed = trust(machine, "remove")(&["--json"]).succeeded().json();
        assert_eq!((removed["roots"].as_array().unwrap().len(), count(machine)), (2, 0), "{removed}");
        // Where there is none, nothing is told of it.
        let removed = trust(machine, "remove")(&["--json"]).succeeded().json();
        assert_eq!((removed["roots"].as_array().unwrap().len(), removed["stores"].as_array().unwrap().len()), (1, 1));
    });
}

#[test]
fn a_root_that_was_given_up_is_told_where_it_is_trusted_still_and_taken_away() {
    on_a_machine("an abandoned root", &["certutil"], |machine| {
        furnish(machine);
        machine.hubca(&["rotate", "root", "begin", "--no-passphrase"]).succeeded();
        trust(machine, "install")(&[]).succeeded();
        let abandoned = machine.hubca(&["rotate", "root", "abandon", "--json"]).succeeded().json();
        left_by(machine, &abandoned);
        trust(machine, "remove")(&[]).succeeded();
        assert_eq!(count(machine), 0);
    });
}
