//! The database of a Chromium that was never started: it is made for the root, and goes with it, unless somebody has put something there.

use std::fs;

use crate::{
    scene::{outcomes, pairs},
    support::machine::{Machine, on_a_machine},
};

const TOOLS: [&str; 4] = ["certutil", "pk12util", "modutil", "openssl"];
const ONLY: [&str; 4] = ["--only", "chromium", "--yes", "--json"];

fn is(machine: &Machine, verb: &str, outcome: &str) {
    let answer = machine.hubca(&[&["trust", verb], &ONLY[..]].concat()).succeeded();
    assert_eq!(outcomes(&answer.json()), pairs(&[("chromium", outcome)]), "{answer}");
}

/// What a person has in their directory that concerns browsers, with the modes of directories.
fn held(machine: &Machine) -> String {
    machine.run("cd $HOME; find .pki ! -name '*.db' -printf '%p %m %l\\n' 2>/dev/null | sort || true")
}

fn furnish(machine: &Machine) {
    machine.program("chromium", "#!/bin/sh\n");
    machine.run(
        "cd $HOME; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout theirs.key -out theirs.pem \\
             -subj /CN=theirs -addext basicConstraints=critical,CA:TRUE 2>/dev/null
         openssl pkcs12 -export -inkey theirs.key -in theirs.pem -out theirs.p12 -passout pass: -name theirs",
    );
}

#[test]
fn a_database_that_was_made_for_the_root_goes_with_it() {
    on_a_machine("a database that is made and goes", &TOOLS, |machine| {
        furnish(machine);
        for before in ["", "mkdir -m 750 .pki; touch .pki/theirs"] {
            machine.run(&format!("cd $HOME; {before}"));
            let was = held(machine);
            is(machine, "install", "done");
            assert_eq!(machine.run("stat -c %a $HOME/.pki/nssdb"), "700\n");
            let shown = machine.hubca(&["trust", "remove", "--only", "chromium", "--dry-run"]).succeeded().stdout;
            let has_line = |program: &str| shown.lines().any(|line| line.trim().starts_with(program));
            assert!(has_line("rm -f -- /") && has_line("rmdir -- /"), "{shown}");
            is(machine, "install", "already_so");
            is(machine, "remove", "done");
            assert_eq!(held(machine), was, "{before}");
            is(machine, "remove", "already_so");
        }
        // With the last of several roots.
        machine.run("rm -r $HOME/.pki");
        machine.hubca(&["rotate", "root", "begin", "--no-passphrase"]).succeeded();
        let both = |verb| machine.hubca(&[&["trust", verb], &ONLY[..]].concat()).succeeded().json();
        both("install");
        let shown = machine.hubca(&["trust", "remove", "--only", "chromium", "--dry-run", "--json"]).succeeded().json();
        let steps = |number: usize| shown["stores"][number]["steps"].as_array().unwrap().len();
        assert_eq!((steps(0), steps(1)), (1, 3), "{shown}");
        assert_eq!(outcomes(&both("remove")), pairs(&[("chromium", "done"); 2]));
        assert_eq!(held(machine), "");
    });
}

const PASSWORD_SET: &str = "echo >../../none; echo secret12 >../../new
    modutil -force -dbdir sql:. -changepw 'NSS Certificate DB' -pwfile ../../none -newpwfile ../../new";
const PASSWORD_GONE: &str =
    "modutil -force -dbdir sql:. -changepw 'NSS Certificate DB' -pwfile ../../new -newpwfile ../../none";

#[test]
fn a_database_that_somebody_has_put_something_into_stays() {
    on_a_machine("a database with more in it", &TOOLS, |machine| {
        furnish(machine);
        let mut count = 0;
        for (put, take) in [
            (
                "certutil -A -d sql:. -t ,, -n theirs -a -f /dev/null <../../theirs.pem",
                "certutil -D -d sql:. -n theirs",
            ),
            ("pk12util -d sql:. -i ../../theirs.p12 -W ''", "certutil -F -d sql:. -n theirs -f /dev/null"),
            (
                "cp $(find /usr/lib -name p11-kit-trust.so | head -n 1) $HOME/module.so
                 modutil -force -dbdir sql:. -add theirs -libfile $HOME/module.so",
                "modutil -force -dbdir sql:. -delete theirs",
            ),
            ("touch theirs", "rm theirs"),
            (PASSWORD_SET, PASSWORD_GONE),
        ] {
            is(machine, "install", "done");
            machine.run(&format!("cd $HOME/.pki/nssdb; {put}"));
            // Whoever has set a password takes the root out by themselves.
            let removed = machine.hubca(&[&["trust", "remove"], &ONLY[..]].concat());
            assert!(fs::exists(machine.directory().join(".pki/nssdb/cert9.db")).unwrap(), "{put}: {removed}");
            if removed.code != Some(0) {
                machine.run("cd $HOME/.pki/nssdb; certutil -D -d sql:. -n $(certutil -L -d sql:. | grep -o '^hubca-[^ ]*') -f ../../new");
            }
            assert!(!machine.run("certutil -L -d sql:$HOME/.pki/nssdb").contains("hubca-"), "{put}");
            is(machine, "remove", "already_so");
            // Once that is gone as well, nothing is held there.
            machine.run(&format!("cd $HOME/.pki/nssdb; {take}"));
            is(machine, "remove", "done");
            assert_eq!(held(machine), "", "{take}");
            count += 1;
        }
        assert_eq!(count, 5);
        // One that was thrown away, but for its keys, is a browser's too.
        machine.run("mkdir -p $HOME/.pki/nssdb; certutil -N -d sql:$HOME/.pki/nssdb --empty-password; rm $HOME/.pki/nssdb/cert9.db");
        is(machine, "install", "done");
        is(machine, "remove", "done");
        machine.run("test -e $HOME/.pki/nssdb/key4.db; rm -r $HOME/.pki");
        // An empty one that a browser has made is the browser's.
        machine.run("mkdir -p $HOME/.pki/nssdb; certutil -N -d sql:$HOME/.pki/nssdb --empty-password");
        let was = held(machine);
        is(machine, "install", "done");
        is(machine, "remove", "done");
        assert_eq!(held(machine), was);
    });
}

#[test]
fn a_database_for_which_there_is_no_room_is_told() {
    on_a_machine("a database on a full disk", &TOOLS, |machine| {
        furnish(machine);
        machine.run("mkdir $HOME/.pki; mount -t tmpfs -o size=48k tmpfs $HOME/.pki");
        let answer = machine.hubca(&[&["trust", "install"], &ONLY[..]].concat()).failed_with(1).json();
        let hints = answer["stores"][0]["error"]["hints"].to_string();
        assert!(hints.contains("room on the disk"), "{answer}");
        machine.run("umount $HOME/.pki");
    });
}

#[test]
fn a_run_that_was_stopped_anywhere_leaves_nothing_that_the_next_one_does_not_take_away() {
    on_a_machine("a database that is half made or half gone", &TOOLS, |machine| {
        furnish(machine);
        let shown = |verb: &str| {
            let shown = machine.hubca(&["trust", verb, "--only", "chromium", "--dry-run", "--json"]).succeeded().json();
            let steps = shown["stores"][0]["steps"].as_array().unwrap().clone();
            // A step that writes a file has no command.
            let text = |step: &serde_json::Value, key: &str| step[key].as_str().map(str::to_owned);
            steps
                .iter()
                .map(|step| (text(step, "command"), text(step, "path"), text(step, "content")))
                .collect::<Vec<_>>()
        };
        let take = |step: &(Option<String>, Option<String>, Option<String>)| match step {
            (Some(command), ..) => drop(machine.run(&format!("{command} <'{}'", machine.root().display()))),
            (None, Some(path), content) => fs::write(path, content.as_deref().unwrap()).unwrap(),
            _ => panic!("{step:?}"),
        };
        let making = shown("install");
        assert_eq!(making.len(), 4, "{making:?}");
        for taken in 0..=making.len() {
            making[..taken].iter().for_each(take);
            is(machine, "remove", if taken == 0 { "already_so" } else { "done" });
            assert_eq!(held(machine), "", "{taken}");
            making[..taken].iter().for_each(take);
            is(machine, "install", if taken == making.len() { "already_so" } else { "done" });
            is(machine, "remove", "done");
            assert_eq!(held(machine), "", "{taken}");
        }
        is(machine, "install", "done");
        let removing = shown("remove");
        assert_eq!(removing.len(), 3, "{removing:?}");
        is(machine, "remove", "done");
        for taken in 1..removing.len() {
            is(machine, "install", "done");
            removing[..taken].iter().for_each(take);
            is(machine, "remove", "done");
            assert_eq!(held(machine), "", "{taken}");
        }
        // The program that removes files may be stopped itself.
        is(machine, "install", "done");
        take(&removing[0]);
        machine.run("rm $HOME/.pki/nssdb/cert9.db $HOME/.pki/nssdb/key4.db");
        is(machine, "remove", "done");
        assert_eq!(held(machine), "");
    });
}
