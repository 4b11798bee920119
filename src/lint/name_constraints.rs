//! What a CA may vouch for, RFC 5280 4.2.1.10: the form that every verifier reads alike, and what lies inside.

use std::net::IpAddr;

use super::{
    platform::Platform,
    reading::{Case, Name, Reading},
    role::{Concern, Role},
    rule::{ALL, APPLE, Check, Defects, NONE, OnIssue, Rule, RuleId},
};
use crate::x509::{AltName, DnsName, GeneralName, NameConstraints, Subtree, oid};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: RuleId("nc-form"),
        demand: "name constraints are networks with whole masks and names, each in its form",
        citation: "RFC 5280 4.2.1.10",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "make the CA again with a scope such as --permit lan --permit 192.168.0.0/16",
        check: Check::Certificate(Concern::Every, form),
    },
    Rule {
        id: RuleId("nc-dot"),
        demand: "a host name in name constraints has no leading dot and is not empty",
        citation: "RFC 5280 4.2.1.10; dotnet/runtime#49532",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "make the CA again with the name without its dot: it covers all below it too",
        check: Check::Certificate(Concern::Ca, no_leading_dot),
    },
    Rule {
        id: RuleId("nc-kinds"),
        demand: "name constraints speak of host names, IPv4 and IPv6 alike",
        citation: "RFC 5280 4.2.1.10: a kind without a subtree is not limited",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "make the CA again: hubca init shuts out what it does not permit",
        check: Check::Certificate(Concern::Ca, all_kinds),
    },
    Rule {
        id: RuleId("nc-critical"),
        demand: "name constraints are critical",
        citation: "RFC 5280 4.2.1.10",
        on_issue: OnIssue::Told,
        refused_by: NONE,
        noted_for: ALL,
        advice: "leave it so for the sake of mbedTLS (--nc-compat), or make the CA again without",
        check: Check::Certificate(Concern::Ca, critical),
    },
    Rule {
        id: RuleId("nc-path"),
        demand: "a CA below a constrained root has constraints inside the root's",
        citation: "Apple Security source nameconstraints.c: those of a CA below are added, not intersected",
        on_issue: OnIssue::Told,
        refused_by: NONE,
        noted_for: APPLE,
        advice: "make the issuing CA again with the root's scope, or a part of it",
        check: Check::Certificate(Concern::Issuing, inside_root),
    },
    Rule {
        id: RuleId("nc-ignored"),
        demand: "a constrained root has constrained CAs below it",
        citation: "measured with Java 17; Conscrypt: TrustAnchor(cert, null), by reading only",
        on_issue: OnIssue::NotAsked,
        refused_by: NONE,
        noted_for: &[Platform::Android, Platform::Java],
        advice: "make the issuing CA again with the constraints of its root",
        check: Check::Certificate(Concern::EndEntity, repeated_below_root),
    },
    Rule {
        id: RuleId("nc-fit"),
        demand: "every name is one that the CAs between root and certificate may vouch for",
        citation: "RFC 5280 6.1.3 (b) and (c)",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it from a CA whose scope has the name: hubca --home DIR init --permit NAME",
        check: Check::Certificate(Concern::EndEntity, inside_issuing),
    },
    Rule {
        id: RuleId("nc-fit-root"),
        demand: "every name is one that the root may vouch for",
        citation: "Apple Security source SecPolicyServer.c; Chrome EnforceLocalAnchorConstraints",
        on_issue: OnIssue::Refused,
        refused_by: &[Platform::Ios, Platform::Macos, Platform::Chrome, Platform::Firefox, Platform::Windows],
        noted_for: &[Platform::Android, Platform::Java],
        advice: "issue it from a CA whose scope has the name: hubca --home DIR init --permit NAME",
        check: Check::Certificate(Concern::EndEntity, inside_root_scope),
    },
    Rule {
        id: RuleId("nc-cn"),
        demand: "the common name is one that every CA above may vouch for, and is left out beside addresses only",
        citation: "openssl v3_ncons.c and GnuTLS judge it by the constraints on host names",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again without a common name; curl, git and others with openssl or GnuTLS refuse this one",
        check: Check::Certificate(Concern::EndEntity, common_name),
    },
    Rule {
        id: RuleId("nc-leaf"),
        demand: "only a CA has name constraints",
        citation: "RFC 5280 4.2.1.10",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again without them",
        check: Check::Certificate(Concern::EndEntity, none_in_end_entity),
    },
];

fn form(case: &Case<'_>, defects: &mut Defects) {
    if let Some(error) = &case.reading.constraints_error {
        defects.say(error.to_string());
    }
    let Some(constraints) = &case.reading.name_constraints else { return };
    if constraints.permitted().is_empty() && constraints.excluded().is_empty() {
        defects.say("its nameConstraints are empty");
    }
    for subtree in subtrees(constraints) {
        match subtree {
            Subtree::Ip(network) if network.trunc() != *network => {
                defects.say(format!("the network `{network}` has bits below its mask"));
            }
            Subtree::Dns(name) => {
                let bare = name.strip_prefix('.').unwrap_or(name);
                if !bare.is_empty() && (bare.contains('*') || DnsName::parse(bare).is_err()) {
                    defects.say(format!("`{name}` is no host name"));
                }
            }
            _ => {}
        }
    }
}

fn no_leading_dot(case: &Case<'_>, defects: &mut Defects) {
    let Some(constraints) = &case.reading.name_constraints else { return };
    for subtree in subtrees(constraints) {
        match subtree {
            Subtree::Dns(name) if name.is_empty() => defects.say("an empty host name, which Apple does not know"),
            Subtree::Dns(name) if name.starts_with('.') => {
                defects.say(format!("`{name}` starts with a dot, and verifiers read that in different ways"));
            }
            _ => {}
        }
    }
}

fn all_kinds(case: &Case<'_>, defects: &mut Defects) {
    let Some(constraints) = &case.reading.name_constraints else { return };
    let mut unlimited = Vec::new();
    if !subtrees(constraints).any(|subtree| matches!(subtree, Subtree::Dns(_))) {
        unlimited.push("host names");
    }
    if !limits(constraints, IpAddr::is_ipv4) {
        unlimited.push("IPv4 addresses");
    }
    if !limits(constraints, IpAddr::is_ipv6) {
        unlimited.push("IPv6 addresses");
    }
    if !unlimited.is_empty() {
        defects.say(format!("its constraints say nothing of {}, so all of them are allowed", unlimited.join(" and ")));
    }
}

fn limits(constraints: &NameConstraints, of_family: impl Fn(&IpAddr) -> bool) -> bool {
    let is_family = |subtree: &&Subtree| matches!(subtree, Subtree::Ip(network) if of_family(&network.addr()));
    let is_all = |subtree: &Subtree| matches!(subtree, Subtree::Ip(network) if network.prefix_len() == 0);
    constraints.permitted().iter().any(|subtree| is_family(&subtree))
        || constraints.excluded().iter().filter(is_family).any(is_all)
}

fn critical(case: &Case<'_>, defects: &mut Defects) {
    if case.tbs().extension(oid::NAME_CONSTRAINTS).is_some_and(|extension| !extension.critical) {
        defects.say("its nameConstraints are not critical, so a reader that does not know them ignores them");
    }
}

fn inside_root(case: &Case<'_>, defects: &mut Defects) {
    let Some(root) = root_of(case).and_then(|root| root.name_constraints.as_ref()) else { return };
    match &case.reading.name_constraints {
        None if is_constrained(case.reading) => {}
        None => defects.say("its root is constrained, and it is not"),
        Some(own) if !own.is_inside(root) => {
            let beyond = own.permitted().iter().find(|inner| !root.permitted().iter().any(|outer| outer.covers(inner)));
            match beyond {
                Some(subtree) => defects.say(format!("it permits `{subtree}`, and its root does not")),
                None => defects.say("it does not exclude what its root excludes"),
            }
        }
        Some(_) => {}
    }
}

fn repeated_below_root(case: &Case<'_>, defects: &mut Defects) {
    let Some(root) = root_of(case) else { return };
    let mut between = case.issuers.iter().filter(|issuer| !issuer.tbs.is_self_issued());
    if is_constrained(root) && !between.any(is_constrained) {
        defects.say("only the root is constrained, and Java and Android do not look at that");
    }
}

/// Whether it has the extension, readable or not: what cannot be read has the rule `nc-form`.
fn is_constrained(reading: &Reading<'_>) -> bool {
    reading.tbs.extension(oid::NAME_CONSTRAINTS).is_some()
}

fn inside_issuing(case: &Case<'_>, defects: &mut Defects) {
    let below = case.issuers.iter().filter(|issuer| !issuer.tbs.is_self_issued());
    below.for_each(|issuer| outside(case, issuer, defects));
}

fn inside_root_scope(case: &Case<'_>, defects: &mut Defects) {
    if let Some(root) = root_of(case) {
        outside(case, root, defects);
    }
}

fn outside(case: &Case<'_>, issuer: &Reading<'_>, defects: &mut Defects) {
    let Some(constraints) = &issuer.name_constraints else { return };
    for name in case.reading.names.iter().filter_map(Name::host) {
        if !permits(constraints, &name) {
            defects.say(format!("`{name}` is outside what `{}` may vouch for", issuer.title()));
        }
    }
}

fn common_name(case: &Case<'_>, defects: &mut Defects) {
    let Some(text) = case.tbs().subject().common_name() else { return };
    if case.reading.names_are_unreadable() {
        return;
    }
    let name = DnsName::parse(text).ok();
    let has_host_name = case.reading.names.iter().any(|name| matches!(name.alt, AltName::Dns(_)));
    let is_server = case.role == Role::Server;
    for issuer in case.issuers {
        let Some(constraints) = &issuer.name_constraints else { continue };
        if !subtrees(constraints).any(|subtree| matches!(subtree, Subtree::Dns(_))) {
            continue;
        }
        // openssl judges a common name that could be a host name with a dot; GnuTLS any of a server without names.
        let judged = match &name {
            Some(_) => is_server || text.contains('.'),
            None => is_server && !has_host_name,
        };
        let fits = name.clone().is_some_and(|name| permits(constraints, &GeneralName::Dns(name)));
        if judged && !fits {
            defects.say(format!("the common name `{text}` is outside what `{}` may vouch for", issuer.title()));
        } else if is_server && !has_host_name {
            defects.say(format!("the common name `{text}` is judged by the constraints of `{}`", issuer.title()));
        }
    }
}

fn none_in_end_entity(case: &Case<'_>, defects: &mut Defects) {
    if case.tbs().extension(oid::NAME_CONSTRAINTS).is_some() {
        defects.say("it has nameConstraints, and is no CA's");
    }
}

fn root_of<'a>(case: &Case<'a>) -> Option<&'a Reading<'a>> {
    case.issuers.last().filter(|last| last.tbs.is_self_issued())
}

fn subtrees(constraints: &NameConstraints) -> impl Iterator<Item = &Subtree> {
    constraints.permitted().iter().chain(constraints.excluded())
}

/// Whether the constraints allow a name; those by others with a leading dot are read as if it were not there.
fn permits(constraints: &NameConstraints, name: &GeneralName) -> bool {
    let is_dotted =
        |subtree: &Subtree| matches!(subtree, Subtree::Dns(tree) if tree.is_empty() || tree.starts_with('.'));
    let GeneralName::Dns(host) = name else { return constraints.permits(name) };
    if !subtrees(constraints).any(is_dotted) {
        return constraints.permits(name);
    }
    let holds = |subtree: &Subtree| match subtree {
        Subtree::Dns(tree) => tree.is_empty() || host.is_within(tree.trim_start_matches('.')),
        _ => false,
    };
    let is_limited = constraints.permitted().iter().any(|subtree| matches!(subtree, Subtree::Dns(_)));
    (!is_limited || constraints.permitted().iter().any(holds)) && !constraints.excluded().iter().any(holds)
}
