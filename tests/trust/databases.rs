//! Databases of NSS with much in them, and with names that no list shows as they are: the root is found, and it alone is taken out.

use std::time::{Duration, Instant};

use crate::{
    scene::{outcomes, pairs},
    support::machine::{Machine, on_a_machine},
};

/// An empty database of Chromium's.
fn furnish(machine: &Machine) {
    machine.run("cd $HOME; mkdir -p .pki/nssdb; certutil -N -d sql:.pki/nssdb --empty-password");
}

fn is(machine: &Machine, verb: &str, outcome: &str, code: i32) {
    let line = ["trust", verb, "--only", "chromium", "--yes", "--json"];
    let answer = machine.hubca(&line);
    let answer = if code == 0 { answer.succeeded() } else { answer.failed_with(code) };
    assert_eq!(outcomes(&answer.json()), pairs(&[("chromium", outcome)]), "{answer}");
}

/// Whether the root is in the database, whatever it is called there.
fn has_root(machine: &Machine) -> bool {
    let digits =
        machine.run(&format!("openssl x509 -in '{}' -outform DER | sha256sum | cut -c-64", machine.root().display()));
    let column = "select lower(hex(a11)) from nssPublic where a11 is not null";
    let values = machine.run(&format!(
        "python3 -c \"import sqlite3, os, hashlib
for (value,) in sqlite3.connect(os.environ['HOME'] + '/.pki/nssdb/cert9.db').execute('{column}'):
    print(hashlib.sha256(bytes.fromhex(value)).hexdigest())\""
    ));
    values.lines().any(|line| line == digits.trim())
}

#[test]
fn among_hundreds_the_root_is_found_at_once() {
    on_a_machine("a database with hundreds of certificates", &["certutil", "openssl", "python3"], |machine| {
        furnish(machine);
        machine.run(
            "cd $HOME; openssl ecparam -name prime256v1 -genkey -noout -out key
             for number in $(seq 300); do
                 openssl req -x509 -key key -out $number.pem -subj \"/CN=A certification authority with a long name, number $number\" \\
                     -addext basicConstraints=critical,CA:TRUE
                 echo \"-A -t C,, -n \\\"A certification authority with a long name, number $number\\\" -a -i $number.pem\"
             done >batch
             certutil -B -d sql:.pki/nssdb -i batch -f /dev/null >/dev/null",
        );
        assert!(machine.run("certutil -L -d sql:$HOME/.pki/nssdb").len() > 16 * 1024);
        let begun = Instant::now();
        is(machine, "check", "absent", 3);
        is(machine, "install", "done", 0);
        is(machine, "check", "trusted", 0);
        is(machine, "remove", "done", 0);
        is(machine, "check", "absent", 3);
        // To ask of each by itself took a minute and a half.
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        assert_eq!(machine.run("certutil -L -d sql:$HOME/.pki/nssdb | grep -c 'C,,'").trim(), "300");
    });
}

#[test]
fn under_a_name_that_no_list_shows_as_it_is_the_root_is_found_and_taken_out() {
    on_a_machine("odd names in a database", &["certutil", "openssl", "python3"], |machine| {
        for name in [
            "blank at its end ",
            "a line\nfeed",
            "(NULL)",
            " before",
            "C,,",
            "-dash",
            "token:name",
            "",
            "hüb's \"own\"",
        ] {
            furnish(machine);
            machine.run(&format!(
                "cd $HOME; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out theirs.pem \\
                     -subj /CN=theirs -addext basicConstraints=critical,CA:TRUE
                 certutil -A -d sql:.pki/nssdb -t C,, -n theirs -a -f /dev/null <theirs.pem
                 certutil -A -d sql:.pki/nssdb -t C,, -n plain -a -f /dev/null <'{}'",
                machine.root().display()
            ));
            // certutil itself makes no such name, and others do.
            let update = "c.execute('update nssPublic set a3=? where a3=?', (os.environ['NAME'].encode() or None, b'plain')); c.commit()";
            let script = format!(
                "import sqlite3, os; c = sqlite3.connect(os.environ['HOME'] + '/.pki/nssdb/cert9.db'); {update}"
            );
            let renamed = machine.shell(&format!("python3 -c \"{script}\"")).env("NAME", name).output().unwrap();
            assert!(renamed.status.success(), "{}", String::from_utf8_lossy(&renamed.stderr));
            assert!(has_root(machine), "{name:?}");
            is(machine, "check", "trusted", 0);
            is(machine, "install", "already_so", 0);
            is(machine, "remove", "done", 0);
            assert!(!has_root(machine), "{name:?}");
            is(machine, "check", "absent", 3);
            assert!(machine.run("certutil -L -d sql:$HOME/.pki/nssdb").contains("theirs"));
            machine.run("rm -r $HOME/.pki");
        }
    });
}

#[test]
fn a_root_of_rsa_is_found_by_its_key_too() {
    on_a_machine("a root of RSA in a database", &["certutil", "openssl"], |machine| {
        furnish(machine);
        machine.run(
            "cd $HOME; openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out rsa.pem -subj /CN=rsa \\
                 -addext basicConstraints=critical,CA:TRUE
             certutil -A -d sql:.pki/nssdb -t C,, -n theirs -a -f /dev/null <rsa.pem
             openssl req -x509 -key key -out again.pem -subj /CN=rsa -addext basicConstraints=critical,CA:TRUE",
        );
        let root = |name: &str| machine.directory().join(name).to_str().unwrap().to_owned();
        let told =
            |verb: &str, root: &str| machine.hubca(&["trust", verb, "--only", "chromium", "--yes", "--root", root]);
        told("check", &root("rsa.pem")).succeeded();
        told("check", &root("again.pem")).failed_with(3);
        // Another one with the same subject and key: which of the two certutil would take out, it does not say.
        machine.run("cd $HOME; certutil -A -d sql:.pki/nssdb -t ,, -n other -a -f /dev/null <again.pem");
        let answer = told("remove", &root("rsa.pem")).failed_with(1);
        assert!(answer.stdout.contains("the subject of the root"), "{answer}");
        machine.run("cd $HOME; certutil -D -d sql:.pki/nssdb -n other");
        told("remove", &root("rsa.pem")).succeeded();
        assert!(!machine.run("certutil -L -d sql:$HOME/.pki/nssdb").contains("theirs"));
    });
}

#[test]
fn what_a_module_of_a_database_has_is_not_the_databases() {
    let tools = ["certutil", "modutil", "openssl", "python3", "trust", "update-ca-certificates"];
    on_a_machine("p11-kit as a module of a database", &tools, |machine| {
        furnish(machine);
        machine.run(
            "modutil -force -dbdir sql:$HOME/.pki/nssdb -add trust -libfile $(find /usr/lib -name p11-kit-trust.so | head -n 1)",
        );
        let system = |verb: &str| machine.hubca(&["trust", verb, "--only", "system", "--yes"]).succeeded();
        system("install");
        let by_key = "certutil -L -d sql:$HOME/.pki/nssdb -h all | grep -c 'Test Hub Root CA'";
        assert_eq!(machine.run(by_key).trim(), "1", "the module has no such root");
        is(machine, "check", "absent", 3);
        is(machine, "remove", "already_so", 0);
        is(machine, "install", "done", 0);
        assert!(has_root(machine));
        is(machine, "check", "trusted", 0);
        is(machine, "remove", "done", 0);
        assert!(!has_root(machine));
        // Under a name of somebody else's too.
        machine.run(&format!(
            "certutil -A -d sql:$HOME/.pki/nssdb -t C,, -n theirs -a -f /dev/null <'{}'",
            machine.root().display()
        ));
        is(machine, "check", "trusted", 0);
        is(machine, "remove", "done", 0);
        assert!(!has_root(machine));
        is(machine, "check", "absent", 3);
        system("remove");
    });
}

#[test]
fn what_is_no_database_is_told_as_that_and_is_not_changed() {
    on_a_machine("no database", &["certutil"], |machine| {
        furnish(machine);
        machine.run("echo x >$HOME/.pki/nssdb/cert9.db");
        let answer =
            machine.hubca(&["trust", "install", "--only", "chromium", "--yes", "--json"]).failed_with(1).json();
        let error = answer["stores"][0]["error"].to_string();
        assert!(error.contains("cert9.db` is no database of NSS") && error.contains("move it away"), "{error}");
        assert!(!error.contains("a browser that runs"), "{error}");
        assert_eq!(machine.run("cat $HOME/.pki/nssdb/cert9.db"), "x\n");
    });
}
