//! A password that is made is shown once, to a person, and nowhere else.

use std::{fs, process::Command};

use crate::machine::Machine;

/// The password that stands in what was shown: five groups of four letters.
fn shown(stderr: &str) -> String {
    let mut lines = stderr.lines().filter_map(|line| line.strip_prefix("password: "));
    let password = lines.next().unwrap_or_else(|| panic!("no password in {stderr:?}")).to_owned();
    assert!(lines.next().is_none() && password.split('-').map(str::len).eq([4; 5]), "{stderr}");
    password
}

fn opens(file: &std::path::Path, password: &str) -> bool {
    let mut command = Command::new("openssl");
    command.args(["pkcs12", "-noout", "-passin", &format!("pass:{password}"), "-in"]).arg(file);
    command.output().unwrap().status.success()
}

#[test]
fn a_new_password_is_shown_on_stderr_whoever_reads_the_answer() {
    let machine = Machine::with_ca();
    assert_eq!(machine.run(&["issue", "--dns", "hub.lan"]).code, 0);
    let file = machine.file("hub.p12");
    let mut passwords = Vec::new();
    for option in ["--force", "--quiet", "--json", "--yes"] {
        let line = ["export", "p12", "hub.lan", "--force", "--out", file.to_str().unwrap(), option];
        let line = if option == "--force" { &line[..6] } else { &line[..] };
        let seen = machine.run_with(line, &[]);
        assert_eq!((seen.code, seen.questions.len()), (0, 0), "{}", seen.stderr);
        let password = shown(&seen.stderr);
        assert!(!seen.stdout.contains(&password) && opens(&file, &password) && !opens(&file, "another"));
        assert!(!fs::read(&file).unwrap().windows(24).any(|window| window == password.as_bytes()));
        passwords.push(password);
    }
    passwords.sort();
    passwords.dedup();
    assert_eq!(passwords.len(), 4);
}

#[test]
fn a_chosen_password_is_not_shown_and_a_failed_export_shows_none() {
    use std::os::unix::fs::PermissionsExt;
    let machine = Machine::with_ca();
    assert_eq!(machine.run(&["issue", "--dns", "hub.lan"]).code, 0);
    let (file, chosen) = (machine.file("hub.p12"), machine.file("chosen"));
    fs::write(&chosen, "correct horse battery").unwrap();
    fs::set_permissions(&chosen, fs::Permissions::from_mode(0o600)).unwrap();
    let line = ["export", "p12", "hub.lan", "--out", file.to_str().unwrap()];
    let line: Vec<&str> = line.into_iter().chain(["--password-file", chosen.to_str().unwrap()]).collect();
    machine.run_with(&line, &[]).is("export-p12");
    assert!(opens(&file, "correct horse battery"));
    let again = machine.run_with(&line[..5], &[]);
    assert!(again.code == 1 && !again.stderr.contains("password:"), "{}", again.stderr);
}
