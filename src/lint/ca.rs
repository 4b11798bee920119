//! What the certificate of a CA must be: RFC 5280 4.2.1.3 and 4.2.1.9, and what Apple wants to see in a root.

use super::{
    platform::Platform,
    reading::Case,
    role::{Concern, Role},
    rule::{ALL, APPLE, BUT_APPLE, Check, Defects, NONE, OnIssue, Rule, RuleId},
};
use crate::x509::{BasicConstraints, KeyUsage, oid};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: RuleId("root-ca"),
        demand: "a root says in its basicConstraints that it is a CA",
        citation: "RFC 5280 4.2.1.9; Apple Security source SecPolicyServer.c",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "make a new root; one that is no CA cannot be switched on in Settings, nor can it vouch for anything",
        check: Check::Certificate(Concern::Root, says_ca),
    },
    Rule {
        id: RuleId("root-cn"),
        demand: "a root has a common name",
        citation: "Apple Certificate Trust Settings, which lists roots by common name",
        on_issue: OnIssue::Refused,
        refused_by: &[Platform::Ios],
        noted_for: NONE,
        advice: "make a new root with a name: hubca init --name NAME",
        check: Check::Certificate(Concern::Root, root_name),
    },
    Rule {
        id: RuleId("root-ku"),
        demand: "a root has a critical keyUsage with keyCertSign and cRLSign",
        citation: "RFC 5280 4.2.1.3",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "keep it if it works for you; a new root from hubca init has it",
        check: Check::Certificate(Concern::Root, usage_of_ca),
    },
    Rule {
        id: RuleId("root-ski"),
        demand: "a root has a subjectKeyIdentifier",
        citation: "RFC 5280 4.2.1.2",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "keep it if it works for you; a new root from hubca init has it",
        check: Check::Certificate(Concern::Root, key_identifier),
    },
    Rule {
        id: RuleId("root-aki"),
        demand: "the authorityKeyIdentifier of a root, if it has one, equals its subjectKeyIdentifier",
        citation: "Apple Security source SecPolicyServer.c; RFC 5280 4.2.1.1",
        on_issue: OnIssue::Refused,
        refused_by: APPLE,
        noted_for: BUT_APPLE,
        advice: "make a new root",
        check: Check::Certificate(Concern::Root, own_identifiers),
    },
    Rule {
        id: RuleId("root-self"),
        demand: "a root is issued and signed by itself",
        citation: "RFC 5280 3.2",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "make a new root; this one was changed after it was signed, or is none",
        check: Check::Certificate(Concern::Root, self_signed),
    },
    Rule {
        id: RuleId("ca-true"),
        demand: "a CA below the root says in its basicConstraints that it is a CA",
        citation: "RFC 5280 4.2.1.9",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue from a CA: what was signed by an ordinary certificate is trusted nowhere",
        check: Check::Certificate(Concern::Issuing, says_ca),
    },
    Rule {
        id: RuleId("ca-critical"),
        demand: "the basicConstraints of a CA are critical",
        citation: "RFC 5280 4.2.1.9",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "keep it if it works for you; a new CA from hubca init has it",
        check: Check::Certificate(Concern::Ca, critical_constraints),
    },
    Rule {
        id: RuleId("ca-sign"),
        demand: "the keyUsage of a CA, if it has one, allows keyCertSign",
        citation: "RFC 5280 4.2.1.3; Apple Security source SecPolicyServer.c",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "make the CA again with keyCertSign",
        check: Check::Certificate(Concern::Ca, may_sign),
    },
    Rule {
        id: RuleId("ca-ku"),
        demand: "a CA below the root has a critical keyUsage with keyCertSign and cRLSign",
        citation: "RFC 5280 4.2.1.3",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "make the issuing CA again",
        check: Check::Certificate(Concern::Issuing, usage_of_ca),
    },
    Rule {
        id: RuleId("ca-ski"),
        demand: "a CA below the root has a subjectKeyIdentifier",
        citation: "RFC 5280 4.2.1.2",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "make the issuing CA again",
        check: Check::Certificate(Concern::Issuing, key_identifier),
    },
    Rule {
        id: RuleId("ca-subject"),
        demand: "a CA has a subject",
        citation: "RFC 5280 4.1.2.6; Apple Security source SecPolicyLeafCallbacks.c",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "make the CA again with a name",
        check: Check::Certificate(Concern::Ca, subject),
    },
    Rule {
        id: RuleId("ca-eku"),
        demand: "the extKeyUsage of a CA, if it has one, has serverAuth",
        citation: "Apple Security source SecPolicyServer.c; RFC 5280 4.2.1.12",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "make the CA again with serverAuth among its purposes, or with none",
        check: Check::Certificate(Concern::Ca, purposes),
    },
];

fn says_ca(case: &Case<'_>, defects: &mut Defects) {
    match case.reading.basic_constraints {
        Some(BasicConstraints::Ca { .. }) => {}
        Some(BasicConstraints::EndEntity) => defects.say("its basicConstraints say that it is no CA"),
        None => defects.say("it has no basicConstraints, so it is no CA"),
    }
}

fn critical_constraints(case: &Case<'_>, defects: &mut Defects) {
    if case.tbs().extension(oid::BASIC_CONSTRAINTS).is_some_and(|extension| !extension.critical) {
        defects.say("its basicConstraints are not critical");
    }
}

fn root_name(case: &Case<'_>, defects: &mut Defects) {
    if case.tbs().subject().common_name().is_none_or(|name| name.trim().is_empty()) {
        defects.say(format!("its subject is `{}`, without a common name", case.tbs().subject()));
    }
}

fn may_sign(case: &Case<'_>, defects: &mut Defects) {
    if let Some(usages) = &case.reading.key_usage
        && !usages.contains(&KeyUsage::KeyCertSign)
    {
        defects.say(format!("its keyUsage is {}, without keyCertSign", spelled(usages)));
    }
}

fn usage_of_ca(case: &Case<'_>, defects: &mut Defects) {
    let Some(usages) = &case.reading.key_usage else { return defects.say("it has no keyUsage") };
    if !usages.contains(&KeyUsage::CrlSign) {
        defects.say(format!("its keyUsage is {}, without cRLSign", spelled(usages)));
    }
    if case.tbs().extension(oid::KEY_USAGE).is_some_and(|extension| !extension.critical) {
        defects.say("its keyUsage is not critical");
    }
}

fn key_identifier(case: &Case<'_>, defects: &mut Defects) {
    if case.reading.subject_key_identifier.is_none() {
        defects.say("it has no subjectKeyIdentifier");
    }
}

fn own_identifiers(case: &Case<'_>, defects: &mut Defects) {
    if let (Some(own), Some(authority)) = (&case.reading.subject_key_identifier, &case.reading.authority_key_identifier)
        && own != authority
    {
        defects.say(format!("its authorityKeyIdentifier is {authority}, and its subjectKeyIdentifier {own}"));
    }
}

fn self_signed(case: &Case<'_>, defects: &mut Defects) {
    if !case.tbs().is_self_issued() {
        defects.say(format!("its issuer is `{}`, not itself", case.tbs().issuer()));
    } else if let Some(certificate) = case.reading.certificate
        && crate::x509::SignatureAlgorithm::from_oid(certificate.signature_oid()).is_ok()
        && certificate.verify_signed_by(certificate.tbs().public_key()).is_err()
    {
        defects.say("its signature was not made by its own key");
    }
}

fn subject(case: &Case<'_>, defects: &mut Defects) {
    if case.tbs().subject().is_empty() {
        defects.say("its subject is empty");
    }
}

fn purposes(case: &Case<'_>, defects: &mut Defects) {
    if let Some(usage) = &case.reading.extended_key_usage
        && !usage.allows(oid::SERVER_AUTH)
    {
        let named: Vec<&str> = usage.purposes().iter().map(|purpose| oid::name(purpose)).collect();
        let whose = if case.role == Role::Root { "the root" } else { "the CA" };
        defects.say(format!("{whose} is limited to {}, without serverAuth", named.join(", ")));
    }
}

/// Usages in RFC 5280's spelling, for a message.
pub(super) fn spelled(usages: &[KeyUsage]) -> String {
    if usages.is_empty() {
        return "empty".to_owned();
    }
    usages.iter().map(|usage| usage.name()).collect::<Vec<_>>().join(", ")
}
