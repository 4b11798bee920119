//! The judges are judged: each witness must accept a chain that openssl made as it should be, and refuse each known-bad one. A witness
//! that says yes to everything would prove nothing.

use crate::chain::{Case, Chain, Name};
use crate::hand_made::{Authority, Defect, PRIVATE_SCOPE};
use crate::witness::{Chromium, Cryptography, GnuTls, Java, Nss, OpenSsl, Pkilint, WebPki, Witness, present};

#[test]
fn openssl_can_say_no() {
    the_witness_can_say_no(&OpenSsl);
}

#[test]
fn gnutls_can_say_no() {
    the_witness_can_say_no(&GnuTls);
}

#[test]
fn nss_can_say_no() {
    the_witness_can_say_no(&Nss);
}

#[test]
fn java_can_say_no() {
    the_witness_can_say_no(&Java);
}

#[test]
fn rustls_webpki_can_say_no() {
    the_witness_can_say_no(&WebPki);
}

#[test]
fn cryptography_can_say_no() {
    the_witness_can_say_no(&Cryptography);
}

#[test]
fn chromium_can_say_no() {
    the_witness_can_say_no(&Chromium);
}

/// The linter is no verifier: it is shown what a linter can see.
#[test]
fn pkilint_can_say_no() {
    if !ready(&Pkilint) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let scene = Scene::set(&directory);
    let leading_dot =
        Authority::made(&directory.path().join("dot"), "permitted;DNS:.lan,permitted;IP:127.0.0.0/255.0.0.0");
    let name = Name::dns("hub.lan");
    let stranger = Chain { issuing: scene.other.issuing.clone(), ..scene.ours.leaf(std::slice::from_ref(&name)) };
    check(
        &Pkilint,
        &[
            ("a good chain", true, Case::new("", &scene.ours.leaf(std::slice::from_ref(&name)), &name)),
            ("a single-label name", true, Case::new("", &scene.ours.leaf(&[Name::dns("lan")]), &Name::dns("lan"))),
            ("a wildcard", true, Case::new("", &scene.ours.leaf(&[Name::dns("*.hub.lan")]), &name)),
            (
                "a wildcard over a top-level domain",
                false,
                Case::new("", &scene.ours.leaf(&[Name::dns("*.lan")]), &name),
            ),
            ("a wildcard within a name", false, Case::new("", &scene.ours.leaf(&[Name::dns("a.*.lan")]), &name)),
            (
                "a forged signature",
                false,
                Case::new("", &scene.ours.leaf_with(std::slice::from_ref(&name), Defect::Forged), &name),
            ),
            ("another issuer", false, Case::new("", &stranger, &name)),
            (
                "a constraint with a leading dot",
                false,
                Case::new("", &leading_dot.leaf(std::slice::from_ref(&name)), &name),
            ),
            (
                "an address as a DNS name",
                false,
                Case::new("", &scene.ours.leaf(&[Name::dns("192.168.0.1")]), &Name::dns("192.168.0.1")),
            ),
        ],
    );
}

struct Scene {
    ours: Authority,
    other: Authority,
}

impl Scene {
    fn set(directory: &tempfile::TempDir) -> Self {
        Self {
            ours: Authority::made(&directory.path().join("ours"), PRIVATE_SCOPE),
            other: Authority::made(&directory.path().join("other"), PRIVATE_SCOPE),
        }
    }
}

fn the_witness_can_say_no(witness: &dyn Witness) {
    if !ready(witness) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let Scene { ours, other } = Scene::set(&directory);
    let (dns, v4, v6) = (Name::dns("hub.lan"), Name::ip("192.168.0.1"), Name::ip("fd00::1"));
    let good = ours.leaf(&[dns.clone(), v4.clone(), v6.clone(), Name::dns("*.hub.lan")]);
    let named = |defect| ours.leaf_with(std::slice::from_ref(&dns), defect);
    let outside = |name: &Name| ours.leaf(std::slice::from_ref(name));
    let (public_dns, public_v4, public_v6) =
        (Name::dns("www.example.com"), Name::ip("203.0.113.7"), Name::ip("2001:db8::7"));
    let stranger = Chain { root: other.root.clone(), ..good.clone() };
    let other_name = !witness.compares_names();
    check(
        witness,
        &[
            ("a good chain by DNS name", true, Case::new("", &good, &dns)),
            ("a good chain by wildcard", true, Case::new("", &good, &Name::dns("a.hub.lan"))),
            ("a good chain by IPv4 address", true, Case::new("", &good, &v4)),
            ("a good chain by IPv6 address", true, Case::new("", &good, &v6)),
            ("another DNS name", other_name, Case::new("", &good, &Name::dns("nas.lan"))),
            ("a name below the wildcard's label", other_name, Case::new("", &good, &Name::dns("a.b.hub.lan"))),
            ("another IPv4 address", other_name, Case::new("", &good, &Name::ip("192.168.0.2"))),
            ("another IPv6 address", other_name, Case::new("", &good, &Name::ip("fd00::2"))),
            ("no subject alternative name", other_name, Case::new("", &named(Defect::Nameless), &dns)),
            ("an expired leaf", false, Case::new("", &named(Defect::Expired), &dns)),
            ("a leaf for clients", false, Case::new("", &named(Defect::ForClients), &dns)),
            ("a forged signature", false, Case::new("", &named(Defect::Forged), &dns)),
            ("a root that is not trusted", false, Case::new("", &stranger, &dns)),
            ("a public DNS name", false, Case::new("", &outside(&public_dns), &public_dns)),
            ("a public IPv4 address", false, Case::new("", &outside(&public_v4), &public_v4)),
            ("a public IPv6 address", false, Case::new("", &outside(&public_v6), &public_v6)),
        ],
    );
}

fn ready(witness: &dyn Witness) -> bool {
    let mut tools = witness.needs();
    tools.extend(["openssl".into(), "faketime".into()]);
    present(witness.name(), &tools)
}

/// Asks about all cases at once, and compares each verdict with what it must be.
fn check(witness: &dyn Witness, cases: &[(&str, bool, Case)]) {
    let asked: Vec<Case> = cases.iter().map(|(_, _, case)| case.clone()).collect();
    let verdicts = witness.judge(&asked);
    let wrong: Vec<String> = cases
        .iter()
        .zip(&verdicts)
        .filter(|((_, expected, _), verdict)| verdict.is_acceptance() != *expected)
        .map(|((title, _, _), verdict)| format!("{title}: {verdict:?}"))
        .collect();
    assert!(wrong.is_empty(), "{} is wrong about {wrong:#?}", witness.name());
}
