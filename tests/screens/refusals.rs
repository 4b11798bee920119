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
fn files_are_refused() {
    let machine = Machine::with_ca();
    let secret = machine.file("nonsense");
    std::fs::write(&secret, "nonsense").unwrap();
    machine.run(&["inspect", secret.to_str().unwrap()]).is("refused-inspect");
    machine.run(&["check", &machine.fixture("leaf.key.pem")]).is("refused-check");
    machine.run(&["sign", &machine.fixture("root.crt.pem")]).is("refused-sign");
}
