//! Roots that were handed out once and are no more: where one is trusted still, that is told, and it can be taken away.

use std::process::Command;

use serde_json::Value;

use crate::support::{
    Answer,
    machine::{Machine, on_a_machine},
};

const ONLY: [&str; 3] = ["--only", "chromium", "--yes"];

fn trust<'a>(machine: &'a Machine, verb: &'a str) -> impl Fn(&[&str]) -> Answer + 'a {
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

/// Runs a command in another home of the same person's.
fn in_home(machine: &Machine, name: &str, words: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubca"));
    command.arg("--home").arg(machine.directory().join(name)).args(words).current_dir(machine.directory());
    let path = std::env::var_os("PATH").unwrap_or_default();
    Answer::of(command.env_clear().env("HOME", machine.directory()).env("PATH", path).env("COLUMNS", "80"))
}

/// Sees that of two roots in the database one is told as handed out no more, and that both are taken out.
#[track_caller]
fn both_go(machine: &Machine, home: &str, earlier: &str) {
    assert_eq!(count(machine), 2);
    let checked = in_home(machine, home, &[&["trust", "check", "--json"], &ONLY[..]].concat()).failed_with(3).json();
    let told: Vec<_> =
        checked["stores"].as_array().unwrap().iter().filter(|store| store["handed_out"] == false).collect();
    assert_eq!((told.len(), &told[0]["standing"]), (1, &"trusted".into()), "{checked}");
    let told = in_home(machine, home, &[&["trust", "check"], &ONLY[..]].concat()).failed_with(3);
    let file = machine.directory().join(home).join(earlier);
    assert!(told.stdout.contains(&format!("hubca trust remove --root {}", file.display())), "{told}");
    in_home(machine, home, &["trust", "check", "--only", "chromium", "--root", file.to_str().unwrap()]).succeeded();
    let removed = in_home(machine, home, &[&["trust", "remove", "--json"], &ONLY[..]].concat()).succeeded().json();
    assert_eq!((removed["roots"].as_array().unwrap().len(), count(machine)), (2, 0), "{removed}");
}

#[test]
fn a_retired_root_that_moved_in_is_told_and_taken_away() {
    on_a_machine("a retired root of an imported home", &["certutil", "openssl"], |machine| {
        furnish(machine);
        machine.run(
            "cd $HOME; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout old.key -out old.pem -subj '/CN=Old Root' \
                 -days 3650 -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null",
        );
        let run = |words: &[&str]| in_home(machine, "moved", words).succeeded();
        run(&["import", "pem", "--root-cert", "old.pem", "--root-key", "old.key", "--no-passphrase"]);
        run(&[&["trust", "install"], &ONLY[..]].concat());
        run(&["rotate", "root", "begin", "--no-passphrase", "--yes"]);
        run(&[&["trust", "install"], &ONLY[..]].concat());
        run(&["rotate", "root", "cut-over", "--now", "--yes"]);
        run(&["rotate", "root", "retire", "--yes"]);
        both_go(machine, "moved", "root/root.crt.pem");
    });
}

#[test]
fn a_retired_root_is_known_to_a_restored_home_too() {
    on_a_machine("a retired root of a restored home", &["certutil"], |machine| {
        furnish(machine);
        trust(machine, "install")(&[]).succeeded();
        machine.hubca(&["rotate", "root", "begin", "--no-passphrase"]).succeeded();
        trust(machine, "install")(&[]).succeeded();
        machine.hubca(&["rotate", "root", "cut-over"]).succeeded();
        machine.hubca(&["rotate", "root", "retire"]).succeeded();
        machine.run("cd $HOME; (umask 077; echo six random words that nobody guesses >passphrase)");
        machine.hubca(&["backup", "kept", "--backup-passphrase-file", "passphrase"]).succeeded();
        in_home(machine, "restored", &["restore", "kept", "--backup-passphrase-file", "passphrase"]).succeeded();
        both_go(machine, "restored", "root/root.crt.pem");
    });
}
