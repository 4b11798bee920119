//! The answers of the commands.

use std::sync::Arc;

use hubca::{
    authority::Doors,
    home::{Home, Layout},
    keys::{KeyPurpose, Passphrase, PassphraseError, PassphraseSource},
    system::{FixedClock, SystemRandom},
    x509::{
        RevocationReason,
        ocsp::{CertId, IdHash, Nonce, OcspRequest, ResponseStatus, error_response},
    },
};
use time::macros::datetime;

use crate::machine::Machine;

#[test]
fn a_ca_is_made() {
    Machine::new().run(&["init", "--name", "Physics Lab", "--no-passphrase", "--permit", "lab.example.org"]).is("init");
    Machine::new().run(&["init", "--no-passphrase", "--unconstrained"]).is("init-unconstrained");
    let machine = Machine::new();
    let (home, stick) = (machine.file("lab"), machine.file("stick"));
    std::fs::create_dir(&stick).unwrap();
    let line = ["--home", home.to_str().unwrap(), "init", "--no-passphrase", "--permit-only", "--permit", "lab.lan"];
    let line: Vec<&str> = line.into_iter().chain(["--root-key-out", stick.to_str().unwrap()]).collect();
    machine.run(&line).is("init-root-key-out");
    let line = ["init", "--no-passphrase", "--permit", "0.0.0.0/0", "--permit", "::/0", "--permit", "com"];
    machine.run(&line).is("init-wide");
}

#[test]
fn a_certificate_is_issued_listed_and_shown() {
    let machine = Machine::with_ca();
    machine.run(&["list"]).is("list-empty");
    machine.run(&["issue", "--dns", "bücher.lan", "--ip", "192.168.0.1", "--ip", "fd00::1"]).is("issue");
    assert_eq!(machine.run(&["issue", "--ip", "10.0.0.1", "--days", "20", "--label", "short"]).code, 0);
    assert_eq!(
        machine.run(&["issue", "--dns", "hub.lan", "--dns", "a.lan", "--dns", "b.lan", "--dns", "c.lan"]).code,
        0
    );
    machine.run(&["list"]).is("list");
    machine.run(&["list", "--limit", "2"]).is("list-page");
    machine.run(&["list", "--expiring", "30"]).is("list-expiring");
    machine.run(&["list", "--all"]).is("list-all");
    machine.run(&["show", "short"]).is("show");
    assert_eq!(machine.run(&["issue", "--ip", "10.0.0.1", "--label", "short"]).code, 0);
    let listed = machine.run(&["list"]).stdout;
    let generations: Vec<_> = listed.lines().filter(|line| line.starts_with("short")).map(str::to_owned).collect();
    assert!(
        generations[0].starts_with("short              2 ") && generations[1].starts_with("short              1 "),
        "{listed}"
    );
}

#[test]
fn a_batch_is_issued() {
    let machine = Machine::with_ca();
    let file = machine.file("class.csv");
    std::fs::write(&file, "label,ip,dns,days,profile\nhub,192.168.0.1,hub.lan a.hub.lan,,\n,10.0.0.2,,90,server\n")
        .unwrap();
    machine.run(&["issue", "--batch", file.to_str().unwrap()]).is("issue-batch");
}

#[test]
fn a_chain_is_checked() {
    let machine = Machine::with_ca();
    let file = |name: &str| machine.fixture(name);
    machine.run(&["check", &file("chain.pem")]).is("check");
    machine.run(&["check", &file("hostile.crt.pem"), "--on", "ios,chrome"]).is("check-refused");
    machine.run(&["check", &file("chain.pem"), "--at", "2028-01-01", "--on", "firefox"]).is("check-expired");
}

#[test]
fn files_are_told_in_words() {
    let machine = Machine::with_ca();
    for name in ["chain.pem", "hostile.crt.pem", "leaf.csr.pem", "two.crl.pem", "leaf.key.pem", "leaf.encrypted.pem"] {
        machine.run(&["inspect", &machine.fixture(name)]).is(&format!("inspect-{}", name.trim_end_matches(".pem")));
    }
    let profile = machine.file("hub.mobileconfig");
    let profile = profile.to_str().unwrap();
    machine.run(&["export", "ios", "--out", profile]).is("export-ios");
    machine.run(&["inspect", profile]).is("inspect-profile");
}

/// These keys have no passphrase.
struct Nobody;

impl PassphraseSource for Nobody {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        Err(PassphraseError::Unavailable { purpose: purpose.clone() })
    }
}

#[test]
fn what_is_asked_and_answered_by_ocsp_is_told_in_words() {
    let machine = Machine::with_ca();
    machine.run(&["issue", "--dns", "hub.lan"]);
    let clock = Arc::new(FixedClock::at(datetime!(2026-11-21 12:00 UTC)));
    let doors = Doors { clock, random: Arc::new(SystemRandom) };
    let home = Home::open(Layout::new(machine.file("home")), doors).unwrap();
    let responder = home.responder(home.issuing().unwrap(), &Nobody).unwrap().responder;
    let record = home.authority().by_label("hub.lan", 1).unwrap().pop().unwrap();
    let serials = [record.serial.as_str(), "0badcafe0badcafe"];
    let issuing = home.issuing().unwrap().certificate();
    let id = |serial: &str| CertId::new(IdHash::Sha1, issuing, &serial.parse().unwrap()).unwrap();
    let request = OcspRequest::new(serials.map(id).to_vec(), Some(Nonce::new(b"a word for it").unwrap()));
    home.authority().revoke(&record, RevocationReason::KeyCompromise).unwrap();
    let answer = home.authority().answer(&responder, &request).unwrap().der;
    let error = error_response(ResponseStatus::Unauthorized).to_vec();
    for (name, der) in [("request", request.to_der().unwrap()), ("response", answer), ("error", error)] {
        let file = machine.file(&format!("{name}.der"));
        std::fs::write(&file, der).unwrap();
        machine.run(&["inspect", file.to_str().unwrap()]).is(&format!("inspect-ocsp-{name}"));
    }
}

#[test]
fn profiles_and_keys_are_told() {
    let machine = Machine::with_ca();
    machine.run(&["profile", "list"]).is("profile-list");
    machine.run(&["profile", "show", "server"]).is("profile-show");
    let secret = machine.file("secret");
    std::fs::write(&secret, "correct horse\n").unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let secret = secret.to_str().unwrap();
    machine.run(&["key", "protect", "issuing", "--passphrase-file", secret]).is("key-protect");
    machine.run(&["key", "unprotect", "issuing", "--passphrase-file", secret]).is("key-unprotect");
}

#[test]
fn what_is_handed_out_comes_with_its_steps() {
    let machine = Machine::with_ca();
    assert_eq!(machine.run(&["issue", "--dns", "hub.lan"]).code, 0);
    let out = format!("{}/", machine.file("out").display());
    for target in ["android", "windows", "linux", "firefox", "java", "pem", "der", "chain", "zip"] {
        machine.run(&["export", target, "--out", &out]).is(&format!("export-{target}"));
    }
    machine.run(&["export", "zip", "hub.lan", "--out", &out]).is("export-zip-server");
    machine.run(&["export", "mail", "--to", "ann@example.org", "--out", &out]).is("export-mail");
}
