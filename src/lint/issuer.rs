//! What binds a certificate to its issuer: bytes of the name, identifiers of the key, and the length of the path.

use super::{
    platform::Platform,
    reading::{Case, Stage},
    role::{Concern, Role},
    rule::{ALL, Check, Defects, NONE, OnIssue, Rule, RuleId},
};
use crate::x509::{BasicConstraints, KeyUsage};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: RuleId("issuer-ca"),
        demand: "the issuer is a CA that may sign certificates",
        citation: "RFC 5280 6.1.4 (k) and (n)",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: NONE,
        advice: "issue from a CA",
        check: Check::Certificate(Concern::BelowRoot, issued_by_ca),
    },
    Rule {
        id: RuleId("issuer-bytes"),
        demand: "the issuer's name is, byte for byte, the subject of the issuer's certificate",
        citation: "RFC 5280 7.1; google/conscrypt#1017",
        on_issue: OnIssue::Refused,
        refused_by: &[Platform::Android, Platform::Firefox],
        noted_for: &[Platform::Ios, Platform::Macos, Platform::Chrome, Platform::Java, Platform::Windows],
        advice: "issue it again with the issuer's name copied, not written anew",
        check: Check::Certificate(Concern::BelowRoot, same_bytes),
    },
    Rule {
        id: RuleId("leaf-aki"),
        demand: "the authorityKeyIdentifier equals the issuer's subjectKeyIdentifier",
        citation: "Apple Security source SecPolicyServer.c; RFC 5280 4.2.1.1",
        on_issue: OnIssue::Refused,
        refused_by: &[Platform::Ios, Platform::Macos, Platform::Java],
        noted_for: &[Platform::Android, Platform::Chrome, Platform::Firefox, Platform::Windows],
        advice: "issue it again, or serve the issuer's certificate that it was issued under",
        check: Check::Certificate(Concern::BelowRoot, same_identifier),
    },
    Rule {
        id: RuleId("aki-some"),
        demand: "a certificate that is not self-signed has an authorityKeyIdentifier",
        citation: "RFC 5280 4.2.1.1",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with one: it helps devices to find the issuer",
        check: Check::Certificate(Concern::BelowRoot, some_identifier),
    },
    Rule {
        id: RuleId("path-len"),
        demand: "no more CAs stand below a CA than its path length allows",
        citation: "RFC 5280 4.2.1.9",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue from the CA above it, or make that CA again with a longer path",
        check: Check::Certificate(Concern::BelowRoot, short_enough),
    },
    Rule {
        id: RuleId("issuer-other"),
        demand: "a certificate does not have the name of its issuer with another key",
        citation: "RFC 5280 4.2.1.9: such a certificate counts as self-issued",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with a subject of its own",
        check: Check::Certificate(Concern::EndEntity, other_name),
    },
];

fn issued_by_ca(case: &Case<'_>, defects: &mut Defects) {
    // Of a chain by others each CA is asked itself, by `ca-true` and `ca-sign`.
    if case.stage == Stage::Issued {
        return;
    }
    match case.issuers.first() {
        None => defects.say("its issuer is not known"),
        Some(issuer) if !issuer.is_ca() => defects.say(format!("its issuer `{}` is no CA", issuer.title())),
        Some(issuer) if issuer.key_usage.is_some() && !issuer.has_usage(KeyUsage::KeyCertSign) => {
            defects.say(format!("its issuer `{}` may not sign certificates", issuer.title()));
        }
        Some(_) => {}
    }
}

fn same_bytes(case: &Case<'_>, defects: &mut Defects) {
    let Some(issuer) = case.issuers.first() else { return };
    let (named, actual) = (case.tbs().issuer(), issuer.tbs.subject());
    if named.as_der() == actual.as_der() {
        return;
    }
    if named.to_string() == actual.to_string() {
        defects.say(format!("its issuer `{named}` reads like the issuer's subject, but is encoded differently"));
    } else {
        defects.say(format!("its issuer is `{named}`, and the issuer's subject `{actual}`"));
    }
}

fn same_identifier(case: &Case<'_>, defects: &mut Defects) {
    let Some(issuer) = case.issuers.first() else { return };
    if let (Some(named), Some(actual)) = (&case.reading.authority_key_identifier, &issuer.subject_key_identifier)
        && named != actual
    {
        defects.say(format!("its authorityKeyIdentifier is {named}, and the issuer's subjectKeyIdentifier {actual}"));
    }
}

fn some_identifier(case: &Case<'_>, defects: &mut Defects) {
    let is_self_signed = case.tbs().is_self_issued() && case.issuers.is_empty();
    if case.reading.authority_key_identifier.is_none() && !is_self_signed {
        defects.say("it has no authorityKeyIdentifier");
    }
}

fn short_enough(case: &Case<'_>, defects: &mut Defects) {
    // RFC 5280 6.1.4 (l): self-issued CAs do not count.
    let mut below = u32::from(case.role == Role::Issuing && !case.tbs().is_self_issued());
    for issuer in case.issuers {
        if let Some(BasicConstraints::Ca { path_len: Some(most) }) = issuer.basic_constraints
            && below > most
        {
            defects.say(format!("`{}` allows {most} CAs below it, and there are {below}", issuer.title()));
        }
        below += u32::from(!issuer.tbs.is_self_issued());
    }
}

fn other_name(case: &Case<'_>, defects: &mut Defects) {
    if let Some(issuer) = case.issuers.first()
        && case.tbs().subject().as_der() == issuer.tbs.subject().as_der()
    {
        defects.say(format!("its subject is that of its issuer, `{}`", issuer.title()));
    }
}
