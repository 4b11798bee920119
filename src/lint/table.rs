//! The table of rules: all of them, in the order of the documentation, and each found by its name.

use std::str::FromStr;

use thiserror::Error;

use super::{
    ca, chain, connection, end_entity, issuer, name_constraints, rfc5280,
    rule::{Rule, RuleId},
    strength, subject_alt_name, validity,
};

/// A word that names no rule.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a lint rule; docs/reference/lint-rules.md lists them")]
pub struct UnknownRule(String);

/// Every rule, in the order of the documentation.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    TABLES.into_iter().flatten()
}

impl FromStr for RuleId {
    type Err = UnknownRule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = rules().find(|rule| rule.id.0 == text);
        named.map(Rule::id).ok_or_else(|| UnknownRule(text.to_owned()))
    }
}

static TABLES: [&[Rule]; 10] = [
    ca::RULES,
    strength::RULES,
    validity::RULES,
    end_entity::RULES,
    subject_alt_name::RULES,
    name_constraints::RULES,
    issuer::RULES,
    rfc5280::RULES,
    chain::RULES,
    connection::RULES,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_found_by_its_name_and_no_other() {
        assert_eq!("leaf-days".parse::<RuleId>().unwrap().as_str(), "leaf-days");
        assert!("leaf-years".parse::<RuleId>().is_err());
    }

    #[test]
    fn rule_names_are_unique_and_nobody_both_refuses_and_remarks() {
        let mut names: Vec<_> = rules().map(Rule::id).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        for rule in rules() {
            assert!(rule.refused_by.iter().all(|platform| !rule.noted_for.contains(platform)), "{rule:?}");
            assert!(!rule.demand.is_empty() && !rule.citation.is_empty() && !rule.advice.is_empty(), "{rule:?}");
        }
    }
}
