//! The identity in a profile: sealed, opened by its password alone, and nobody else's to read.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use hubca::keys::{PassphraseError, PrivateKey};
use plist::Value;

use crate::{
    support::tools::{commands, present},
    workshop::{PASSWORD, Workshop},
};

const CLIENT: [&str; 4] = ["--client", "ipad", "--password-file", "PASSWORD"];

/// The PKCS#12 file in a profile.
fn sealed(workshop: &Workshop, profile: &[u8]) -> PathBuf {
    let profile = Value::from_reader_xml(profile).unwrap();
    let payloads = profile.as_dictionary().unwrap()["PayloadContent"].as_array().unwrap();
    let payload = payloads.last().unwrap().as_dictionary().unwrap();
    assert_eq!(payload["PayloadType"].as_string(), Some("com.apple.security.pkcs12"));
    let path = workshop.home.directory().join("sealed.p12");
    fs::write(&path, payload["PayloadContent"].as_data().unwrap()).unwrap();
    path
}

#[test]
fn the_password_opens_it_and_nothing_else_does() {
    if !present("openssl", &commands(&["openssl"])) {
        return;
    }
    let workshop = Workshop::new("Home Hub");
    let key = fs::read(workshop.home.file("live/ipad/privkey.pem")).unwrap();
    let key = PrivateKey::from_pem(&key, || Err(PassphraseError::Empty)).unwrap();
    for (options, openssl) in [(vec![], vec![]), (vec!["--legacy"], vec!["-legacy"])] {
        let sealed = sealed(&workshop, &workshop.export("ios", &[&CLIENT[..], &options].concat()));
        let open = |password: &str| {
            let mut command = Command::new("openssl");
            command.args(["pkcs12", "-nodes", "-passin", &format!("pass:{password}"), "-in"]).arg(&sealed);
            command.args(&openssl).output().unwrap()
        };
        let opened = open(PASSWORD);
        assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
        let found = PrivateKey::from_pem(&opened.stdout, || Err(PassphraseError::Empty)).unwrap();
        assert_eq!(found.public_key(), key.public_key());
        // The device's certificate and the issuing CA.
        assert_eq!(String::from_utf8_lossy(&opened.stdout).matches("BEGIN CERTIFICATE").count(), 2);
        for wrong in ["", "canary"] {
            assert!(!open(wrong).status.success(), "{wrong:?} opens it");
        }
    }
}

#[test]
fn the_password_is_in_no_file_and_no_answer() {
    let workshop = Workshop::new("Home Hub");
    let mut line = workshop.line("ios", &CLIENT);
    line.push("--json".to_owned());
    let answer = workshop.home.hubca(&line).succeeded();
    assert!(!answer.stdout.contains(PASSWORD) && !answer.stderr.contains(PASSWORD), "{answer}");
    let path = workshop.home.directory().join("home-hub-ipad.mobileconfig");
    assert!(!fs::read_to_string(path).unwrap().contains(PASSWORD));
}

#[test]
fn where_nobody_would_see_a_new_password_none_is_made() {
    let workshop = Workshop::new("Home Hub");
    for options in [&["--client", "ipad"][..], &["--client", "ipad", "--json"]] {
        let answer = workshop.home.hubca(&workshop.line("ios", options)).failed_with(1);
        assert!(answer.stderr.contains("--password-file"), "{answer}");
    }
    assert!(!workshop.home.directory().join("home-hub-ipad.mobileconfig").exists());
}

#[test]
fn it_is_made_for_its_owner_alone_whatever_the_umask() {
    if !present("strace", &commands(&["strace"])) {
        return;
    }
    let workshop = Workshop::new("Home Hub");
    let log = workshop.home.directory().join("log");
    let made = workshop.home.directory().join("made.mobileconfig");
    for (options, mode) in [(&CLIENT[..], 0o600), (&[][..], 0o644)] {
        let script = "umask 000; log=$1; shift; exec strace -f -qq -o \"$log\" -e trace=openat,chmod,fchmod \"$@\"";
        let output = Command::new("bash")
            .args(["-c", script, "bash"])
            .arg(&log)
            .arg(env!("CARGO_BIN_EXE_hubca"))
            .arg("--home")
            .arg(workshop.home.path())
            .args(workshop.line("ios", options))
            .args(["--force", "--out"])
            .arg(&made)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(fs::metadata(&made).unwrap().permissions().mode() & 0o7777, mode);
        let log = fs::read_to_string(&log).unwrap();
        let created: Vec<&str> =
            log.lines().filter(|line| line.contains("O_CREAT") && line.contains("\".hubca-")).collect();
        assert!(!created.is_empty());
        if mode == 0o600 {
            assert!(created.iter().all(|line| line.contains("0600")), "{created:#?}");
        }
    }
}
