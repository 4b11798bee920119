//! What a server must do with its chain when it is met: RFC 8446 and 5246, RFC 8996, RFC 9525.

use super::{
    encounter::{Encounter, TlsVersion},
    line::Chain,
    platform::Platform,
    rule::{ALL, Check, Defects, NONE, OnIssue, Rule, RuleId},
};
use crate::x509::{AltName, GeneralName};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: RuleId("tls-speaks"),
        demand: "a server speaks TLS at its port, and shows a certificate",
        citation: "RFC 8446 4.4.2",
        on_issue: OnIssue::NotAsked,
        refused_by: ALL,
        noted_for: NONE,
        advice: "look at the server's own log, and at whether TLS is switched on for this port",
        check: Check::Connection(speaks),
    },
    Rule {
        id: RuleId("tls-version"),
        demand: "a server takes TLS 1.2 or 1.3",
        citation: "RFC 8996",
        on_issue: OnIssue::NotAsked,
        refused_by: ALL,
        noted_for: NONE,
        advice: "switch TLS 1.2 and 1.3 on: hubca export preset shows how, for many servers",
        check: Check::Connection(new_version),
    },
    Rule {
        id: RuleId("tls-old"),
        demand: "a server does not take TLS 1.0 or 1.1 besides",
        citation: "RFC 8996",
        on_issue: OnIssue::NotAsked,
        refused_by: NONE,
        noted_for: ALL,
        advice: "switch TLS 1.0 and 1.1 off: no browser has spoken them since 2020",
        check: Check::Connection(no_old_version),
    },
    Rule {
        id: RuleId("tls-key"),
        demand: "a server signs with the key of the certificate that it shows",
        citation: "RFC 8446 4.4.3; RFC 5246 7.4.3",
        on_issue: OnIssue::NotAsked,
        refused_by: ALL,
        noted_for: NONE,
        advice: "give it key and certificate from one directory: both of live/LABEL",
        check: Check::Connection(has_key),
    },
    Rule {
        id: RuleId("tls-name"),
        demand: "the certificate that a server shows has the name or address that was asked for",
        citation: "RFC 9525 6.3 and 6.5; RFC 6125 6.4.4",
        on_issue: OnIssue::NotAsked,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again with this name too, or ask as devices do: --name NAME",
        check: Check::Connection(has_name),
    },
    Rule {
        id: RuleId("chain-read"),
        demand: "every certificate that a server sends can be read, and there are not too many",
        citation: "RFC 8446 4.4.2; RFC 5280 4.1",
        on_issue: OnIssue::NotAsked,
        refused_by: ALL,
        noted_for: NONE,
        advice: "give the server live/LABEL/fullchain.pem as it is",
        check: Check::Connection(readable),
    },
    Rule {
        id: RuleId("chain-missing"),
        demand: "a server sends the CAs between its certificate and the root",
        citation: "RFC 8446 4.4.2; RFC 5246 7.4.2",
        on_issue: OnIssue::NotAsked,
        refused_by: ALL,
        noted_for: NONE,
        advice: "give the server live/LABEL/fullchain.pem, and not cert.pem",
        check: Check::Connection(complete),
    },
    Rule {
        id: RuleId("chain-root-sent"),
        demand: "a server leaves the root out",
        citation: "RFC 8446 4.4.2",
        on_issue: OnIssue::NotAsked,
        refused_by: NONE,
        noted_for: ALL,
        advice: "take it out of the server's file: whoever trusts it has it, and for nobody else it is of use",
        check: Check::Connection(without_root),
    },
    Rule {
        id: RuleId("chain-anchor"),
        demand: "the chain of a server leads to the root that its devices trust",
        citation: "RFC 5280 6.1",
        on_issue: OnIssue::NotAsked,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue a certificate for it from this CA, and see that it is the one that the server reads",
        check: Check::Connection(anchored),
    },
    Rule {
        id: RuleId("revoked"),
        demand: "what a server shows was not revoked",
        citation: "RFC 5280 6.3; RFC 6960 2.2; browsers ask no private CA, so that a short life is their control",
        on_issue: OnIssue::NotAsked,
        refused_by: ASK,
        noted_for: DO_NOT_ASK,
        advice: "give the server another: hubca renew LABEL",
        check: Check::Connection(not_revoked),
    },
    Rule {
        id: RuleId("revocation-told"),
        demand: "who is named in a certificate to tell of its revocation does so",
        citation: "RFC 5280 4.2.1.13 and 4.2.2.1",
        on_issue: OnIssue::NotAsked,
        refused_by: NONE,
        noted_for: ASK,
        advice: "start it: hubca ocsp serve --with-crl, or hubca crl serve",
        check: Check::Connection(told),
    },
    Rule {
        id: RuleId("newest"),
        demand: "a server shows the certificate that is under live/ for its label",
        citation: "hubca",
        on_issue: OnIssue::NotAsked,
        refused_by: NONE,
        noted_for: ALL,
        advice: "let the server read its files anew, or bring them once more: hubca renew LABEL --force",
        check: Check::Connection(newest),
    },
    Rule {
        id: RuleId("websocket"),
        demand: "a WebSocket opens at the path that --websocket names",
        citation: "RFC 6455 4.1",
        on_issue: OnIssue::NotAsked,
        refused_by: ALL,
        noted_for: NONE,
        advice: "pass Upgrade and Connection on in the proxy: hubca export preset nginx shows how",
        check: Check::Connection(websocket),
    },
];

/// Whose programs ask, where they are told to or by themselves.
const ASK: &[Platform] = &[Platform::Java, Platform::Windows];
/// Whose do not ask a private CA.
const DO_NOT_ASK: &[Platform] =
    &[Platform::Ios, Platform::Macos, Platform::Android, Platform::Chrome, Platform::Firefox];

fn speaks(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    // A server that takes old versions only has the rule `tls-version`.
    if encounter.versions.last().is_none_or(|newest| !newest.is_old())
        && let Some(reason) = &encounter.no_handshake
    {
        defects.say(format!("it shows no certificate: {reason}"));
    }
}

fn new_version(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    if encounter.versions.last().is_some_and(|newest| newest.is_old()) {
        defects.say(format!("it takes {} and nothing newer", listed(&encounter.versions)));
    }
}

fn no_old_version(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    let old: Vec<TlsVersion> = encounter.versions.iter().copied().filter(|version| version.is_old()).collect();
    if !old.is_empty() && old != encounter.versions {
        defects.say(format!("it takes {} as well", listed(&old)));
    }
}

fn listed(versions: &[TlsVersion]) -> String {
    versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

fn has_key(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    if let Some(reason) = &encounter.no_key {
        defects.say(format!("it does not prove that it has the key of its certificate: {reason}"));
    }
}

fn has_name(encounter: &Encounter, chain: Option<&Chain<'_>>, defects: &mut Defects) {
    let Some(leaf) = chain.and_then(|chain| chain.line.first()) else { return };
    let names = leaf.tbs().subject_alt_names().ok().flatten().unwrap_or_default();
    if names.iter().any(|name| vouches_for(name, &encounter.asked)) {
        return;
    }
    let hosts: Vec<String> = names.iter().take(MOST_TOLD).map(ToString::to_string).collect();
    let more = if names.len() > MOST_TOLD { " …" } else { "" };
    defects.say(match hosts.as_slice() {
        [] => format!("`{}` was asked for, and its certificate has no name at all", encounter.asked),
        hosts => format!("`{}` was asked for, and its certificate is for {}{more}", encounter.asked, hosts.join(", ")),
    });
}

/// RFC 9525 6.3: names without regard to case, a star for one whole label, the first; addresses octet by octet.
fn vouches_for(name: &AltName, asked: &GeneralName) -> bool {
    match (name, asked) {
        (AltName::Ip(_), GeneralName::Ip(asked)) => name.ip() == Some(*asked),
        (AltName::Dns(name), GeneralName::Dns(asked)) => {
            let (name, asked) = (name.to_ascii_lowercase(), asked.as_str());
            let below_star = || Some((name.strip_prefix("*.")?, asked.split_once('.')?.1));
            name == asked || below_star().is_some_and(|(under, rest)| under == rest && rest.contains('.'))
        }
        _ => false,
    }
}

fn readable(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    encounter.unreadable.iter().for_each(|defect| defects.say(defect.as_str()));
    if encounter.too_many > 0 {
        defects.say(format!("it sends {} certificates more than are looked at", encounter.too_many));
    }
}

fn complete(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    for missing in &encounter.missing {
        defects.say(format!("it does not send {missing}, and devices do not have it"));
    }
}

fn without_root(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    if let Some(root) = &encounter.root_sent {
        defects.say(format!("it sends the root `{root}` along"));
    }
}

fn anchored(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    encounter.astray.iter().for_each(|reason| defects.say(reason.as_str()));
}

fn not_revoked(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    encounter.revoked.iter().for_each(|words| defects.say(words.as_str()));
}

fn told(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    encounter.untold.iter().for_each(|words| defects.say(words.as_str()));
}

fn newest(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    encounter.outdated.iter().for_each(|words| defects.say(words.as_str()));
}

fn websocket(encounter: &Encounter, _: Option<&Chain<'_>>, defects: &mut Defects) {
    encounter.no_websocket.iter().for_each(|words| defects.say(words.as_str()));
}

/// How many names of a certificate are told.
const MOST_TOLD: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lint::{Examination, examine_served, rules},
        x509::{Certificate, CertificationPath, DnsName, pem},
    };
    use time::macros::datetime;

    fn host(name: &str) -> GeneralName {
        GeneralName::Dns(DnsName::parse(name).unwrap())
    }

    fn examined(encounter: &Encounter) -> Examination {
        let text = include_bytes!("../../tests/fixtures/lint/good/server.pem");
        let blocks = pem::parse(text).unwrap();
        let chain = blocks.iter().map(|block| Certificate::from_der(&block.contents).unwrap()).collect();
        let path = CertificationPath::assemble(chain).unwrap();
        examine_served(Some(&path), encounter, datetime!(2026-11-21 12:00 UTC), &Platform::ALL)
    }

    fn good() -> Encounter {
        Encounter { versions: vec![TlsVersion::Tls12, TlsVersion::Tls13], ..Encounter::of(host("hub.lan")) }
    }

    #[test]
    fn a_server_that_does_all_as_it_should_has_no_finding() {
        assert_eq!(examined(&good()).findings, []);
    }

    #[test]
    fn each_fact_breaks_its_own_rule_and_no_other() {
        use TlsVersion::{Tls10, Tls11, Tls12};
        let words = || "so it is".to_owned();
        let wrong = [
            ("tls-speaks", Encounter { no_handshake: Some(words()), versions: vec![], ..good() }),
            ("tls-version", Encounter { no_handshake: Some(words()), versions: vec![Tls10, Tls11], ..good() }),
            ("tls-old", Encounter { versions: vec![Tls11, Tls12], ..good() }),
            ("tls-key", Encounter { no_key: Some(words()), ..good() }),
            ("tls-name", Encounter { asked: host("nas.lan"), ..good() }),
            ("chain-read", Encounter { unreadable: vec![words()], ..good() }),
            ("chain-missing", Encounter { missing: vec![words()], ..good() }),
            ("chain-root-sent", Encounter { root_sent: Some(words()), ..good() }),
            ("chain-anchor", Encounter { astray: Some(words()), ..good() }),
            ("revoked", Encounter { revoked: vec![words()], ..good() }),
            ("revocation-told", Encounter { untold: vec![words()], ..good() }),
            ("newest", Encounter { outdated: Some(words()), ..good() }),
            ("websocket", Encounter { no_websocket: Some(words()), ..good() }),
        ];
        let all: Vec<_> =
            rules().filter(|rule| rule.concerns() == "the connection").map(|rule| rule.id().as_str()).collect();
        assert_eq!(wrong.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), all);
        for (rule, encounter) in wrong {
            let findings = examined(&encounter).findings;
            assert!(
                !findings.is_empty() && findings.iter().all(|finding| finding.rule.as_str() == rule),
                "{findings:?}"
            );
        }
    }

    #[test]
    fn what_shows_no_chain_is_refused_everywhere() {
        let silent = Encounter { no_handshake: Some("it says nothing".to_owned()), ..Encounter::of(host("hub.lan")) };
        let examination = examine_served(None, &silent, datetime!(2026-11-21 12:00 UTC), &Platform::ALL);
        assert!(
            !examination.ok && examination.verdicts.values().all(|verdict| *verdict == crate::lint::Verdict::Refused)
        );
        assert_eq!(examination.findings[0].certificate, "hub.lan");
    }

    #[test]
    fn a_star_stands_for_one_label_and_an_address_for_itself() {
        let dns = |name: &str| AltName::Dns(name.to_owned());
        for (name, asked, is_its) in [
            ("hub.lan", "hub.lan", true),
            ("HUB.lan", "hub.lan", true),
            ("*.hub.lan", "a.hub.lan", true),
            ("*.hub.lan", "hub.lan", false),
            ("*.hub.lan", "a.b.hub.lan", false),
            ("*.lan", "hub.lan", false),
            ("*", "hub", false),
            ("*ub.lan", "hub.lan", false),
            ("ub.lan", "hub.lan", false),
        ] {
            assert_eq!(vouches_for(&dns(name), &host(asked)), is_its, "{name} for {asked}");
        }
        let address = GeneralName::parse_ip("192.168.0.1").unwrap();
        assert!(vouches_for(&AltName::Ip(vec![192, 168, 0, 1]), &address));
        assert!(!vouches_for(&AltName::Ip(vec![192, 168, 0, 1, 255, 255, 255, 255]), &address));
        assert!(!vouches_for(&dns("192.168.0.1"), &address));
    }
}
