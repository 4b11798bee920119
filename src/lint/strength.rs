//! Keys and signatures that devices take: Apple's tables of sizes and algorithms, and what nobody should trust.

use super::{
    platform::Platform,
    reading::{Case, Stage},
    role::{Concern, Role},
    rule::{ALL, APPLE, BUT_APPLE, Check, Defects, NONE, OnIssue, Rule, RuleId},
};
use crate::x509::{PublicKeyKind, SignatureAlgorithm, public_key::NamedCurve};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: RuleId("key-alg"),
        demand: "a key is RSA of 2048 to 8192 bits, or on the curve P-256 or P-384, and not one known to be weak",
        citation: "Apple 103769; Apple Security source SecPolicy.c",
        on_issue: OnIssue::Refused,
        refused_by: APPLE,
        noted_for: BUT_APPLE,
        advice: "issue it again for a new key: --key p256",
        check: Check::Certificate(Concern::Every, strong_key),
    },
    Rule {
        id: RuleId("key-eddsa"),
        demand: "no key and no signature is Ed25519 or Ed448",
        citation: "Apple Security source SecCertificate.c and KeySizeTests.m; golang/go#47681",
        on_issue: OnIssue::Refused,
        refused_by: &[
            Platform::Ios,
            Platform::Macos,
            Platform::Android,
            Platform::Chrome,
            Platform::Firefox,
            Platform::Windows,
        ],
        noted_for: NONE,
        advice: "issue it again for a new key: --key p256; Java is alone in taking this one",
        check: Check::Certificate(Concern::Every, edwards),
    },
    Rule {
        id: RuleId("key-p521"),
        demand: "a key is not on the curve P-521",
        citation: "golang/go#19901; the TLS stacks of Safari and Chrome do not offer it",
        on_issue: OnIssue::Told,
        refused_by: NONE,
        noted_for: &[Platform::Ios, Platform::Macos, Platform::Android, Platform::Chrome],
        advice: "issue it again for a new key: --key p256 or --key p384",
        check: Check::Certificate(Concern::Every, large_curve),
    },
    Rule {
        id: RuleId("key-shared"),
        demand: "a certificate is not for the key of a CA above it",
        citation: "Boulder goodkey; hubca",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again for a key of its own: who has the server's key has the CA's",
        check: Check::Certificate(Concern::BelowRoot, own_key),
    },
    Rule {
        id: RuleId("sig-alg"),
        demand: "a signature is RSA PKCS#1 v1.5 or ECDSA with SHA-256, SHA-384 or SHA-512",
        citation: "Apple 103769; Apple Security source SecSignatureVerificationSupport.c",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again with SHA-256; SHA-1 is refused everywhere, and RSA-PSS by Apple",
        check: Check::Certificate(Concern::Every, signature_algorithm),
    },
    Rule {
        id: RuleId("sig-same"),
        demand: "the signature algorithm is the same inside what is signed and outside",
        citation: "RFC 5280 4.1.1.2",
        on_issue: OnIssue::NotAsked,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again; this certificate was put together wrongly, or changed",
        check: Check::Certificate(Concern::Every, same_algorithm),
    },
];

/// id-Ed25519 and id-Ed448, RFC 8410.
const EDWARDS: [&str; 2] = ["1.3.101.112", "1.3.101.113"];

fn strong_key(case: &Case<'_>, defects: &mut Defects) {
    let key = case.tbs().public_key();
    if matches!(key.kind(), PublicKeyKind::Ed25519 | PublicKeyKind::Ed448 | PublicKeyKind::Ec(NamedCurve::P521)) {
        return;
    }
    if let Err(error) = key.check_strength() {
        defects.say(error.to_string());
    }
}

fn edwards(case: &Case<'_>, defects: &mut Defects) {
    match case.tbs().public_key().kind() {
        PublicKeyKind::Ed25519 => defects.say("its key is Ed25519"),
        PublicKeyKind::Ed448 => defects.say("its key is Ed448"),
        _ if EDWARDS.contains(&case.tbs().signature_oid()) => defects.say("it is signed with Ed25519 or Ed448"),
        _ => {}
    }
}

fn large_curve(case: &Case<'_>, defects: &mut Defects) {
    if case.tbs().public_key().kind() == PublicKeyKind::Ec(NamedCurve::P521) {
        defects.say("its key is on the curve P-521, which Safari and Chrome do not offer");
    }
}

fn own_key(case: &Case<'_>, defects: &mut Defects) {
    let key = case.tbs().public_key().key_bits();
    for issuer in case.issuers.iter().filter(|issuer| issuer.tbs.public_key().key_bits() == key) {
        // RFC 5280 6.1: a CA that carries its own name and key on is a rollover, not a mix-up.
        if case.role == Role::Issuing && case.tbs().is_self_issued() {
            continue;
        }
        defects.say(format!("its key is that of `{}`", issuer.title()));
    }
}

fn signature_algorithm(case: &Case<'_>, defects: &mut Defects) {
    let algorithm = case.tbs().signature_oid();
    // Apple Security source SecPolicyServer.c: the hash of a self-signed certificate is not looked at.
    let unjudged = case.role == Role::Root && case.stage == Stage::Issued;
    if !unjudged
        && !EDWARDS.contains(&algorithm)
        && let Err(error) = SignatureAlgorithm::from_oid(algorithm)
    {
        defects.say(error.to_string());
    }
}

fn same_algorithm(case: &Case<'_>, defects: &mut Defects) {
    if let Some(certificate) = case.reading.certificate
        && certificate.signature_oid() != case.tbs().signature_oid()
    {
        defects.say(format!(
            "the algorithm is `{}` inside and `{}` outside",
            case.tbs().signature_oid(),
            certificate.signature_oid()
        ));
    }
}
