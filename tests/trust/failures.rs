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

#[test]
fn of_two_cas_with_one_subject_only_ours_is_taken_out_of_a_database() {
    on_a_machine("two CAs with one subject", &["certutil", "openssl"], |machine| {
        machine.run(
            "cd $HOME; mkdir -p .pki/nssdb; certutil -N -d sql:.pki/nssdb --empty-password
             for name in theirs ours; do
                 openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.pem \\
                     -subj '/CN=Home CA/O=x' -days 30 2>/dev/null
             done
             certutil -A -d sql:.pki/nssdb -t C,, -n theirs -a -f /dev/null <theirs.pem",
        );
        let fingerprint = machine.run("openssl x509 -in $HOME/ours.pem -noout -fingerprint -sha256 | cut -d= -f2");
        let root = machine.directory().join("ours.pem");
        let only = ["--only", "chromium", "--root", root.to_str().unwrap()];
        let told = |words: &[&str]| machine.hubca(&[words, &only[..]].concat());
        told(&["trust", "check"]).failed_with(3);
        told(&["trust", "install", "--yes", "--sha256", fingerprint.trim()]).succeeded();
        told(&["trust", "check"]).succeeded();
        told(&["trust", "remove", "--yes"]).succeeded();
        let list = machine.run("certutil -L -d sql:$HOME/.pki/nssdb");
        assert!(list.contains("theirs") && !list.contains("hubca-"), "{list}");
        // Under a name that is not ours it is known by its key, and so is how far it is trusted.
        machine.run("cd $HOME; certutil -A -d sql:.pki/nssdb -t ,, -n mine -a -f /dev/null <ours.pem");
        let answer = told(&["trust", "check"]).failed_with(3);
        assert!(answer.stdout.contains("has it and does not trust it"), "{answer}");
        told(&["trust", "remove", "--yes"]).succeeded();
        let list = machine.run("certutil -L -d sql:$HOME/.pki/nssdb");
        assert!(list.contains("theirs") && !list.contains("mine"), "{list}");
    });
}

#[test]
fn what_lay_in_a_database_before_a_failed_installation_lies_there_still() {
    on_a_machine("a root that lies in a shut database", &["certutil"], |machine| {
        machine.run(&format!(
            "cd $HOME; mkdir -p .pki/nssdb; echo secret12 >password; certutil -N -d sql:.pki/nssdb -f password
             certutil -A -d sql:.pki/nssdb -t ,, -n 'met once' -a -f password <'{}'",
            machine.root().display()
        ));
        machine.hubca(&["trust", "install", "--yes", "--only", "chromium"]).failed_with(1);
        let list = machine.run("certutil -L -d sql:$HOME/.pki/nssdb");
        assert!(list.contains("met once"), "{list}");
    });
}

#[test]
fn a_directory_whose_name_no_program_can_be_given_is_named_and_nothing_is_made() {
    on_a_machine("a name that is not UTF-8", &["certutil"], |machine| {
        let words = machine.words(&["trust", "install", "--yes", "--json", "--only", "chromium"]);
        let words = words.iter().filter(|word| !word.starts_with("HOME=")).map(|word| format!("'{word}'"));
        let line = words.collect::<Vec<_>>()[2..].join(" ");
        machine.run("h=$(printf '/run/bad\\377x'); mkdir -p \"$h/.pki/nssdb\"; certutil -N -d \"sql:$h/.pki/nssdb\" --empty-password");
        let before = machine.run("ls /run | od -c");
        let said = machine.run(&format!("h=$(printf '/run/bad\\377x'); env -i HOME=\"$h\" {line} || echo ended $?"));
        assert!(said.contains("is not UTF-8") && said.contains("ended 1"), "{said}");
        assert_eq!(machine.run("ls /run | od -c"), before);
    });
}

#[test]
fn what_is_begun_comes_to_its_end_though_hubca_is_killed() {
    on_a_machine("a killed removal", &["certutil", "update-ca-certificates", "openssl"], |machine| {
        let only = ["--only", "system"];
        machine.hubca(&[&["trust", "install", "--yes"], &only[..]].concat()).succeeded();
        let links = || machine.run("find /etc/ssl/certs -type l | wc -l").trim().parse::<i32>().unwrap();
        let before = links();
        // It says something all the time, as the real one does.
        machine.run(
            "cp $(command -v update-ca-certificates) $HOME/update
             printf '#!/bin/sh\\n: >%s/begun\\nfor n in 1 2 3 4; do echo working; sleep 0.5; done\\n%s/update \"$@\"\\n: >%s/done' $HOME $HOME $HOME >$HOME/slow
             chmod +x $HOME/slow; mount --bind $HOME/slow $(command -v update-ca-certificates)",
        );
        let line = machine.words(&[&["trust", "remove", "--yes"], &only[..]].concat());
        let quoted = line.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
        machine.run(&format!(
            "{quoted} >$HOME/told 2>&1 & program=$!
             until [ -e $HOME/begun ]; do sleep 0.1; done; kill -KILL $program
             wait $program && exit 1; for n in $(seq 300); do [ -e $HOME/done ] && exit; sleep 0.1; done; exit 1"
        ));
        assert!(links() >= before - 3, "{} of {before} links are left", links());
        machine.hubca(&[&["trust", "check"], &only[..]].concat()).failed_with(3);
    });
}

#[test]
fn what_is_begun_when_an_end_is_asked_for_comes_to_its_end() {
    on_a_machine("an interrupted removal", &["certutil", "update-ca-certificates", "openssl"], |machine| {
        furnish(machine);
        machine.hubca(&[&["trust", "install", "--yes"], &STORES[..]].concat()).succeeded();
        let links = "find /etc/ssl/certs -type l | wc -l";
        let before = machine.run(links);
        machine.run(
            "cp $(command -v update-ca-certificates) $HOME/update
             printf '#!/bin/sh\\nsleep 2\\nexec %s/update \"$@\"\\n' $HOME >$HOME/slow
             chmod +x $HOME/slow; mount --bind $HOME/slow $(command -v update-ca-certificates)",
        );
        let line = machine.words(&[&["trust", "remove", "--yes"], &STORES[..]].concat());
        let quoted = line.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
        let said = machine.run(&format!(
            "{quoted} >$HOME/told 2>&1 & program=$!; sleep 1; kill -TERM $program
             wait $program && echo ended 0 || echo ended $?; cat $HOME/told"
        ));
        assert!(said.contains("ended 1") && said.contains("an end was asked for"), "{said}");
        // The store that was begun is whole, and the root is out of it; the other was not begun.
        let after: i32 = machine.run(links).trim().parse().unwrap();
        assert!(after >= before.trim().parse::<i32>().unwrap() - 3, "{after} of {before} links are left");
        machine.hubca(&["trust", "check", "--only", "system"]).failed_with(3);
        machine.hubca(&["trust", "check", "--only", "firefox"]).succeeded();
        machine.hubca(&[&["trust", "remove", "--yes"], &STORES[..]].concat()).succeeded();
    });
}

#[test]
fn a_system_that_keeps_anchors_nowhere_is_told_with_the_package_and_the_rest_is_done() {
    on_a_machine("no ca-certificates", &["certutil"], |machine| {
        furnish(machine);
        machine.run("mount -t tmpfs tmpfs /usr/local/share; mount --bind /dev/null $(readlink -f $(command -v trust))");
        let error = failing(machine, "system");
        assert!(error["hints"][0].as_str().unwrap().starts_with("install ca-certificates"), "{error}");
        let asked = machine.hubca(&[&["trust", "check"], &STORES[..]].concat()).failed_with(1);
        assert!(asked.stdout.contains("does not say: nowhere") && asked.stdout.contains("ca-certificates"), "{asked}");
        // No installation mends that.
        assert!(!asked.stdout.contains("trust install"), "{asked}");
        machine.hubca(&[&["trust", "remove", "--yes"], &STORES[..]].concat()).succeeded();
    });
}

#[test]
fn a_home_directory_that_is_not_there_is_named_and_a_relative_one_is_looked_for() {
    on_a_machine("a home that is not there", &["certutil", "openssl"], |machine| {
        machine.program("chromium", "#!/bin/sh\n");
        let root = machine.root().display().to_string();
        let digits = machine.run(&format!("openssl x509 -in '{root}' -outform DER | sha256sum | cut -c-64"));
        let words = |verb: &str| {
            let line = ["trust", verb, "--only", "chromium", "--yes", "--json"];
            let words = machine.words(&[&line[..], &["--root", &root, "--sha256", digits.trim()]].concat());
            words[2..]
                .iter()
                .filter(|word| !word.starts_with("HOME="))
                .map(|word| format!("'{word}'"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        let at = |home: &str, verb: &str| {
            let line = format!("cd /run; env -i HOME={home} {} || true", words(verb));
            let output = machine.shell(&line).output().unwrap();
            serde_json::from_slice::<Value>(&output.stdout).unwrap()
        };
        let error = at("/nowhere", "install")["stores"][0]["error"].clone();
        assert!(error["message"].as_str().unwrap().starts_with("there is no directory `/nowhere`"), "{error}");
        assert!(error["hints"][0].as_str().unwrap().starts_with("have HOME name"), "{error}");
        machine.run("mkdir /run/near");
        assert_eq!(at("near", "install")["stores"][0]["place"], "/run/near/.pki/nssdb");
        machine.run("test -e /run/near/.pki/nssdb/cert9.db");
        assert_eq!(at("near", "remove")["stores"][0]["outcome"], "done");
        machine.run("test ! -e /run/near/.pki");
    });
}

#[test]
fn who_called_sudo_and_is_not_known_is_told() {
    on_a_machine("an unknown caller of sudo", &["update-ca-certificates"], |machine| {
        let words = machine.words(&["trust", "check", "--only", "system"]);
        let line = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
        let line = line.replacen("'-i'", "-i SUDO_USER=nonexist", 1);
        let said = machine.run(&format!("{line} || test $? = 3"));
        assert!(said.contains("`nonexist` called sudo, says SUDO_USER"), "{said}");
    });
}

#[test]
fn a_file_of_the_roots_name_with_something_else_in_it_is_told_and_left() {
    on_a_machine("a foreign anchor", &["update-ca-certificates", "openssl"], |machine| {
        let install =
            machine.hubca(&["trust", "install", "--only", "system", "--dry-run", "--json"]).succeeded().json();
        let file = install["stores"][0]["steps"][0]["path"].as_str().unwrap().to_owned();
        machine.run(&format!(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out {file} -subj /CN=theirs"
        ));
        let before = machine.run(&format!("sha256sum {file}"));
        let removed = machine.hubca(&["trust", "remove", "--only", "system", "--yes"]).succeeded();
        assert!(removed.stdout.contains("does not have it") && removed.stdout.contains("it stays"), "{removed}");
        let told = machine.hubca(&["trust", "remove", "--only", "system", "--yes", "--json"]).succeeded().json();
        assert_eq!(told["stores"][0]["foreign"], file);
        assert_eq!(machine.run(&format!("sha256sum {file}")), before);
    });
}

#[test]
fn a_step_that_fails_names_the_command_that_shows_it() {
    on_a_machine("a removal that fails", &["certutil", "update-ca-certificates"], |machine| {
        furnish(machine);
        machine.hubca(&["trust", "install", "--only", "chromium", "--yes"]).succeeded();
        machine
            .program("certutil", &format!("#!/bin/sh\n[ $1 = -D ] && exit 7\nexec {} \"$@\"\n", "/usr/bin/certutil"));
        let told = machine.hubca(&["trust", "remove", "--only", "chromium", "--yes"]).failed_with(1);
        assert!(told.stdout.contains("the same command with --dry-run") && !told.stdout.contains("install"), "{told}");
    });
}
