//! The names that a certificate vouches for, RFC 5280 4.2.1.6: host names and addresses, and nothing else.

use std::{fmt, net::IpAddr};

use thiserror::Error;

use super::dns_name::{DnsName, looks_like_address};

/// One name in a certificate of ours: a dNSName or an iPAddress.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GeneralName {
    /// A host name.
    Dns(DnsName),
    /// An address; an IPv4 address in IPv6 clothing is stored as IPv4.
    Ip(IpAddr),
}

/// Why text is no address.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum IpAddressError {
    /// Nothing was given.
    #[error("the address is empty")]
    Empty,
    /// A zone such as `%eth0`, which only means something on one machine.
    #[error("`{0}` has a zone, and a certificate is read on other machines")]
    Zone(String),
    /// A network in CIDR form.
    #[error("`{0}` is a network, and a certificate names single addresses")]
    Network(String),
    /// An address in a spelling that programs read differently.
    #[error("`{0}` is an address in a spelling that programs read differently")]
    Ambiguous(String),
    /// An address that no server has: unspecified, broadcast or multicast.
    #[error("`{0}` is not the address of one server")]
    NotOneHost(String),
    /// No address at all.
    #[error("`{0}` is not an address")]
    NotAnAddress(String),
}

impl GeneralName {
    /// Reads an address as a person types it: IPv4 in four decimal parts, IPv6 in any spelling, brackets allowed.
    ///
    /// # Errors
    /// The text and what is wrong with it.
    pub fn parse_ip(text: &str) -> Result<Self, IpAddressError> {
        if text.is_empty() {
            return Err(IpAddressError::Empty);
        }
        let shown = || text.chars().take(80).collect::<String>();
        if text.contains('%') {
            return Err(IpAddressError::Zone(shown()));
        }
        if text.contains('/') {
            return Err(IpAddressError::Network(shown()));
        }
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        match bare.parse::<IpAddr>() {
            Ok(address) => {
                let address = address.to_canonical();
                let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
                if address.is_unspecified() || address.is_multicast() || broadcast {
                    return Err(IpAddressError::NotOneHost(shown()));
                }
                Ok(Self::Ip(address))
            }
            Err(_) if looks_like_address(bare) => Err(IpAddressError::Ambiguous(shown())),
            Err(_) => Err(IpAddressError::NotAnAddress(shown())),
        }
    }

    /// The kind of name as it is called in flags, JSON and the ledger: `dns` or `ip`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Dns(_) => "dns",
            Self::Ip(_) => "ip",
        }
    }
}

impl fmt::Display for GeneralName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => name.fmt(formatter),
            Self::Ip(address) => address.fmt(formatter),
        }
    }
}

/// The names of one certificate: at least one, at most a hundred, none twice, in the order they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectAltNames(Vec<GeneralName>);

/// Why a list of names is none for a certificate.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SubjectAltNamesError {
    /// Devices look at nothing but these names.
    #[error("a certificate needs at least one name")]
    Empty,
    /// One name stands in the list twice, perhaps in two spellings.
    #[error("`{0}` is given twice")]
    Duplicate(GeneralName),
    /// More names than one certificate may hold.
    #[error("{0} names are given, and a certificate holds at most {max}", max = SubjectAltNames::MOST)]
    TooMany(usize),
}

impl SubjectAltNames {
    /// The most names in one certificate.
    pub const MOST: usize = 100;

    /// Names for a certificate.
    ///
    /// # Errors
    /// No name, one given twice, or too many.
    pub fn new(names: Vec<GeneralName>) -> Result<Self, SubjectAltNamesError> {
        if names.is_empty() {
            return Err(SubjectAltNamesError::Empty);
        }
        if names.len() > Self::MOST {
            return Err(SubjectAltNamesError::TooMany(names.len()));
        }
        let mut seen = std::collections::HashSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
            return Err(SubjectAltNamesError::Duplicate(twice.clone()));
        }
        Ok(Self(names))
    }

    /// The names in their order.
    pub fn iter(&self) -> impl Iterator<Item = &GeneralName> {
        self.0.iter()
    }

    /// The first host name, if there is one.
    pub fn first_dns(&self) -> Option<&DnsName> {
        self.0.iter().find_map(|name| match name {
            GeneralName::Dns(dns) => Some(dns),
            GeneralName::Ip(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_stored_form() {
        let stored = |text: &str| GeneralName::parse_ip(text).unwrap().to_string();
        assert_eq!(stored("192.168.0.1"), "192.168.0.1");
        assert_eq!(stored("::ffff:192.168.0.1"), "192.168.0.1");
        assert_eq!(stored("[FD00:0:0:0::0001]"), "fd00::1");
        assert_eq!(stored("fd00:0000:0000:0000:0000:0000:0000:0001"), "fd00::1");
    }

    #[test]
    fn what_is_no_single_address_is_refused_for_its_own_defect() {
        let error = |text: &str| GeneralName::parse_ip(text).unwrap_err();
        assert_eq!(error(""), IpAddressError::Empty);
        assert!(matches!(error("fe80::1%eth0"), IpAddressError::Zone(_)));
        assert!(matches!(error("192.168.0.0/16"), IpAddressError::Network(_)));
        assert!(matches!(error("192.168.1"), IpAddressError::Ambiguous(_)));
        assert!(matches!(error("192.168.000.001"), IpAddressError::Ambiguous(_)));
        assert!(matches!(error("0xc0a80001"), IpAddressError::Ambiguous(_)));
        assert!(matches!(error("0.0.0.0"), IpAddressError::NotOneHost(_)));
        assert!(matches!(error("224.0.0.1"), IpAddressError::NotOneHost(_)));
        assert!(matches!(error("hub.lan"), IpAddressError::NotAnAddress(_)));
    }

    #[test]
    fn one_to_a_hundred_different_names_make_a_certificate() {
        let name = |number: usize| GeneralName::Dns(DnsName::parse(&format!("h{number}.lan")).unwrap());
        assert_eq!(SubjectAltNames::new(vec![]), Err(SubjectAltNamesError::Empty));
        assert!(SubjectAltNames::new((0..100).map(name).collect()).is_ok());
        assert_eq!(SubjectAltNames::new((0..101).map(name).collect()), Err(SubjectAltNamesError::TooMany(101)));
        assert_eq!(SubjectAltNames::new(vec![name(1), name(1)]), Err(SubjectAltNamesError::Duplicate(name(1))));
    }
}
