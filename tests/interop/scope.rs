//! What a thief of the issuing key cannot do: a leaf outside the scope is refused by everyone who checks, whatever hubca would have
//! said.

use crate::chain::{Case, Name};
use crate::hand_made::Authority;
use crate::support::TestHome;
use crate::witness::{self, present};

#[test]
fn leaves_outside_the_scope_are_refused_by_every_verifier() {
    let critical = TestHome::with_ca::<&str>(&[]);
    let compatible = TestHome::with_ca(&["--nc-compat"]);
    let mut cases = Vec::new();
    for (kind, home) in [("strict", &critical), ("compat", &compatible)] {
        let thief = Authority::stolen_from(home);
        for name in outside() {
            cases.push((
                false,
                Case::new(&format!("{kind}: {name}"), &thief.leaf(std::slice::from_ref(&name)), &name.host()),
            ));
            // One good name does not carry a bad one.
            let with_good = thief.leaf(&[Name::dns("hub.lan"), name.clone()]);
            cases
                .push((false, Case::new(&format!("{kind}: {name} beside hub.lan"), &with_good, &Name::dns("hub.lan"))));
        }
        for name in inside() {
            cases.push((
                true,
                Case::new(&format!("{kind}: {name}"), &thief.leaf(std::slice::from_ref(&name)), &name.host()),
            ));
        }
    }
    ask(&cases);
}

/// The control of the test above: it is the scope that decides, not something about the names.
#[test]
fn the_same_names_are_accepted_under_a_root_that_permits_them() {
    let home = TestHome::with_ca(&[
        "--permit",
        "example.com",
        "--permit",
        "203.0.113.0/24",
        "--permit",
        "2001:db8::/32",
        "--permit",
        "xlan",
    ]);
    let thief = Authority::stolen_from(&home);
    let names = [
        Name::dns("www.example.com"),
        Name::dns("*.example.com"),
        Name::dns("xlan"),
        Name::ip("203.0.113.7"),
        Name::ip("2001:db8::7"),
    ];
    let cases: Vec<_> = names
        .iter()
        .map(|name| (true, Case::new(&name.to_string(), &thief.leaf(std::slice::from_ref(name)), &name.host())))
        .collect();
    ask(&cases);
}

fn outside() -> Vec<Name> {
    vec![
        Name::dns("www.example.com"),
        Name::dns("*.example.com"),
        Name::dns("xlan"),
        Name::dns("hub.lan.example.com"),
        Name::ip("203.0.113.7"),
        Name::ip("172.32.0.1"),
        Name::ip("2001:db8::7"),
        Name::ip("fec0::1"),
    ]
}

fn inside() -> Vec<Name> {
    vec![
        Name::dns("hub.lan"),
        Name::dns("*.hub.lan"),
        Name::ip("192.168.0.1"),
        Name::ip("172.31.255.254"),
        Name::ip("fd00::1"),
    ]
}

#[track_caller]
fn ask(cases: &[(bool, Case)]) {
    let asked: Vec<Case> = cases.iter().map(|(_, case)| case.clone()).collect();
    let mut wrong = Vec::new();
    for witness in witness::verifiers() {
        if !present(witness.name(), &witness.needs()) {
            continue;
        }
        for ((expected, case), verdict) in cases.iter().zip(witness.judge(&asked)) {
            if verdict.is_acceptance() != *expected {
                wrong.push(format!("{}: {}: {verdict:?}", witness.name(), case.title));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
