//! The label of a lineage: the name under which its certificates, one after the other, are kept.

use std::fmt;

use thiserror::Error;

use super::issuer_role::IssuerRole;
use crate::x509::GeneralName;

/// A label: `[a-z0-9][a-z0-9._-]{0,63}`, and never what could be a serial number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(String);

/// Why text is no label.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LabelError {
    /// Other characters, too many, or a first one that is no letter or digit.
    #[error("`{0}` is no label: up to 64 of a-z, 0-9, `.`, `_` and `-`, the first a letter or digit")]
    Spelling(String),
    /// Thirty-four hexadecimal digits, which is how our serials look.
    #[error("`{0}` is no label: it could be a serial number")]
    LikeSerial(String),
    /// A label of the CA's own certificates: the onboarding page's, and the OCSP responders'.
    #[error("`{0}` is no label to choose: certificates of the CA itself have it")]
    Reserved(String),
    /// Two dots in a row.
    #[error("`{0}` is no label: it has two dots in a row")]
    Dots(String),
}

impl Label {
    /// Reads a label.
    ///
    /// # Errors
    /// Text that is none.
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        let allowed = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || b"._-".contains(&octet);
        let first = text.bytes().next().is_some_and(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit());
        if !first || text.len() > 64 || !text.bytes().all(allowed) {
            return Err(LabelError::Spelling(text.chars().take(80).collect()));
        }
        if is_own(text) {
            return Err(LabelError::Reserved(text.to_owned()));
        }
        if text.contains("..") {
            return Err(LabelError::Dots(text.to_owned()));
        }
        if text.len() == 34 && text.bytes().all(|octet| octet.is_ascii_hexdigit()) {
            return Err(LabelError::LikeSerial(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The label of a lineage that is called after its first name.
    ///
    /// # Errors
    /// A name that makes none, such as one of more than 64 letters.
    pub fn from_name(name: &GeneralName) -> Result<Self, LabelError> {
        let text = name.to_string();
        let text = text.strip_prefix("*.").map_or_else(|| text.clone(), |below| format!("wildcard.{below}"));
        let text = text.replace(':', "-");
        // `::1` would start with a hyphen.
        let text = if text.starts_with('-') { format!("0{text}") } else { text };
        Self::parse(&text)
    }

    /// The label of a CA's OCSP responder.
    pub fn of_responder(role: IssuerRole, ordinal: i64) -> Self {
        Self(format!("{RESPONDERS}{}-{ordinal}", role.as_str()))
    }

    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a label is one of the CA's own: nobody can choose it, and nobody has to renew what has it.
pub fn is_own(label: &str) -> bool {
    label == SHARE || label.starts_with(RESPONDERS)
}

/// The label of the onboarding page's certificates, whose keys are never kept.
pub(super) const SHARE: &str = "hubca-share";
/// What the labels of OCSP responders begin with.
pub(super) const RESPONDERS: &str = "hubca-ocsp-";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::DnsName;

    #[test]
    fn a_label_is_a_plain_word_that_is_safe_as_a_directory() {
        assert!(Label::parse("hub.lan").is_ok() && Label::parse("192.168.0.1").is_ok());
        for bad in ["", ".", "..", "../x", "a/b", "a..b", "-a", "A", "hub lan", "é", &"a".repeat(65), "a\0"] {
            assert!(Label::parse(bad).is_err(), "{bad}");
        }
        assert!(matches!(Label::parse(&"ab".repeat(17)), Err(LabelError::LikeSerial(_))));
        for own in [SHARE, "hubca-ocsp-issuing-1"] {
            assert!(matches!(Label::parse(own), Err(LabelError::Reserved(_))), "{own}");
        }
        let named_alike = GeneralName::Dns(DnsName::parse(SHARE).unwrap());
        assert!(matches!(Label::from_name(&named_alike), Err(LabelError::Reserved(_))));
    }

    #[test]
    fn a_lineage_is_called_after_its_first_name() {
        let label = |name: GeneralName| Label::from_name(&name).unwrap().as_str().to_owned();
        assert_eq!(label(GeneralName::Dns(DnsName::parse("*.hub.lan").unwrap())), "wildcard.hub.lan");
        assert_eq!(label(GeneralName::parse_ip("fd00::1").unwrap()), "fd00--1");
        assert_eq!(label(GeneralName::parse_ip("::1").unwrap()), "0--1");
    }
}
