//! The form of every certificate, RFC 5280 4.1 and 4.2: version, serial number, subject, and extensions at large.

use std::collections::HashSet;

use super::{
    reading::{Case, Stage},
    role::{Concern, Role},
    rule::{ALL, Check, Defects, NONE, OnIssue, Rule, RuleId},
};
use crate::x509::{name::is_unprintable, oid, serial_number::SerialNumberError};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: RuleId("version"),
        demand: "a certificate is of version 3",
        citation: "RFC 5280 4.1.2.1",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again; older versions have no names and no constraints",
        check: Check::Certificate(Concern::Every, version),
    },
    Rule {
        id: RuleId("serial"),
        demand: "a serial number is positive and has at most 20 octets",
        citation: "RFC 5280 4.1.2.2",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again with a random serial number",
        check: Check::Certificate(Concern::Every, serial),
    },
    Rule {
        id: RuleId("serial-random"),
        demand: "a serial number is long enough to be random: 64 bits, and 17 octets in ours",
        citation: "CA/Browser Forum Baseline Requirements 7.1; Firefox SEC_ERROR_REUSED_ISSUER_AND_SERIAL",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with a random serial number: one that is met twice locks Firefox out",
        check: Check::Certificate(Concern::Every, long_serial),
    },
    Rule {
        id: RuleId("ext-dup"),
        demand: "no extension stands there twice",
        citation: "RFC 5280 4.2; Apple Security source PathParseTests.m: testDuplicateExtensions",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again with each extension once",
        check: Check::Certificate(Concern::Every, each_once),
    },
    Rule {
        id: RuleId("ext-crit"),
        demand: "no critical extension is unknown",
        citation: "RFC 5280 4.2; Apple Security source SecPolicy.c",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again without the extension, or with it not critical",
        check: Check::Certificate(Concern::Every, known_where_critical),
    },
    Rule {
        id: RuleId("ext-read"),
        demand: "every known extension can be read",
        citation: "RFC 5280 4.2; Apple Security source SecPolicy.c",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again; the extension was put together wrongly",
        check: Check::Certificate(Concern::Every, readable),
    },
    Rule {
        id: RuleId("ext-own"),
        demand: "a certificate of ours has only extensions that we make",
        citation: "hubca: a request never chooses",
        on_issue: OnIssue::RefusedUnlessWaived,
        refused_by: NONE,
        noted_for: NONE,
        advice: "leave the extension out, or waive the rule in the profile that adds it",
        check: Check::Certificate(Concern::Every, of_our_own),
    },
    Rule {
        id: RuleId("policy-dup"),
        demand: "no certificate policy stands there twice",
        citation: "RFC 5280 4.2.1.4",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with each policy once",
        check: Check::Certificate(Concern::Every, each_policy_once),
    },
    Rule {
        id: RuleId("uri-dup"),
        demand: "a certificate names one CRL, and each place to learn of its issuer once",
        citation: "RUSTSEC-2026-0049: several distribution points are where verifiers err; RFC 5280 4.2.2.1",
        on_issue: OnIssue::RefusedUnlessWaived,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with each place once, and one CRL",
        check: Check::Certificate(Concern::Every, each_place_once),
    },
    Rule {
        id: RuleId("subject-text"),
        demand: "a name has no character that cannot be shown, and at most 64 in its common name",
        citation: "X.520 ub-common-name; RFC 5280 appendix A",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with a shorter name in plain letters",
        check: Check::Certificate(Concern::Every, plain_subject),
    },
];

/// What a reader that follows RFC 5280 knows, so that it may be critical.
const KNOWN: [&str; 13] = [
    oid::SUBJECT_KEY_IDENTIFIER,
    oid::KEY_USAGE,
    oid::SUBJECT_ALT_NAME,
    oid::ISSUER_ALT_NAME,
    oid::BASIC_CONSTRAINTS,
    oid::NAME_CONSTRAINTS,
    oid::CRL_DISTRIBUTION_POINTS,
    oid::CERTIFICATE_POLICIES,
    oid::POLICY_MAPPINGS,
    oid::AUTHORITY_KEY_IDENTIFIER,
    oid::POLICY_CONSTRAINTS,
    oid::EXTENDED_KEY_USAGE,
    oid::INHIBIT_ANY_POLICY,
];

/// What certificates of ours are made of.
const OURS: [&str; 11] = [
    oid::SUBJECT_KEY_IDENTIFIER,
    oid::KEY_USAGE,
    oid::SUBJECT_ALT_NAME,
    oid::BASIC_CONSTRAINTS,
    oid::NAME_CONSTRAINTS,
    oid::CRL_DISTRIBUTION_POINTS,
    oid::CERTIFICATE_POLICIES,
    oid::AUTHORITY_KEY_IDENTIFIER,
    oid::EXTENDED_KEY_USAGE,
    oid::AUTHORITY_INFO_ACCESS,
    oid::OCSP_NO_CHECK,
];

fn version(case: &Case<'_>, defects: &mut Defects) {
    if case.tbs().version() != 3 {
        defects.say(format!("it is of version {}", case.tbs().version()));
    }
}

fn serial(case: &Case<'_>, defects: &mut Defects) {
    if let Err(error) = case.tbs().serial_number() {
        // Roots that every platform ships have it: what they are called by is their key.
        if error == SerialNumberError::Zero && case.role == Role::Root {
            return;
        }
        defects.say(error.to_string());
    }
}

fn long_serial(case: &Case<'_>, defects: &mut Defects) {
    let Ok(serial) = case.tbs().serial_number() else { return };
    let least = match case.stage {
        Stage::Draft => 17,
        Stage::Issued => 8,
    };
    let length = serial.as_octets().len();
    if length < least {
        defects.say(format!("its serial number has {length} octets, less than {least}"));
    }
}

fn each_once(case: &Case<'_>, defects: &mut Defects) {
    let extensions = case.tbs().extensions();
    for (index, extension) in extensions.iter().enumerate() {
        if extensions.iter().take(index).any(|earlier| earlier.oid == extension.oid) {
            defects.say(format!("the extension {} stands there twice", oid::name(&extension.oid)));
        }
    }
}

fn known_where_critical(case: &Case<'_>, defects: &mut Defects) {
    for extension in case.tbs().extensions() {
        if extension.critical && !KNOWN.contains(&extension.oid.as_str()) {
            defects.say(format!("the extension {} is critical, and devices do not know it", oid::name(&extension.oid)));
        }
    }
}

fn readable(case: &Case<'_>, defects: &mut Defects) {
    case.reading.unreadable.iter().for_each(|sentence| defects.say(sentence.as_str()));
    let others = [case.tbs().crl_uris().err(), case.tbs().access_locations().err(), case.tbs().policies().err()];
    others.into_iter().flatten().for_each(|error| defects.say(error.to_string()));
}

fn of_our_own(case: &Case<'_>, defects: &mut Defects) {
    if case.stage == Stage::Issued {
        return;
    }
    for extension in case.tbs().extensions() {
        if !OURS.contains(&extension.oid.as_str()) {
            defects.say(format!("the extension {} is none that we make", oid::name(&extension.oid)));
        }
    }
}

fn each_policy_once(case: &Case<'_>, defects: &mut Defects) {
    let policies = case.tbs().policies().unwrap_or_default();
    let mut seen = HashSet::new();
    for policy in policies.iter().filter(|policy| !seen.insert(policy.as_str())) {
        defects.say(format!("the policy {policy} stands there twice"));
    }
}

fn each_place_once(case: &Case<'_>, defects: &mut Defects) {
    let crls = case.tbs().crl_uris().unwrap_or_default();
    if crls.len() > 1 {
        defects.say(format!("it names {} CRLs: {}", crls.len(), crls.join(", ")));
    }
    let places = case.tbs().access_locations().unwrap_or_default();
    let mut seen = HashSet::new();
    for (_, uri) in places.iter().filter(|place| !seen.insert(*place)) {
        defects.say(format!("the place `{uri}` stands there twice"));
    }
}

fn plain_subject(case: &Case<'_>, defects: &mut Defects) {
    for attribute in case.tbs().subject().attributes() {
        let part = oid::name(&attribute.oid);
        if let Some(character) = attribute.value.chars().find(|character| is_unprintable(*character)) {
            defects.say(format!("the {part} of its subject has the character {character:?}"));
        }
        let length = attribute.value.chars().count();
        if attribute.oid == oid::COMMON_NAME && length > 64 {
            defects.say(format!("its common name has {length} characters, more than 64"));
        }
    }
}
