//! A chain by anyone, judged for each platform: will it work there, and if not why.

use std::{collections::BTreeMap, net::IpAddr};

use serde::Serialize;
use time::OffsetDateTime;

use super::{
    encounter::Encounter,
    finding::{Finding, Severity},
    line::Chain,
    platform::Platform,
    reading::{Case, Reading, Stage},
    role::Role,
    rule::{Defects, Rule},
    table::rules,
};
use crate::x509::{CertificationPath, DnsName, KeyUsage, oid};

/// What was found in a chain, and what it means on each platform that was asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// Whether no platform refuses it.
    pub ok: bool,
    /// What was found, errors first.
    pub findings: Vec<Finding>,
    /// The answer for each platform.
    pub verdicts: BTreeMap<Platform, Verdict>,
}

/// What a platform does with a chain, once its root is trusted there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It takes it.
    Accepted,
    /// It takes it, and something is worth knowing.
    AcceptedWithRemarks,
    /// It refuses it.
    Refused,
}

/// Judges a chain, or a single certificate, at an instant, for some platforms; the root counts as trusted.
pub fn examine(path: &CertificationPath, now: OffsetDateTime, platforms: &[Platform]) -> Examination {
    judge(Some(path), None, now, platforms)
}

/// Judges a chain and the server that shows it, or a server that shows none, in the same way.
pub fn examine_served(
    path: Option<&CertificationPath>,
    encounter: &Encounter,
    now: OffsetDateTime,
    platforms: &[Platform],
) -> Examination {
    judge(path, Some(encounter), now, platforms)
}

fn judge(
    path: Option<&CertificationPath>,
    encounter: Option<&Encounter>,
    now: OffsetDateTime,
    platforms: &[Platform],
) -> Examination {
    let chain = path.map(Chain::of);
    let line = chain.as_ref().map(|chain| chain.line.as_slice()).unwrap_or_default();
    let readings: Vec<Reading<'_>> = line.iter().map(|certificate| Reading::of(certificate)).collect();
    let mut findings = Vec::new();
    for (place, reading) in readings.iter().enumerate() {
        let issuers = readings.get(place + 1..).unwrap_or_default();
        let case = Case { reading, issuers, role: role(reading, place), now, stage: Stage::Issued };
        for rule in rules() {
            tell(rule, &rule.defects(&case), &reading.title(), platforms, &mut findings);
        }
    }
    let asked = || encounter.map(|encounter| encounter.asked.to_string());
    let whole = readings.first().map(Reading::title).or_else(asked).unwrap_or_default();
    for rule in rules() {
        if let Some(chain) = &chain {
            tell(rule, &rule.chain_defects(chain), &whole, platforms, &mut findings);
        }
        if let Some(encounter) = encounter {
            tell(rule, &rule.connection_defects(encounter, chain.as_ref()), &whole, platforms, &mut findings);
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    let verdicts = platforms.iter().map(|platform| (*platform, Verdict::from(*platform, &findings))).collect();
    let ok = !findings.iter().any(|finding| finding.severity == Severity::Error);
    Examination { ok, findings, verdicts }
}

/// One defect is an error where it is refused, and a warning where it is worth a remark.
fn tell(rule: &Rule, defects: &Defects, title: &str, asked: &[Platform], findings: &mut Vec<Finding>) {
    for message in &defects.0 {
        let sides = [(Severity::Error, rule.refused_by()), (Severity::Warning, rule.noted_for())];
        for (severity, enforcing) in sides {
            let concerned: Vec<Platform> =
                asked.iter().copied().filter(|platform| enforcing.contains(platform)).collect();
            if !concerned.is_empty() {
                findings.push(Finding::new(rule, severity, concerned, message, title));
            }
        }
    }
}

/// What a certificate by others is meant to be, told from its place and what stands in it.
pub(super) fn role(reading: &Reading<'_>, place: usize) -> Role {
    let is_self_issued = reading.tbs.is_self_issued();
    // `openssl req -x509` makes a server's certificate that says it is a CA: its names show what it is for.
    let is_leaf = place == 0 && (!reading.is_ca() || reading.has_host() || is_named_like_a_server(reading));
    if !is_leaf {
        return if is_self_issued { Role::Root } else { Role::Issuing };
    }
    let for_servers = reading.extended_key_usage.as_ref().is_none_or(|usage| usage.allows(oid::SERVER_AUTH));
    if reading.is_for(oid::OCSP_SIGNING) && !for_servers {
        Role::OcspResponder
    } else if reading.is_for(oid::CLIENT_AUTH) && !for_servers && !reading.has_host() {
        Role::Client
    } else {
        Role::Server
    }
}

/// Whether the common name is a host's, and nothing else speaks of a CA than the flag that openssl sets by itself.
fn is_named_like_a_server(reading: &Reading<'_>) -> bool {
    let Some(name) = reading.tbs.subject().common_name() else { return false };
    let is_host = name.parse::<IpAddr>().is_ok() || (name.contains('.') && DnsName::parse(name).is_ok());
    is_host && !reading.has_usage(KeyUsage::KeyCertSign)
}

impl Verdict {
    fn from(platform: Platform, findings: &[Finding]) -> Self {
        let own = findings.iter().filter(|finding| finding.platforms.contains(&platform));
        match own.map(|finding| finding.severity).min() {
            None => Self::Accepted,
            Some(Severity::Warning) => Self::AcceptedWithRemarks,
            Some(Severity::Error) => Self::Refused,
        }
    }
}
