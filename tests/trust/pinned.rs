//! A machine without a home: a root from a file, which is trusted only under its fingerprint.

use std::fs;

use crate::{
    scene::{outcomes, pairs},
    support::{
        Answer, TestHome,
        machine::{Machine, on_a_machine},
    },
};

/// The root in a file, as somebody brings it, and its fingerprint.
fn brought(machine: &Machine) -> (String, String) {
    let file = machine.directory().join("brought.crt");
    fs::copy(machine.root(), &file).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let digest = machine.run(&format!("openssl x509 -in {file} -outform DER | sha256sum | cut -d' ' -f1"));
    (file, digest.trim().to_owned())
}

/// `hubca` for which there is no home.
fn homeless(line: &[&str]) -> Answer {
    let nobody = TestHome::empty();
    Answer::of(nobody.command().args(line).env("PATH", "/usr/sbin:/usr/bin:/bin"))
}

#[test]
fn a_root_from_a_file_is_trusted_under_its_fingerprint_alone() {
    let tools = ["update-ca-certificates", "openssl"];
    on_a_machine("a root from a file", &tools, |machine| {
        let (file, fingerprint) = brought(machine);
        let install = |more: &[&str]| {
            let line = ["trust", "install", "--only", "system", "--yes", "--json", "--root", &file];
            homeless(&[&line[..], more].concat())
        };
        let before = machine.run("ls /usr/local/share/ca-certificates");
        assert_eq!(install(&[]).failed_with(2).error()["kind"], "usage");
        let wrong = install(&["--sha256", &"0f".repeat(32)]).failed_with(1).error();
        assert_eq!(wrong["kind"], "refused");
        assert!(wrong["causes"][0].as_str().unwrap().ends_with(&fingerprint), "{wrong}");
        assert_eq!(install(&["--sha256", "0f"]).failed_with(2).error()["kind"], "usage");
        assert_eq!(machine.run("ls /usr/local/share/ca-certificates"), before);

        let colons: Vec<_> = fingerprint.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
        let right = install(&["--sha256", &colons.join(":").to_uppercase()]).succeeded().json();
        assert_eq!(outcomes(&right), pairs(&[("system", "done")]));
        // The machine with the home calls it by the same name, and takes it away.
        let removed = machine.hubca(&["trust", "remove", "--only", "system", "--yes", "--json"]).succeeded().json();
        assert_eq!(removed["roots"], right["roots"]);
        assert_eq!(machine.run("ls /usr/local/share/ca-certificates"), before);
    });
}

#[test]
fn what_is_no_root_is_not_trusted_and_a_key_beside_it_stays_where_it_is() {
    let tools = ["update-ca-certificates", "openssl"];
    on_a_machine("a file without a root", &tools, |machine| {
        machine.issue(&[]);
        let pinned = |file: &str| {
            let digest = machine.run(&format!("openssl x509 -in {file} -outform DER | sha256sum | cut -d' ' -f1"));
            homeless(&[
                "trust",
                "install",
                "--only",
                "system",
                "--yes",
                "--json",
                "--root",
                file,
                "--sha256",
                digest.trim(),
            ])
        };
        for file in ["/etc/hubca/hub.lan/cert.pem", "/etc/hubca/hub.lan/chain.pem"] {
            let refused = pinned(file).failed_with(1).error();
            assert!(refused["message"].as_str().unwrap().ends_with("is no root"), "{refused}");
        }
        let both = machine.directory().join("both.pem");
        machine.run(&format!("cat /etc/hubca/hub.lan/privkey.pem {} >{}", machine.root().display(), both.display()));
        machine.run(&format!("openssl x509 -in {0} -out {0}.root", both.display()));
        pinned(&both.to_string_lossy()).succeeded();
        assert!(!machine.run("cat /usr/local/share/ca-certificates/hubca-*").contains("PRIVATE KEY"));
    });
}

#[test]
fn an_old_root_is_trusted_no_more_and_taken_away_where_it_is() {
    let tools = ["update-ca-certificates", "openssl"];
    on_a_machine("roots with old signatures", &tools, |machine| {
        let roots = [
            ("sha1", "-newkey rsa:2048 -sha1"),
            ("short", "-newkey rsa:1024 -sha256"),
            ("pss", "-newkey rsa:2048 -sigopt rsa_padding_mode:pss"),
        ];
        let file = |name: &str| machine.directory().join(format!("{name}.pem")).to_str().unwrap().to_owned();
        let told = |words: &[&str], name: &str| {
            homeless(&[&["trust"], words, &["--only", "system", "--json", "--root", &file(name)]].concat())
        };
        for (name, options) in roots {
            machine.run(&format!(
                "openssl req -x509 {options} -nodes -keyout /dev/null -out {0} -subj '/CN={name} root' -days 30 2>/dev/null
                 cp {0} /usr/local/share/ca-certificates/{name}.crt",
                file(name)
            ));
        }
        machine.run("update-ca-certificates");
        for (name, _) in roots {
            assert_eq!(outcomes(&told(&["check"], name).succeeded().json()), pairs(&[("system", "trusted")]));
            let digest =
                machine.run(&format!("openssl x509 -in {} -outform DER | sha256sum | cut -d' ' -f1", file(name)));
            let refused = told(&["install", "--yes", "--sha256", digest.trim()], name).failed_with(1).error();
            assert!(refused["message"].as_str().unwrap().contains("by itself cannot be relied on"), "{refused}");
            assert!(!refused["causes"][0].as_str().unwrap().is_empty(), "{refused}");
        }
        // They were put there by hand, and what is left of them goes.
        machine.run("rm /usr/local/share/ca-certificates/*.crt");
        let removed = ["done", "already_so", "already_so"];
        for ((name, _), outcome) in roots.into_iter().zip(removed) {
            let answer = told(&["remove", "--yes"], name).succeeded().json();
            assert_eq!(outcomes(&answer), pairs(&[("system", outcome)]), "{name}");
            told(&["check"], name).failed_with(3);
        }
    });
}

#[test]
fn without_a_yes_nothing_is_changed() {
    on_a_machine("a change that nobody said yes to", &["update-ca-certificates"], |machine| {
        let refused = machine.hubca(&["trust", "install", "--only", "system", "--json"]).failed_with(1).error();
        assert_eq!(refused["message"], "nobody is there to say yes");
        assert_eq!(machine.run("find /usr/local/share/ca-certificates -name 'hubca-*'"), "");
    });
}

#[test]
fn check_hands_out_the_command_that_puts_that_root_into_those_stores() {
    let tools = ["update-ca-certificates", "openssl", "certutil"];
    on_a_machine("the command that check hands out", &tools, |machine| {
        let (file, fingerprint) = brought(machine);
        machine.run("mkdir -p $HOME/.pki/nssdb; certutil -N -d sql:$HOME/.pki/nssdb --empty-password");
        let check = |more: &[&str]| machine.hubca(&[&["trust", "check"], more].concat());
        let chosen = ["--root", &file, "--only", "system", "--only", "chromium"];
        let pinned = [&chosen[..], &["--sha256", &fingerprint]].concat();
        let hands_out = |told: &Answer, line: &str| {
            assert!(told.stdout.lines().any(|told| told.ends_with(&format!(" {line}"))), "{told}");
        };
        // What the file itself says is no proof of it.
        let told = check(&chosen).failed_with(3);
        hands_out(&told, &format!("trust install --root {file} --only system --only chromium"));
        let line = format!("trust install --root {file} --sha256 {fingerprint} --only system --only chromium");
        hands_out(&check(&pinned).failed_with(3), &line);
        let words: Vec<&str> = line.split(' ').chain(["--yes"]).collect();
        machine.hubca(&words).succeeded();
        assert!(!check(&chosen).succeeded().stdout.contains("trust install"));
        // Without a file it is the root of the home.
        machine.hubca(&["trust", "remove", "--only", "chromium", "--yes"]).succeeded();
        let told = check(&["--only", "chromium"]).failed_with(3);
        assert!(told.stdout.contains("trust install --only chromium\n") && !told.stdout.contains("--sha256"), "{told}");
        // What cannot be asked no installation mends.
        machine.run("echo x >$HOME/.pki/nssdb/cert9.db");
        let told = check(&["--only", "chromium"]).failed_with(1);
        assert!(!told.stdout.contains("trust install"), "{told}");
    });
}
