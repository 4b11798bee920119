//! Several runs at once: they change a store one after the other, and none undoes what another did.

use std::{
    process::{Child, Stdio},
    time::{Duration, Instant},
};

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
fn all_at_once(machine: &Machine, verb: &str, store: &str) {
    let quoted = |words: Vec<String>| words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let line = |name: &str| {
        let file = machine.directory().join(format!("{name}.pem")).display().to_string();
        let digits = machine.run(&format!("openssl x509 -in {file} -outform DER | sha256sum | cut -c-64"));
        let pinned = ["--root", &file, "--sha256", digits.trim()];
        quoted(machine.words(&[&["trust", verb, "--only", store, "--yes"], &pinned[..]].concat()))
    };
    let runs: Vec<String> = ROOTS.iter().cycle().take(6).map(|name| line(name)).collect();
    let started = runs.iter().map(|run| format!("{{ {run} 2>&1 || echo ended $?; }} & "));
    let said = machine.run(&format!("{} wait", started.collect::<String>()));
    // Words of a fingerprint may be `error`.
    assert!(!said.contains("ended ") && !said.contains("error:"), "{verb}: {said}");
}

#[test]
fn six_at_once_leave_in_a_database_what_each_of_them_put_there() {
    on_a_machine("six at once", &["certutil", "openssl"], |machine| {
        furnish(machine);
        for _ in 0..3 {
            all_at_once(machine, "install", "chromium");
            let listed = machine.run("certutil -L -d sql:$HOME/.pki/nssdb");
            assert!(ROOTS.iter().all(|name| listed.contains(&format!("hubca-{name}-"))), "{listed}");
            all_at_once(machine, "remove", "chromium");
            machine.run("test ! -e $HOME/.pki");
        }
    });
}

#[test]
fn six_at_once_leave_in_the_system_what_each_of_them_put_there() {
    on_a_machine("six at once in the system", &["update-ca-certificates", "openssl"], |machine| {
        furnish(machine);
        let bundled = || {
            let bundle = machine.run("cat /etc/ssl/certs/ca-certificates.crt");
            ROOTS.map(|name| bundle.contains(machine.run(&format!("cat $HOME/{name}.pem")).trim()))
        };
        all_at_once(machine, "install", "system");
        assert_eq!(bundled(), [true, true]);
        all_at_once(machine, "remove", "system");
        assert_eq!(bundled(), [false, false]);
        machine.run("test ! -e /run/hubca-trust");
    });
}

/// Somebody who holds a directory until the end of this value.
struct Holder(Child);

impl Holder {
    /// By whom it is held is said by the words before.
    fn of(machine: &Machine, before: &str, directory: &str) -> Self {
        let holding = format!("exec {before} flock --close {directory} sh -c 'echo; exec sleep 300'");
        let mut child = machine.shell(&holding).stdout(Stdio::piped()).spawn().unwrap();
        // The line comes when it is held.
        let mut said = [0];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut said).unwrap();
        assert!(!machine.shell(&format!("exec flock --nonblock {directory} true")).status().unwrap().success());
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn who_finds_another_at_work_asks_all_the_same_and_changes_nothing() {
    on_a_machine("another at work", &["certutil", "flock"], |machine| {
        furnish(machine);
        // Two stores of the same person: they are waited for once.
        machine.run("chmod 700 $HOME; mkdir -p $HOME/.mozilla/firefox/a; certutil -N -d sql:$HOME/.mozilla/firefox/a --empty-password");
        let _other = Holder::of(machine, "", "$HOME");
        let begun = Instant::now();
        let stores = ["--only", "chromium", "--only", "firefox"];
        let told = machine.hubca(&[&["trust", "check"], &stores[..]].concat()).failed_with(3);
        assert!(told.stdout.contains("does not trust it") && told.stderr.contains("half made"), "{told}");
        assert!((4..30).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        let begun = Instant::now();
        let answer = machine.hubca(&[&["trust", "install", "--yes", "--json"], &stores[..]].concat());
        let answer = answer.failed_with(1).json();
        let waited = begun.elapsed().as_secs();
        for store in answer["stores"].as_array().unwrap() {
            let message = store["error"]["message"].as_str().unwrap();
            assert!(message.ends_with(" is held, most likely by another run of hubca"), "{message}");
        }
        assert_eq!(answer["stores"].as_array().unwrap().len(), 2);
        assert!((60..110).contains(&waited), "{waited}");
        machine.run("test ! -e $HOME/.pki");
    });
}

#[test]
fn what_anybody_may_hold_keeps_nobody_from_a_store() {
    let tools = ["update-ca-certificates", "certutil", "flock", "setpriv"];
    on_a_machine("somebody who holds what they may open", &tools, |machine| {
        furnish(machine);
        machine.program("firefox", "#!/bin/sh\n");
        machine.run("chmod 755 $HOME");
        let anybody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
        let _holders = ["/usr/local/share", "/etc", "/run", "$HOME"].map(|held| Holder::of(machine, anybody, held));
        let stores = ["--only", "system", "--only", "firefox-policy", "--only", "chromium"];
        let trust = |verb: &str, more: &[&str]| machine.hubca(&[&["trust", verb], &stores[..], more].concat());
        let begun = Instant::now();
        let told = trust("check", &[]).failed_with(3);
        assert!(!told.stdout.contains("does not say") && !told.stderr.contains("half made"), "{told}");
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
        // Nor what somebody has put where the lock would lie, were they able to.
        machine.run("mkdir -m 700 /run/hubca-trust; chown 65534 /run/hubca-trust");
        let _holder = Holder::of(machine, anybody, "/run/hubca-trust");
        for (verb, code) in [("install", 0), ("check", 0), ("remove", 0), ("check", 3)] {
            let begun = Instant::now();
            let yes: &[&str] = if verb == "check" { &[] } else { &["--yes"] };
            let answer = trust(verb, yes);
            if code == 0 {
                answer.succeeded()
            } else {
                answer.failed_with(code)
            };
            assert!(begun.elapsed() < Duration::from_secs(50), "{verb}: {:?}", begun.elapsed());
        }
    });
}

#[test]
fn runs_of_root_wait_for_one_another() {
    on_a_machine("another run of root's", &["update-ca-certificates", "flock"], |machine| {
        machine.run("mkdir -m 700 /run/hubca-trust");
        let other = Holder::of(machine, "", "/run/hubca-trust");
        let begun = Instant::now();
        let told = machine.hubca(&["trust", "install", "--only", "system", "--dry-run"]).succeeded();
        assert!(told.stdout.contains("update-ca-certificates") && told.stderr.contains("half made"), "{told}");
        assert!((4..30).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        drop(other);
        // What it has left goes with the next.
        machine.hubca(&["trust", "check", "--only", "system"]).failed_with(3);
        machine.run("test ! -e /run/hubca-trust");
    });
}
