//! The address that a mail goes to: the plain form of RFC 5322 3.4.1, `local-part@domain`.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::x509::{DnsName, DnsNameError};

/// One address, without a name beside it; no character of it ends a header or begins another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAddress(String);

/// Why text is no address that a mail program is sure to take.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum MailAddressError {
    /// No `@`, or nothing before it.
    #[error("`{0}` is no mail address: it is not made as `somebody@example.org`")]
    Form(String),
    /// More than RFC 5321 4.5.3.1 grants.
    #[error("a mail address has at most {MOST_OCTETS} letters, {MOST_LOCAL} of them before the `@`")]
    TooLong,
    /// A space, a quotation mark, a letter that is not ASCII …
    #[error("{0:?} cannot stand before the `@` of a mail address here")]
    Character(char),
    /// The part behind the `@`.
    #[error("what stands behind the `@` is no domain")]
    Domain(#[source] DnsNameError),
}

impl FromStr for MailAddress {
    type Err = MailAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MOST_OCTETS {
            return Err(MailAddressError::TooLong);
        }
        let form = || MailAddressError::Form(text.to_owned());
        let (local, domain) = text.rsplit_once('@').ok_or_else(form)?;
        if let Some(odd) = local.chars().find(|letter| *letter != '.' && !is_atom(*letter)) {
            return Err(MailAddressError::Character(odd));
        }
        // RFC 5322 3.2.3: a dot stands between atoms only.
        if local.split('.').any(str::is_empty) || domain.is_empty() {
            return Err(form());
        }
        let domain = DnsName::parse(domain).map_err(MailAddressError::Domain)?;
        if domain.is_wildcard() {
            return Err(form());
        }
        let address = format!("{local}@{}", domain.as_str());
        if local.len() > MOST_LOCAL || address.len() > MOST_OCTETS {
            return Err(MailAddressError::TooLong);
        }
        Ok(Self(address))
    }
}

impl MailAddress {
    /// The address, its domain in A-labels.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// RFC 5322 3.2.3, without the letters of RFC 6532 that many servers do not take.
fn is_atom(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(letter)
}

const MOST_OCTETS: usize = 254;
const MOST_LOCAL: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_taken() {
        for (text, address) in [
            ("ann@example.org", "ann@example.org"),
            ("ann+hub@Example.ORG", "ann+hub@example.org"),
            ("a.b_c@mail.home.arpa", "a.b_c@mail.home.arpa"),
            ("ann@bücher.example", "ann@xn--bcher-kva.example"),
            ("ann@localhost", "ann@localhost"),
        ] {
            assert_eq!(text.parse::<MailAddress>().unwrap().as_str(), address, "{text}");
        }
    }

    #[test]
    fn what_could_be_more_than_an_address_is_refused() {
        for text in [
            "",
            "@",
            "ann",
            "ann@",
            "@example.org",
            "a..b@example.org",
            ".a@example.org",
            "a.@example.org",
            "Ann <ann@example.org>",
            "ann@example.org, bob@example.org",
            "ann@example.org\r\nBcc: bob@example.org",
            "ann\n@example.org",
            "\"a b\"@example.org",
            "änn@example.org",
            "ann@example.org\0",
            "ann@[192.168.0.1]",
            "ann@*.example.org",
            "ann@exa mple.org",
            "ann@example..org",
            "a@b@example.org",
            "ann@\u{202e}example.org",
        ] {
            assert!(text.parse::<MailAddress>().is_err(), "{text:?}");
        }
        assert_eq!(format!("{}@example.org", "a".repeat(65)).parse::<MailAddress>(), Err(MailAddressError::TooLong));
        assert_eq!(format!("a@{}.org", "b".repeat(300)).parse::<MailAddress>(), Err(MailAddressError::TooLong));
    }
}
