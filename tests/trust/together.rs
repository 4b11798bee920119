//! Several runs at once: they change a store one after the other, and none undoes what another did.

use crate::support::machine::{Machine, on_a_machine};

const ROOTS: [&str; 2] = ["first", "second"];

/// Two roots that a home knows nothing of.
fn furnish(machine: &Machine) {
    machine.program("chromium", "#!/bin/sh\n");
    for name in ROOTS {
        machine.run(&format!(
            "cd $HOME; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out {name}.pem \\
                 -subj /CN={name} -addext basicConstraints=critical,CA:TRUE"
        ));
    }
}

/// Starts three runs for each root, all at once, and sees that all of them end well.
fn all_at_once(machine: &Machine, verb: &str) {
    let quoted = |words: Vec<String>| words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let line = |name: &str| {
        let file = machine.directory().join(format!("{name}.pem")).display().to_string();
        let digits = machine.run(&format!("openssl x509 -in {file} -outform DER | sha256sum | cut -c-64"));
        let pinned = ["--root", &file, "--sha256", digits.trim()];
        quoted(machine.words(&[&["trust", verb, "--only", "chromium", "--yes"], &pinned[..]].concat()))
    };
    let runs: Vec<String> = ROOTS.iter().cycle().take(6).map(|name| line(name)).collect();
    let started = runs.iter().map(|run| format!("{{ {run} 2>&1 || echo ended $?; }} & "));
    let said = machine.run(&format!("{} wait", started.collect::<String>()));
    assert!(!said.contains("ended") && !said.contains("error"), "{verb}: {said}");
}

#[test]
fn six_at_once_leave_in_a_database_what_each_of_them_put_there() {
    on_a_machine("six at once", &["certutil", "openssl"], |machine| {
        furnish(machine);
        for _ in 0..3 {
            all_at_once(machine, "install");
            let listed = machine.run("certutil -L -d sql:$HOME/.pki/nssdb");
            assert!(ROOTS.iter().all(|name| listed.contains(&format!("hubca-{name}-"))), "{listed}");
            all_at_once(machine, "remove");
            machine.run("test ! -e $HOME/.pki");
        }
    });
}

#[test]
fn who_finds_another_at_work_for_too_long_says_so() {
    on_a_machine("another at work", &["certutil", "flock"], |machine| {
        furnish(machine);
        let mut other = machine.shell("exec flock $HOME sleep 300").spawn().unwrap();
        let begun = std::time::Instant::now();
        let answer =
            machine.hubca(&["trust", "install", "--only", "chromium", "--yes", "--json"]).failed_with(1).json();
        other.kill().unwrap();
        other.wait().unwrap();
        let waited = begun.elapsed().as_secs();
        let error = &answer["stores"][0]["error"];
        assert!(error["message"].as_str().unwrap().starts_with("another run of hubca is at work in `"), "{error}");
        assert!((60..110).contains(&waited), "{waited}");
        machine.run("test ! -e $HOME/.pki");
    });
}
