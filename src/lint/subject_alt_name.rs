//! The names that a certificate vouches for, RFC 5280 4.2.1.6, and the common name beside them.

use std::{collections::HashSet, net::IpAddr};

use super::{
    reading::{Case, Stage},
    role::Concern,
    rule::{ALL, APPLE, BUT_APPLE, Check, Defects, NONE, OnIssue, Rule, RuleId},
};
use crate::x509::{AltName, DnsName, DnsNameError, SubjectAltNames, dns_name::looks_like_address, oid};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: RuleId("san-some"),
        demand: "a server's certificate has a subjectAltName with at least one host name or address",
        citation: "Apple 103769; RFC 6125 6.4.4",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again with --dns or --ip: a common name is looked at nowhere",
        check: Check::Certificate(Concern::Server, some),
    },
    Rule {
        id: RuleId("san-ip"),
        demand: "an address stands in an iPAddress, never in a dNSName or the common name alone",
        citation: "Apple Security source SSLPolicyTests.m: testIPAddressInDNSField, testIPAddressInCN",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again with --ip",
        check: Check::Certificate(Concern::EndEntity, address_as_address),
    },
    Rule {
        id: RuleId("san-iplen"),
        demand: "an iPAddress has 4 or 16 octets",
        citation: "RFC 5280 4.2.1.6; Apple Security source SecCertificate.c",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again with --ip; a mask has no place there",
        check: Check::Certificate(Concern::EndEntity, address_length),
    },
    Rule {
        id: RuleId("san-dns"),
        demand: "a dNSName is made of labels of letters, digits and hyphens, at most 63 each and 253 in all",
        citation: "RFC 5280 4.2.1.6; Apple Security source SecCertificate.c: SecFrameworkIsDNSName",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again with the name as DNS has it",
        check: Check::Certificate(Concern::EndEntity, syntax),
    },
    Rule {
        id: RuleId("san-underscore"),
        demand: "a dNSName has no underscore",
        citation: "RFC 5280 4.2.1.6; CA/Browser Forum ballot SC-12",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "give the machine a name with a hyphen in its place",
        check: Check::Certificate(Concern::EndEntity, underscore),
    },
    Rule {
        id: RuleId("san-case"),
        demand: "a dNSName is in lower case",
        citation: "Go CVE-2026-33810: exclusions compared in their case",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: NONE,
        advice: "issue it again in lower case",
        check: Check::Certificate(Concern::EndEntity, lower_case),
    },
    Rule {
        id: RuleId("san-idna"),
        demand: "an international dNSName is a valid A-label",
        citation: "RFC 5891 5.4; RUSTSEC-2024-0421",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with the name in the letters one types",
        check: Check::Certificate(Concern::EndEntity, international),
    },
    Rule {
        id: RuleId("san-wild"),
        demand: "a wildcard is the whole first label, and two labels or more follow it",
        citation: "RFC 6125 6.4.3; Apple Security source SecPolicyLeafCallbacks.c",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again for *.hub.lan in place of *.lan, or for each name",
        check: Check::Certificate(Concern::EndEntity, wildcard),
    },
    Rule {
        id: RuleId("san-crit"),
        demand: "the subjectAltName is critical where the subject is empty",
        citation: "RFC 5280 4.2.1.6; Apple Security source SecPolicyLeafCallbacks.c",
        on_issue: OnIssue::Refused,
        refused_by: APPLE,
        noted_for: BUT_APPLE,
        advice: "issue it again with a subject, or with a critical subjectAltName",
        check: Check::Certificate(Concern::EndEntity, critical),
    },
    Rule {
        id: RuleId("san-dup"),
        demand: "no name stands there twice, in whatever spelling",
        citation: "hubca; zlint notices it",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with each name once",
        check: Check::Certificate(Concern::EndEntity, once),
    },
    Rule {
        id: RuleId("san-mapped"),
        demand: "an IPv4 address is stored as one, not inside an IPv6 address",
        citation: "RFC 5280 4.2.1.6; RFC 4291 2.5.5.2",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with --ip and the address in four decimal parts",
        check: Check::Certificate(Concern::EndEntity, plain_ipv4),
    },
    Rule {
        id: RuleId("san-kinds"),
        demand: "a server's certificate names hosts and addresses, and nothing else",
        citation: "RUSTSEC-2026-0098, Node CVE-2021-44531: other kinds are where verifiers err",
        on_issue: OnIssue::RefusedUnlessWaived,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again without e-mail addresses and URIs",
        check: Check::Certificate(Concern::Server, hosts_only),
    },
    Rule {
        id: RuleId("san-many"),
        demand: "a certificate has at most 100 names",
        citation: "Let's Encrypt's limit; hubca",
        on_issue: OnIssue::RefusedUnlessWaived,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue several, or one wildcard",
        check: Check::Certificate(Concern::EndEntity, not_too_many),
    },
    Rule {
        id: RuleId("cn-san"),
        demand: "the common name of a server is one of its host names",
        citation: "CA/Browser Forum Baseline Requirements 7.1.4.3",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again: hubca copies the first host name, and leaves the common name out where there is none",
        check: Check::Certificate(Concern::Server, common_name),
    },
];

fn hosts<'a>(case: &'a Case<'_>) -> impl Iterator<Item = (&'a str, &'a Result<DnsName, DnsNameError>)> {
    case.reading.names.iter().filter_map(|name| match (&name.alt, &name.dns) {
        (AltName::Dns(text), Some(parsed)) => Some((text.as_str(), parsed)),
        _ => None,
    })
}

fn some(case: &Case<'_>, defects: &mut Defects) {
    if case.tbs().extension(oid::SUBJECT_ALT_NAME).is_none() {
        defects.say("it has no subjectAltName");
    } else if !case.reading.has_host() && !case.reading.names_are_unreadable() {
        defects.say("its subjectAltName has neither a host name nor an address");
    }
}

fn address_as_address(case: &Case<'_>, defects: &mut Defects) {
    for (text, parsed) in hosts(case) {
        if matches!(parsed, Err(DnsNameError::Address(_))) {
            defects.say(format!("`{text}` is an address, and stands in a dNSName"));
        }
    }
    let Some(common_name) = case.tbs().subject().common_name() else { return };
    let Ok(address) = common_name.parse::<IpAddr>() else { return };
    if !case.reading.names.iter().any(|name| name.alt.ip() == Some(address)) {
        defects.say(format!("`{common_name}` is an address, and stands in the common name only"));
    }
}

fn address_length(case: &Case<'_>, defects: &mut Defects) {
    for name in &case.reading.names {
        if let AltName::Ip(octets) = &name.alt
            && name.alt.ip().is_none()
        {
            defects.say(format!("an iPAddress has {} octets, not 4 or 16", octets.len()));
        }
    }
}

fn syntax(case: &Case<'_>, defects: &mut Defects) {
    for (text, parsed) in hosts(case) {
        if !text.is_ascii() {
            defects.say(format!("`{text}` is not in ASCII; an international name stands there as A-labels"));
            continue;
        }
        // An underscore has a rule of its own; what else is wrong shows without it.
        let again = text.contains('_').then(|| DnsName::parse(&text.replace('_', "x")));
        if let Err(error) = again.as_ref().unwrap_or(parsed)
            && !has_own_rule(error)
        {
            defects.say(error.to_string());
        }
    }
}

fn has_own_rule(error: &DnsNameError) -> bool {
    matches!(
        error,
        DnsNameError::Address(_) | DnsNameError::Punycode(_) | DnsNameError::Star(_) | DnsNameError::ShallowWildcard(_)
    )
}

fn underscore(case: &Case<'_>, defects: &mut Defects) {
    for (text, _) in hosts(case).filter(|(text, _)| text.contains('_')) {
        defects.say(format!("`{text}` has an underscore"));
    }
}

fn lower_case(case: &Case<'_>, defects: &mut Defects) {
    for (text, _) in hosts(case).filter(|(text, _)| text.bytes().any(|octet| octet.is_ascii_uppercase())) {
        defects.say(format!("`{text}` has capital letters"));
    }
}

fn international(case: &Case<'_>, defects: &mut Defects) {
    for (_, parsed) in hosts(case) {
        if let Err(error @ DnsNameError::Punycode(_)) = parsed {
            defects.say(error.to_string());
        }
    }
}

fn wildcard(case: &Case<'_>, defects: &mut Defects) {
    for (_, parsed) in hosts(case) {
        if let Err(error @ (DnsNameError::Star(_) | DnsNameError::ShallowWildcard(_))) = parsed {
            defects.say(error.to_string());
        }
    }
}

fn critical(case: &Case<'_>, defects: &mut Defects) {
    let lax = case.tbs().extension(oid::SUBJECT_ALT_NAME).is_some_and(|extension| !extension.critical);
    if case.tbs().subject().is_empty() && lax {
        defects.say("its subject is empty, and its subjectAltName not critical");
    }
}

fn once(case: &Case<'_>, defects: &mut Defects) {
    let mut seen = HashSet::with_capacity(case.reading.names.len());
    for name in &case.reading.names {
        // An address and its mapped form, a name and its capitals: one each.
        let spelling = match (&name.alt, name.alt.ip()) {
            (_, Some(address)) => address.to_canonical().to_string(),
            (AltName::Dns(text), None) => text.trim_end_matches('.').to_ascii_lowercase(),
            _ => continue,
        };
        if let Some(twice) = seen.replace(spelling) {
            defects.say(format!("`{twice}` stands there twice"));
        }
    }
}

fn plain_ipv4(case: &Case<'_>, defects: &mut Defects) {
    for name in &case.reading.names {
        if let Some(IpAddr::V6(address)) = name.alt.ip()
            && let Some(inner) = address.to_ipv4_mapped()
        {
            defects.say(format!("`{address}` is the IPv4 address {inner} in IPv6 clothing, and matches neither"));
        }
    }
}

fn hosts_only(case: &Case<'_>, defects: &mut Defects) {
    for name in &case.reading.names {
        match &name.alt {
            AltName::Dns(_) | AltName::Ip(_) => {}
            AltName::Email(_) => defects.say(format!("`{}` is an e-mail address", name.alt)),
            AltName::Uri(_) => defects.say(format!("`{}` is a URI", name.alt)),
            AltName::Other(_) => defects.say(format!("it names {}", name.alt)),
        }
    }
}

fn not_too_many(case: &Case<'_>, defects: &mut Defects) {
    let count = case.reading.names.len();
    if count > SubjectAltNames::MOST {
        defects.say(format!("it has {count} names, more than {}", SubjectAltNames::MOST));
    }
}

fn common_name(case: &Case<'_>, defects: &mut Defects) {
    let Some(common_name) = case.tbs().subject().common_name() else { return };
    if case.reading.names_are_unreadable() {
        return;
    }
    let listed = hosts(case).any(|(text, _)| text.eq_ignore_ascii_case(common_name));
    // An address as common name beside itself as iPAddress is the habit of others, and harmless there.
    let address = common_name.parse::<IpAddr>().ok();
    let is_excused = case.stage == Stage::Issued
        && address.is_some()
        && case.reading.names.iter().any(|name| name.alt.ip() == address);
    if !listed && !is_excused {
        let what = if looks_like_address(common_name) { "an address" } else { "none of its host names" };
        defects.say(format!("its common name `{common_name}` is {what}"));
    }
}
