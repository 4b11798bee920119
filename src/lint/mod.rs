//! What a certificate must be to work on phones, tablets and computers: rules, each with whose words it is.
//!
//! Two roads lead here. [`clear`] is the permit of our own: a draft that any rule speaks against is not signed.
//! [`examine`] looks at a chain by anyone and says which platform takes it, [`examine_served`] at a chain and the server
//! that shows it. All ask the same table of rules, which `docs/reference/lint-rules.md` prints. Nothing here knows the time, a file or a random number: the caller brings
//! the instant.

mod ca;
mod chain;
mod connection;
mod crl;
mod encounter;
mod end_entity;
mod examination;
mod finding;
mod issuer;
mod line;
mod name_constraints;
mod platform;
mod reading;
mod rfc5280;
mod role;
mod rule;
mod strength;
mod subject_alt_name;
mod table;
mod validity;

#[cfg(test)]
mod tests;

use time::OffsetDateTime;

pub use crl::{ClearedCrl, CrlCircumstances, CrlDefect, clear_crl};
pub use encounter::{Encounter, TlsVersion};
pub use examination::{Examination, Verdict, examine, examine_served};
pub use finding::{Finding, Findings, Severity};
pub use platform::{Platform, UnknownPlatform};
pub use role::Role;
pub use rule::{OnIssue, Rule, RuleId};
pub use table::{UnknownRule, rules};

use crate::x509::{Certificate, TbsCertificate};
use reading::{Case, Reading, Stage};

/// A draft that the rules have nothing against: only [`clear`] makes one.
#[derive(Clone, Debug)]
pub struct Cleared {
    tbs: TbsCertificate,
    waived: Vec<Finding>,
}

/// What a draft is judged by, besides what stands in it.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// What the certificate is to be.
    pub role: Role,
    /// Its issuer first, up to the root; none for a root.
    pub issuers: &'a [&'a Certificate],
    /// The instant of issuing.
    pub now: OffsetDateTime,
}

impl Cleared {
    /// What may be signed.
    pub fn tbs(&self) -> &TbsCertificate {
        &self.tbs
    }

    /// What may be signed, for good.
    pub fn into_tbs(self) -> TbsCertificate {
        self.tbs
    }

    /// What was found and let pass, because the profile waives it or because it is a remark: for the audit log.
    pub fn waived(&self) -> &[Finding] {
        &self.waived
    }
}

/// Judges a draft by every rule of its role; what comes out may be signed.
///
/// # Errors
/// All that speaks against it, and all that was let pass besides.
pub fn clear(draft: TbsCertificate, circumstances: &Circumstances<'_>, waived: &[RuleId]) -> Result<Cleared, Findings> {
    let issuers: Vec<Reading<'_>> = circumstances.issuers.iter().map(|certificate| Reading::of(certificate)).collect();
    let reading = Reading::of_draft(&draft);
    let Circumstances { role, now, .. } = *circumstances;
    let case = Case { reading: &reading, issuers: &issuers, role, now, stage: Stage::Draft };
    let mut findings = Vec::new();
    for rule in rules() {
        let severity = match rule.on_issue() {
            OnIssue::NotAsked => continue,
            OnIssue::Refused => Severity::Error,
            OnIssue::RefusedUnlessWaived if waived.contains(&rule.id()) => Severity::Warning,
            OnIssue::RefusedUnlessWaived => Severity::Error,
            OnIssue::Told => Severity::Warning,
        };
        for message in rule.defects(&case).0 {
            let platforms = Finding::platforms_of_draft(rule);
            findings.push(Finding::new(rule, severity, platforms, &message, &reading.title()));
        }
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        findings.sort_by_key(|finding| finding.severity);
        return Err(Findings(findings));
    }
    Ok(Cleared { tbs: draft, waived: findings })
}
