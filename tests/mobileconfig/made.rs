//! Every profile that hubca can write keeps the schema and the rules, is the same whenever it is written, and is like no other CA's.

use std::collections::BTreeSet;

use hubca::export::ReadSignedData;
use plist::{Dictionary, Value};

use crate::{
    finding::Finding,
    validator::{findings, findings_of_roots},
    workshop::{Workshop, certificate},
};

/// What can be asked for, each choice with the others.
const CHOICES: [&[&[&str]]; 4] = [
    &[&[], &["--with-issuing"]],
    &[&[], &["--consent"]],
    &[
        &[],
        &["--web-clip", "https://192.168.0.1:8000"],
        &["--web-clip", "http://hub.lan/lab", "--web-clip-label", "Anna & <Ben>", "--icon", "ICON"],
    ],
    &[&[], &["--client", "ipad", "--password-file", "PASSWORD"]],
];

fn combinations() -> Vec<Vec<&'static str>> {
    CHOICES.iter().fold(vec![Vec::new()], |before, choices| {
        before.iter().flat_map(|line| choices.iter().map(move |choice| [line.as_slice(), choice].concat())).collect()
    })
}

#[track_caller]
fn assert_good(found: &[Finding], line: &[&str]) {
    let told: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{line:?}\n{}", told.join("\n"));
}

fn read(profile: &[u8]) -> Dictionary {
    Value::from_reader_xml(profile).unwrap().into_dictionary().unwrap()
}

/// The profile and its payloads.
fn parts(profile: &Dictionary) -> Vec<&Dictionary> {
    let payloads = profile["PayloadContent"].as_array().unwrap().iter();
    std::iter::once(profile).chain(payloads.map(|payload| payload.as_dictionary().unwrap())).collect()
}

fn values(profile: &[u8], key: &str) -> BTreeSet<String> {
    parts(&read(profile)).iter().map(|part| part[key].as_string().unwrap().to_owned()).collect()
}

#[test]
fn every_profile_keeps_the_schema_and_the_rules() {
    let workshop = Workshop::new("A & B <script>");
    let root = workshop.root();
    let combinations = combinations();
    assert_eq!(combinations.len(), 24);
    for target in ["ios", "macos"] {
        for line in &combinations {
            let profile = workshop.export(target, line);
            assert_good(&findings(&profile, &root), line);
            if !line.contains(&"--client") {
                assert!(profile == workshop.export(target, line), "{line:?} is another one each time");
            }
        }
    }
    let legacy = workshop.export("ios", &["--client", "ipad", "--password-file", "PASSWORD", "--legacy"]);
    assert_good(&findings(&legacy, &root), &["--legacy"]);
}

/// While one root follows another the profile is the new root's, and brings both.
#[test]
fn a_profile_with_two_roots_keeps_the_schema_and_the_rules() {
    let workshop = Workshop::new("Home Hub");
    workshop.home.hubca(&["rotate", "root", "begin", "--no-passphrase"]).succeeded();
    let root = certificate(&workshop.home.file("root/2/root.crt.pem"));
    for target in ["ios", "macos"] {
        for line in [&[][..], &["--with-issuing", "--consent"], &["--web-clip", "https://192.168.0.1:8000"]] {
            let profile = workshop.export(target, line);
            assert_good(&findings_of_roots(&profile, &[workshop.root(), root.clone()]), line);
            let both = [workshop.root(), root.clone()].map(|root| root.fingerprint());
            let told = String::from_utf8(profile).unwrap();
            assert!(both.iter().all(|fingerprint| told.contains(fingerprint)), "{line:?}");
        }
    }
}

#[test]
fn a_signed_profile_is_the_same_one_with_a_signature_around_it() {
    let workshop = Workshop::new("A & B <script>");
    let plain = ["--consent", "--web-clip", "https://hub.local"];
    let signed = workshop.export("ios", &[&plain[..], &["--sign-cert", "FULLCHAIN", "--sign-key", "KEY"]].concat());
    let read = ReadSignedData::from_ber(&signed).unwrap();
    assert_eq!(read.signer.verdict, Ok(()));
    assert!(read.content == workshop.export("ios", &plain));
    assert_good(&findings(&read.content, &workshop.root()), &plain);
}

#[test]
fn names_survive_byte_for_byte() {
    let names = [
        "A & B <script>",
        "</string><key>IsEncrypted</key><true/>",
        "]]> <!-- &amp; \"'`$(id)`",
        "<!ENTITY e SYSTEM \"/etc/passwd\"> &e;",
        "Ünïcode 家 🏠",
    ];
    for name in names {
        let workshop = Workshop::new(name);
        let profile = workshop.export("ios", &["--consent"]);
        assert_good(&findings(&profile, &workshop.root()), &[name]);
        let profile = read(&profile);
        assert_eq!(profile["PayloadDisplayName"].as_string(), Some(name));
        let consent = profile["ConsentText"].as_dictionary().unwrap();
        assert!(consent.values().all(|text| text.as_string().unwrap().contains(name)), "{consent:?}");
    }
}

#[test]
fn two_cas_of_one_name_differ_in_every_identifier_and_uuid() {
    let everything = crate::workshop::EVERYTHING;
    let [first, second] = [Workshop::new("Home Hub"), Workshop::new("Home Hub")];
    for key in ["PayloadIdentifier", "PayloadUUID"] {
        let [ours, theirs] = [&first, &second].map(|workshop| values(&workshop.export("ios", &everything), key));
        assert_eq!((ours.len(), theirs.len()), (5, 5), "{key}");
        assert!(ours.is_disjoint(&theirs), "{key}: {ours:?} {theirs:?}");
    }
}
