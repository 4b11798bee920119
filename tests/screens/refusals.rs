//! The refusals: what, why, and the way out.

use crate::machine::Machine;

#[test]
fn names_are_refused() {
    let machine = Machine::with_ca();
    machine.run(&["issue", "--ip", "8.8.8.8"]).is("refused-scope");
    machine.run(&["issue", "--dns", "*.lan"]).is("refused-wildcard");
    machine.run(&["issue", "--dns", "192.168.0.1"]).is("refused-address-as-name");
    machine.run(&["issue"]).is("refused-no-name");
    machine.run(&["issue", "--dns", "hub.lan", "--days", "826"]).is("refused-days");
}

#[test]
fn homes_are_refused() {
    let machine = Machine::new();
    machine.run(&["issue", "--ip", "192.168.0.1"]).is("refused-no-home");
    machine.run(&["--home", machine.file("lab").to_str().unwrap(), "list"]).is("refused-named-home");
    machine.run(&["init"]).is("refused-no-passphrase-said");
    let machine = Machine::with_ca();
    machine.run(&["init", "--no-passphrase"]).is("refused-second-ca");
}

#[test]
fn command_lines_are_refused() {
    let machine = Machine::new();
    machine.run(&[]).is("refused-no-command");
    machine.run(&["isue"]).is("refused-command");
    machine.run(&["issue", "--key", "rsa1024"]).is("refused-value");
    machine.run(&["key", "protect"]).is("refused-missing");
    machine.run(&["--json", "issue", "--frobnicate"]).is("refused-json");
    machine.run(&["init", "--permit", "lan", "--unconstrained"]).is("refused-together");
}

#[test]
fn a_page_that_cannot_be_served_is_refused_before_anything_is_issued() {
    let machine = Machine::with_ca();
    machine.run(&["share"]).is("refused-share-several");
    machine.run(&["share", "--bind", "192.168.0.99"]).is("refused-share-address");
    machine.run(&["share", "--bind", "0.0.0.0"]).is("refused-share-every-address");
    machine.run(&["share", "--bind", "192.168.0.5:80"]).is("refused-share-port");
    machine.run(&["share", "--bind", "192.168.0.5", "--until", "2d"]).is("refused-share-long");
    machine.run(&["share", "--until", "18:30"]).is("refused-share-until");
    machine.run(&["share", "--hub", "https://ann:secret@hub.local"]).is("refused-share-hub");
    machine.run(&["share", "--qr", "page.gif"]).is("refused-share-picture");
    machine.run(&["share", "--announce", "hub.lan"]).is("refused-share-name");
    assert_eq!(machine.run(&["list", "--all", "--json"]).stdout.matches("serial").count(), 2);
    let outside = Machine::new();
    assert_eq!(outside.run(&["init", "--no-passphrase", "--permit-only", "--permit", "lan"]).code, 0);
    outside.run(&["share", "--bind", "192.168.0.5"]).is("refused-share-scope");
}

#[test]
fn the_label_of_the_onboarding_page_is_nobody_elses() {
    let machine = Machine::with_ca();
    machine.run(&["issue", "--dns", "hub.lan", "--label", "hubca-share"]).is("refused-label-of-share");
    assert_eq!(machine.run(&["issue", "--dns", "hubca-share"]).code, 2);
    let batch = machine.file("batch.csv");
    std::fs::write(&batch, "label,ip,dns,days,profile\nhubca-share,,hub.lan,,\n").unwrap();
    let refused = machine.run(&["issue", "--batch", batch.to_str().unwrap()]);
    assert!(refused.code == 1 && refused.stderr.contains("`hubca-share`"), "{}", refused.stderr);
    let request = machine.fixture("leaf.csr.pem");
    assert_eq!(machine.run(&["sign", &request, "--label", "hubca-share"]).code, 2);
}

#[test]
fn files_are_refused() {
    let machine = Machine::with_ca();
    let secret = machine.file("nonsense");
    std::fs::write(&secret, "nonsense").unwrap();
    machine.run(&["inspect", secret.to_str().unwrap()]).is("refused-inspect");
    machine.run(&["check", &machine.fixture("leaf.key.pem")]).is("refused-check");
    machine.run(&["sign", &machine.fixture("root.crt.pem")]).is("refused-sign");
    machine.run(&["check", "hub.lan"]).is("refused-check-nobody");
    machine.run(&["check", "https://hub.lan:8443/lab"]).is("refused-check-url");
    machine.run(&["check", "--all"]).is("check-all-none");
}
