//! What the lint found: a rule that is violated, the value that violates it, and the way out.

use std::fmt;

use serde::Serialize;

use super::{
    platform::Platform,
    rule::{NONE, Rule, RuleId},
};
use crate::x509::name::is_unprintable;

/// One violation of one rule by one certificate, or by the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// Whether it stops anything.
    pub severity: Severity,
    /// Who enforces the rule, or for whom it is worth knowing; never none.
    pub platforms: Vec<Platform>,
    /// What is wrong, with the value.
    pub message: String,
    /// Whose rule it is.
    pub citation: &'static str,
    /// What to do.
    pub advice: &'static str,
    /// The subject of the certificate it is about.
    pub certificate: String,
}

/// Whether a finding stops anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It does: the certificate is not issued, or not accepted.
    Error,
    /// It works, and is worth knowing.
    Warning,
}

/// Why a draft was not cleared: at least one finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Findings(pub(super) Vec<Finding>);

impl Finding {
    pub(super) fn new(
        rule: &Rule,
        severity: Severity,
        platforms: Vec<Platform>,
        message: &str,
        certificate: &str,
    ) -> Self {
        Self {
            rule: rule.id(),
            severity,
            platforms,
            message: shown(message),
            citation: rule.citation(),
            advice: rule.advice(),
            certificate: shown(certificate),
        }
    }

    /// On our own road a rule holds for everyone it helps; a rule of the house, that nobody else enforces, for all.
    pub(super) fn platforms_of_draft(rule: &Rule) -> Vec<Platform> {
        let platforms = match (rule.refused_by(), rule.noted_for()) {
            (NONE, NONE) => &Platform::ALL,
            (NONE, noted) => noted,
            (refused, _) => refused,
        };
        platforms.to_vec()
    }
}

impl Findings {
    /// The findings, errors and warnings alike.
    pub fn as_slice(&self) -> &[Finding] {
        &self.0
    }
}

impl Severity {
    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (rule `{}`, {})", self.message, self.rule, self.citation)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(formatter, "{separator}{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}

/// The text of others may hold anything; a terminal must not obey it.
fn shown(text: &str) -> String {
    if !text.chars().any(is_unprintable) {
        return text.to_owned();
    }
    let escaped = |character: char| {
        if is_unprintable(character) { character.escape_unicode().to_string() } else { character.to_string() }
    };
    text.chars().map(escaped).collect()
}
