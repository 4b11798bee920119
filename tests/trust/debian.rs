//! Debian's store, changed by Debian's own program, and asked by programs of Debian.

use crate::{
    scene::{VISITORS, contents, outcomes, pairs, serve, trusting},
    support::machine::on_a_machine,
};

const TOOLS: [&str; 6] = ["update-ca-certificates", "openssl", "wget", "gnutls-cli", "python3", "curl"];
/// Where the system keeps what it trusts. Java's own store is looked at elsewhere: its file is written anew with every change.
const STORE: &str = "/usr/local/share/ca-certificates /etc/ssl/certs/*.crt /etc/ssl/certs/*.pem /etc/ssl/certs/*.[0-9]";

#[test]
fn programs_of_debian_trust_a_server_after_install_and_none_does_after_remove() {
    on_a_machine("the trust store of Debian", &TOOLS, |machine| {
        // As the program leaves it: somebody may have put something there and not told it.
        machine.run("update-ca-certificates --fresh");
        let server = serve(machine);
        let before = contents(machine, STORE);
        assert!(before.contains("/etc/ssl/certs/ca-certificates.crt"));
        assert_eq!(trusting(machine, &server, &VISITORS), [""; 0]);
        let only = ["--only", "system", "--yes", "--json"];
        let trust = |verb: &str| machine.hubca(&[&["trust", verb], &only[..]].concat());
        let ask = || machine.hubca(&["trust", "check", "--only", "system", "--json"]);

        assert_eq!(outcomes(&ask().failed_with(3).json()), pairs(&[("system", "absent")]));
        let shown = machine.hubca(&["trust", "install", "--only", "system", "--dry-run", "--json"]).succeeded().json();
        assert_eq!(outcomes(&shown), pairs(&[("system", "planned")]));
        assert_eq!(shown["done"], false);
        assert_eq!(contents(machine, STORE), before);

        assert_eq!(outcomes(&trust("install").succeeded().json()), pairs(&[("system", "done")]));
        let everybody = VISITORS.map(|(name, _)| name);
        assert_eq!(trusting(machine, &server, &VISITORS), everybody);
        assert_eq!(outcomes(&ask().succeeded().json()), pairs(&[("system", "trusted")]));
        let installed = contents(machine, STORE);
        assert_eq!(outcomes(&trust("install").succeeded().json()), pairs(&[("system", "already_so")]));
        assert_eq!(contents(machine, STORE), installed);
        assert!(!machine.run("cat /usr/local/share/ca-certificates/hubca-*").contains("PRIVATE KEY"));

        assert_eq!(outcomes(&trust("remove").succeeded().json()), pairs(&[("system", "done")]));
        assert_eq!(trusting(machine, &server, &VISITORS), [""; 0]);
        assert_eq!(contents(machine, STORE), before);
        assert_eq!(outcomes(&trust("remove").succeeded().json()), pairs(&[("system", "already_so")]));
        assert_eq!(outcomes(&ask().failed_with(3).json()), pairs(&[("system", "absent")]));
    });
}

#[test]
fn both_roots_are_trusted_while_one_follows_another() {
    on_a_machine("both roots of a change of root", &TOOLS, |machine| {
        machine.hubca(&["rotate", "root", "begin", "--no-passphrase"]).succeeded();
        let trust =
            |verb: &str| machine.hubca(&["trust", verb, "--only", "system", "--yes", "--json"]).succeeded().json();
        let twice = |outcome| pairs(&[("system", outcome), ("system", outcome)]);
        let installed = trust("install");
        assert_eq!(outcomes(&installed), twice("done"));
        assert_ne!(installed["roots"][0]["sha256"], installed["roots"][1]["sha256"]);
        assert_eq!(outcomes(&trust("check")), twice("trusted"));
        assert_eq!(machine.run("ls /usr/local/share/ca-certificates | grep -c ^hubca-").trim(), "2");
        let ours = || {
            let certificates = "openssl storeutl -noout -text -certs /etc/ssl/certs/ca-certificates.crt";
            machine.run(&format!("{certificates} | grep -c 'Subject: O *= *Test Hub' || true")).trim().to_owned()
        };
        assert_eq!(ours(), "2");
        assert_eq!(outcomes(&trust("remove")), twice("done"));
        assert_eq!(ours(), "0");
    });
}

#[test]
fn what_somebody_else_put_there_is_told_and_left() {
    on_a_machine("a root that was there already", &TOOLS, |machine| {
        let place = "/usr/local/share/ca-certificates/theirs.crt";
        machine.run(&format!("cp {} {place}; update-ca-certificates", machine.root().display()));
        let install = machine.hubca(&["trust", "install", "--only", "system", "--yes", "--json"]).succeeded().json();
        assert_eq!(outcomes(&install), pairs(&[("system", "already_so")]));
        let removed = machine.hubca(&["trust", "remove", "--only", "system", "--yes", "--json"]).failed_with(1).json();
        assert_eq!(outcomes(&removed), pairs(&[("system", "failed")]));
        assert!(removed["stores"][0]["error"]["message"].as_str().unwrap().contains("something else"), "{removed}");
        machine.run(&format!("test -f {place}"));
    });
}

#[test]
fn a_program_that_fails_leaves_nothing_behind_and_is_told() {
    on_a_machine("a trust store whose program fails", &TOOLS, |machine| {
        machine.program("update-ca-certificates", "#!/bin/sh\necho no room >&2\nexit 1\n");
        let before = contents(machine, STORE);
        let answer = machine.hubca(&["trust", "install", "--only", "system", "--yes", "--json"]).failed_with(1).json();
        let error = &answer["stores"][0]["error"];
        assert_eq!(error["message"], "cannot have the system take it", "{error}");
        assert!(error["causes"][0].as_str().unwrap().ends_with("failed with exit code 1"), "{error}");
        assert_eq!(error["said"][0], "no room");
        assert_eq!(contents(machine, STORE), before);
        // One that does nothing, too.
        machine.program("update-ca-certificates", "#!/bin/sh\n");
        let answer = machine.hubca(&["trust", "install", "--only", "system", "--yes", "--json"]).failed_with(1).json();
        assert!(answer["stores"][0]["error"]["message"].as_str().unwrap().contains("is not trusted"), "{answer}");
        assert_eq!(contents(machine, STORE), before);
    });
}

#[test]
fn a_bundle_that_nobody_can_read_is_told_with_the_file_that_breaks_it() {
    on_a_machine("a broken bundle", &TOOLS, |machine| {
        let place = "/usr/local/share/ca-certificates/theirs.crt";
        machine.run(&format!(
            "(echo '# theirs'; sed '2s/^/!!!!/' {}) >{place}
             update-ca-certificates 2>&1 || true",
            machine.root().display()
        ));
        let line = machine.run("grep -n '^!!!!' /etc/ssl/certs/ca-certificates.crt | cut -d: -f1");
        let line = line.trim().parse::<usize>().unwrap() - 1;
        let only = ["--only", "system", "--yes", "--json"];
        for (verb, code) in [("check", 1), ("install", 1), ("remove", 1)] {
            let answer = machine.hubca(&[&["trust", verb], &only[..]].concat()).failed_with(code).json();
            let error = &answer["stores"][0]["error"];
            let message = error["message"].as_str().unwrap();
            assert!(
                message.contains(&format!("`/etc/ssl/certs/ca-certificates.crt` cannot be read from line {line} on")),
                "{error}"
            );
            assert!(error["hints"][0].as_str().unwrap().contains(&format!("`{place}`")), "{error}");
        }
        assert_eq!(machine.run("find /usr/local/share/ca-certificates -name '*hubca*'"), "");
        machine.run(&format!("rm {place}; update-ca-certificates --fresh"));
        machine.hubca(&[&["trust", "install"], &only[..]].concat()).succeeded();
        // Where it is our own, half written, it is taken away.
        machine.run(
            "cd /usr/local/share/ca-certificates; head -c 300 hubca-* >/run/half; cp /run/half hubca-*
             update-ca-certificates --fresh 2>&1 || true",
        );
        let told = machine.hubca(&[&["trust", "check"], &only[..]].concat()).failed_with(1).json();
        assert!(told.to_string().contains("/usr/local/share/ca-certificates/hubca-"), "{told}");
        machine.hubca(&[&["trust", "remove"], &only[..]].concat()).succeeded();
        assert_eq!(machine.run("find /usr/local/share/ca-certificates -name '*hubca*'"), "");
    });
}

#[test]
fn a_file_that_breaks_the_bundle_is_found_wherever_debians_program_reads() {
    on_a_machine("a broken bundle, and a file of a package", &TOOLS, |machine| {
        machine.run(
            "mkdir /run/certificates; cp -a /usr/share/ca-certificates/. /run/certificates
             mount --bind /run/certificates /usr/share/ca-certificates
             cp $(find /etc/ssl/certs -name 'ISRG_Root_X1.pem') /run/whole
             openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out /run/theirs.pem -subj /CN=theirs
             sed '2s/^/!!!!/' /run/theirs.pem >/run/broken",
        );
        let hint = || {
            let answer = machine.hubca(&["trust", "check", "--only", "system", "--json"]).failed_with(1).json();
            answer["stores"][0]["error"]["hints"][0].as_str().unwrap().to_owned()
        };
        // Copies that are not read come first.
        machine.run(
            "mkdir -p /usr/share/ca-certificates/theirs; cp /run/broken /usr/share/ca-certificates/theirs/left-out.crt
             cp /run/broken /usr/share/ca-certificates/theirs/taken.crt
             echo '!theirs/left-out.crt' >>/etc/ca-certificates.conf; echo theirs/taken.crt >>/etc/ca-certificates.conf
             update-ca-certificates 2>&1 || true",
        );
        let told = hint();
        assert!(told.contains("`/usr/share/ca-certificates/theirs/taken.crt`"), "{told}");
        assert!(told.contains("/etc/ca-certificates.conf"), "{told}");
        machine.run(
            "sed -i 's,^theirs/taken,!theirs/taken,' /etc/ca-certificates.conf
             mkdir -p /usr/local/share/ca-certificates/below; cp /run/broken /run/linked
             ln -s /run/linked '/usr/local/share/ca-certificates/below/the ones.crt'
             update-ca-certificates --fresh 2>&1 || true",
        );
        let told = hint();
        assert!(told.contains("`/usr/local/share/ca-certificates/below/the ones.crt`"), "{told}");
        // Where nobody has it, no file is named.
        machine.run("rm -r /usr/local/share/ca-certificates/below");
        let told = hint();
        assert!(told.starts_with("look for the certificate"), "{told}");
    });
}
