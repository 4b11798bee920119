//! What the certificate of a server, a client or a responder must be: its kind, its purposes, its key's usages.

use super::{
    ca::spelled,
    platform::Platform,
    reading::{Case, Stage},
    role::{Concern, Role},
    rule::{ALL, APPLE, Check, Defects, NONE, OnIssue, Rule, RuleId},
};
use crate::x509::{KeyUsage, PublicKeyKind, oid};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: RuleId("leaf-bc"),
        demand: "an end entity is no CA",
        citation: "RFC 5280 4.2.1.9; Firefox: MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY",
        on_issue: OnIssue::Refused,
        refused_by: &[Platform::Firefox],
        noted_for: &[
            Platform::Ios,
            Platform::Macos,
            Platform::Android,
            Platform::Chrome,
            Platform::Java,
            Platform::Windows,
        ],
        advice: "issue it again as the certificate of a server: one that is a CA too can vouch for any other",
        check: Check::Certificate(Concern::EndEntity, no_ca),
    },
    Rule {
        id: RuleId("leaf-self"),
        demand: "a server's certificate is signed by a CA, not by itself",
        citation: "Apple Certificate Trust Settings, which lists CA certificates only",
        on_issue: OnIssue::Refused,
        refused_by: &[Platform::Ios],
        noted_for: &[
            Platform::Macos,
            Platform::Android,
            Platform::Chrome,
            Platform::Firefox,
            Platform::Java,
            Platform::Windows,
        ],
        advice: "make a CA and issue from it: hubca quickstart",
        check: Check::Certificate(Concern::EndEntity, not_self_issued),
    },
    Rule {
        id: RuleId("leaf-eku"),
        demand: "a server's certificate has an extKeyUsage",
        citation: "Apple 103769",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: APPLE,
        advice: "issue it again with serverAuth: Apple's published rule demands it, even where its code lets it pass",
        check: Check::Certificate(Concern::Server, has_purpose),
    },
    Rule {
        id: RuleId("leaf-eku-server"),
        demand: "the extKeyUsage of a server's certificate has serverAuth",
        citation: "RFC 5280 4.2.1.12; Apple 103769",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again with serverAuth",
        check: Check::Certificate(Concern::Server, serves),
    },
    Rule {
        id: RuleId("leaf-eku-any"),
        demand: "an end entity is not for any purpose",
        citation: "CA/Browser Forum Baseline Requirements 7.1.2.7.10",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with the purposes it needs",
        check: Check::Certificate(Concern::EndEntity, not_for_anything),
    },
    Rule {
        id: RuleId("leaf-ocsp"),
        demand: "only an OCSP responder is for OCSPSigning",
        citation: "RFC 6960 4.2.2.2",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again without OCSPSigning: with it, its holder answers for the whole CA",
        check: Check::Certificate(Concern::EndEntity, not_a_responder),
    },
    Rule {
        id: RuleId("client-eku"),
        demand: "a client's certificate is for clientAuth",
        citation: "RFC 5280 4.2.1.12",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: NONE,
        advice: "issue it again with clientAuth",
        check: Check::Certificate(Concern::Client, connects),
    },
    Rule {
        id: RuleId("ocsp-eku"),
        demand: "an OCSP responder's certificate is for OCSPSigning",
        citation: "RFC 6960 4.2.2.2",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: NONE,
        advice: "issue it again with OCSPSigning",
        check: Check::Certificate(Concern::OcspResponder, answers),
    },
    Rule {
        id: RuleId("ocsp-no-check"),
        demand: "an OCSP responder's certificate asks not to be checked itself",
        citation: "RFC 6960 4.2.2.2.1",
        on_issue: OnIssue::RefusedUnlessWaived,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with ocspNoCheck, or readers ask the responder about itself",
        check: Check::Certificate(Concern::OcspResponder, unchecked),
    },
    Rule {
        id: RuleId("leaf-ku"),
        demand: "the keyUsage of an end entity has digitalSignature",
        citation: "RFC 5280 4.2.1.3; Apple Security source SecPolicy.c",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again with digitalSignature: TLS signs with the key",
        check: Check::Certificate(Concern::EndEntity, signs),
    },
    Rule {
        id: RuleId("leaf-ku-critical"),
        demand: "an end entity has a keyUsage, and it is critical",
        citation: "RFC 5280 4.2.1.3",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: NONE,
        advice: "issue it again with a critical keyUsage",
        check: Check::Certificate(Concern::EndEntity, usage_is_critical),
    },
    Rule {
        id: RuleId("leaf-ku-rsa"),
        demand: "the keyUsage of a server with an RSA key has keyEncipherment",
        citation: "RFC 5246 7.4.2; Apple Security source SecPolicy.c",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with keyEncipherment, or for an EC key: --key p256",
        check: Check::Certificate(Concern::Server, enciphers_with_rsa),
    },
    Rule {
        id: RuleId("leaf-ku-ec"),
        demand: "the keyUsage of an EC key has no keyEncipherment",
        citation: "RFC 5480 3; RFC 8813",
        on_issue: OnIssue::RefusedUnlessWaived,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again without keyEncipherment: an EC key cannot encipher",
        check: Check::Certificate(Concern::EndEntity, does_not_encipher_with_ec),
    },
    Rule {
        id: RuleId("leaf-ku-sign"),
        demand: "the keyUsage of an end entity has neither keyCertSign nor cRLSign",
        citation: "RFC 5280 4.2.1.9",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again without them",
        check: Check::Certificate(Concern::EndEntity, signs_no_certificates),
    },
];

fn no_ca(case: &Case<'_>, defects: &mut Defects) {
    if case.reading.is_ca() {
        defects.say("its basicConstraints say that it is a CA");
    }
}

fn not_self_issued(case: &Case<'_>, defects: &mut Defects) {
    if case.tbs().is_self_issued() && case.issuers.is_empty() {
        defects.say("its issuer is itself, and it is no CA's");
    }
}

fn has_purpose(case: &Case<'_>, defects: &mut Defects) {
    if case.tbs().extension(oid::EXTENDED_KEY_USAGE).is_none() {
        defects.say("it has no extKeyUsage, and so no serverAuth");
    }
}

fn purpose(case: &Case<'_>, needed: &str, defects: &mut Defects) {
    let Some(usage) = &case.reading.extended_key_usage else { return };
    if !usage.allows(needed) {
        let named: Vec<&str> = usage.purposes().iter().map(|purpose| oid::name(purpose)).collect();
        defects.say(format!("its extKeyUsage is {}, without {}", named.join(", "), oid::name(needed)));
    }
}

fn serves(case: &Case<'_>, defects: &mut Defects) {
    purpose(case, oid::SERVER_AUTH, defects);
}

fn connects(case: &Case<'_>, defects: &mut Defects) {
    if case.stage == Stage::Draft && case.reading.extended_key_usage.is_none() {
        defects.say("it has no extKeyUsage, and so no clientAuth");
    }
    purpose(case, oid::CLIENT_AUTH, defects);
}

fn answers(case: &Case<'_>, defects: &mut Defects) {
    // RFC 6960 4.2.2.2: the purpose itself must be named; any purpose is not enough.
    if !case.reading.is_for(oid::OCSP_SIGNING) {
        defects.say("its extKeyUsage does not name OCSPSigning");
    }
}

fn unchecked(case: &Case<'_>, defects: &mut Defects) {
    if case.tbs().extension(oid::OCSP_NO_CHECK).is_none() {
        defects.say("it has no ocspNoCheck");
    }
}

fn not_for_anything(case: &Case<'_>, defects: &mut Defects) {
    if case.reading.is_for(oid::ANY_EXTENDED_KEY_USAGE) {
        defects.say("its extKeyUsage has anyExtendedKeyUsage");
    }
}

fn not_a_responder(case: &Case<'_>, defects: &mut Defects) {
    if case.role != Role::OcspResponder && case.reading.is_for(oid::OCSP_SIGNING) {
        defects.say("its extKeyUsage has OCSPSigning, and it is no responder's");
    }
}

fn signs(case: &Case<'_>, defects: &mut Defects) {
    if let Some(usages) = &case.reading.key_usage
        && !usages.contains(&KeyUsage::DigitalSignature)
    {
        defects.say(format!("its keyUsage is {}, without digitalSignature", spelled(usages)));
    }
}

fn usage_is_critical(case: &Case<'_>, defects: &mut Defects) {
    match case.tbs().extension(oid::KEY_USAGE) {
        None => defects.say("it has no keyUsage"),
        Some(extension) if !extension.critical => defects.say("its keyUsage is not critical"),
        Some(_) => {}
    }
}

fn enciphers_with_rsa(case: &Case<'_>, defects: &mut Defects) {
    let is_rsa = matches!(case.tbs().public_key().kind(), PublicKeyKind::Rsa { .. });
    if is_rsa && case.reading.key_usage.is_some() && !case.reading.has_usage(KeyUsage::KeyEncipherment) {
        defects.say("its key is RSA, and its keyUsage has no keyEncipherment, which TLS 1.2 may need");
    }
}

fn does_not_encipher_with_ec(case: &Case<'_>, defects: &mut Defects) {
    let is_ec = matches!(case.tbs().public_key().kind(), PublicKeyKind::Ec(_));
    if is_ec && case.reading.has_usage(KeyUsage::KeyEncipherment) {
        defects.say("its key is on an elliptic curve, and its keyUsage has keyEncipherment");
    }
}

fn signs_no_certificates(case: &Case<'_>, defects: &mut Defects) {
    let reading = case.reading;
    let signing = reading.has_usage(KeyUsage::KeyCertSign) || reading.has_usage(KeyUsage::CrlSign);
    if signing && !reading.is_ca() {
        defects.say("its keyUsage has keyCertSign or cRLSign, and it is no CA");
    }
}
