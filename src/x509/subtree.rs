//! One subtree of name constraints, RFC 5280 4.2.1.10: a host name with all below it, or a network.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use der::{
    Sequence,
    asn1::{Ia5String, OctetString},
};
use ipnet::IpNet;
use thiserror::Error;
use x509_parser::extensions::GeneralName as ParsedName;

use super::{dns_name::DnsName, general_name::GeneralName};

/// One subtree: a name with everything below it, or a network.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subtree {
    /// A host name without a leading dot: it covers itself and every name below it.
    Dns(String),
    /// A network, its host bits cleared.
    Ip(IpNet),
    /// A subtree of a kind that we never make, as a certificate by others may have it: its context tag.
    Other(u32),
}

/// Why bytes are no name constraints, or text no subtree.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NameConstraintsError {
    /// Bytes that are no such extension.
    #[error("these bytes are no nameConstraints")]
    Malformed,
    /// An address range of another length than 8 or 32 octets.
    #[error("an address range has {0} octets, not 8 or 32")]
    RangeLength(usize),
    /// A mask whose ones are not all at the left.
    #[error("the mask of `{0}` has holes")]
    MaskWithHoles(IpAddr),
    /// Text that is neither a name nor a network.
    #[error("`{0}` is neither a host name nor a network such as 192.168.0.0/16")]
    NotASubtree(String),
    /// A minimum or a maximum, which RFC 5280 4.2.1.10 forbids.
    #[error("a subtree has a minimum or a maximum, and RFC 5280 4.2.1.10 forbids both")]
    Distance,
    /// A network whose address has bits behind its prefix.
    #[error("`{given}` is not a whole network; the one around it is {network}")]
    HostBits {
        /// The text.
        given: String,
        /// The network around it.
        network: IpNet,
    },
    /// What shall be permitted lies in what is excluded.
    #[error("`{added}` lies in `{around}`, which is shut out as a whole")]
    ShutOut {
        /// The name or network.
        added: String,
        /// What is excluded.
        around: String,
    },
    /// A leading dot, which verifiers read in different ways.
    #[error("`{0}` starts with a dot, and verifiers read that in different ways")]
    LeadingDot(String),
    /// A wildcard: a subtree covers everything below it by itself.
    #[error("`{0}` has a star, and a permitted name covers everything below it already")]
    Star(String),
}

impl Subtree {
    /// Reads a host name, an address or a network as a person types it.
    ///
    /// # Errors
    /// Text that is none of these, or a network whose address has bits behind its prefix.
    pub fn parse(text: &str) -> Result<Self, NameConstraintsError> {
        let not_a_subtree = || NameConstraintsError::NotASubtree(text.to_owned());
        if let Some((address, prefix)) = text.split_once('/') {
            // The standard library reads one spelling of an address only; so do we of a prefix.
            let address: IpAddr = address.parse().map_err(|_| not_a_subtree())?;
            let length: u8 = prefix.parse().map_err(|_| not_a_subtree())?;
            if prefix != length.to_string() || address.to_canonical() != address {
                return Err(not_a_subtree());
            }
            let network = IpNet::new(address, length).map_err(|_| not_a_subtree())?;
            if network.trunc() != network {
                return Err(NameConstraintsError::HostBits { given: text.to_owned(), network: network.trunc() });
            }
            return Ok(Self::Ip(network));
        }
        if let Ok(GeneralName::Ip(address)) = GeneralName::parse_ip(text) {
            return Ok(Self::Ip(IpNet::from(address)));
        }
        if text.starts_with('.') {
            return Err(NameConstraintsError::LeadingDot(text.to_owned()));
        }
        if text.contains('*') {
            return Err(NameConstraintsError::Star(text.to_owned()));
        }
        let name = DnsName::parse(text).map_err(|_| not_a_subtree())?;
        Ok(Self::Dns(name.as_str().to_owned()))
    }

    /// Whether every name of `inner` is one of this subtree's.
    pub fn covers(&self, inner: &Self) -> bool {
        match (self, inner) {
            (Self::Dns(outer), Self::Dns(inner)) => is_below(inner, outer),
            (Self::Ip(outer), Self::Ip(inner)) => outer.contains(inner),
            (Self::Other(outer), Self::Other(inner)) => outer == inner,
            _ => false,
        }
    }

    /// Whether it is every name or address of its kind.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Dns(name) => name.is_empty(),
            Self::Ip(network) => network.prefix_len() == 0,
            Self::Other(_) => false,
        }
    }

    pub(super) fn holds(&self, name: &GeneralName) -> bool {
        match (self, name) {
            (Self::Dns(tree), GeneralName::Dns(name)) => name.is_within(tree),
            (Self::Ip(network), GeneralName::Ip(address)) => network.contains(address),
            _ => false,
        }
    }

    /// Whether a name that stands for many, a wildcard, has one inside.
    pub(super) fn touches(&self, name: &GeneralName) -> bool {
        match (self, name) {
            (Self::Dns(tree), GeneralName::Dns(name)) if name.is_wildcard() => {
                let below = name.as_str().trim_start_matches("*.");
                is_below(below, tree) || is_below(tree, below)
            }
            _ => self.holds(name),
        }
    }

    pub(super) fn kind(&self) -> NameKind {
        match self {
            Self::Dns(_) => NameKind::Dns,
            Self::Ip(IpNet::V4(_)) => NameKind::V4,
            Self::Ip(IpNet::V6(_)) => NameKind::V6,
            Self::Other(_) => NameKind::Other,
        }
    }
}

/// The kinds of names that verifiers judge apart: some treat IPv4 and IPv6 as one, some do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// Host names.
    Dns,
    /// IPv4 addresses.
    V4,
    /// IPv6 addresses.
    V6,
    /// What we never vouch for.
    Other,
}

impl NameKind {
    /// The kind of a name.
    pub fn of(name: &GeneralName) -> Self {
        match name {
            GeneralName::Dns(_) => Self::Dns,
            GeneralName::Ip(IpAddr::V4(_)) => Self::V4,
            GeneralName::Ip(IpAddr::V6(_)) => Self::V6,
        }
    }

    /// The word for it in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for NameKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Dns => "host name",
            Self::V4 => "IPv4 address",
            Self::V6 => "IPv6 address",
            Self::Other => "other name",
        })
    }
}

fn is_below(inner: &str, outer: &str) -> bool {
    inner.strip_suffix(outer).is_some_and(|left| left.is_empty() || left.ends_with('.'))
}

/// A GeneralSubtree: its base alone, since minimum 0 is the default and maximum is never used (RFC 5280 4.2.1.10).
#[derive(Sequence)]
pub(super) struct EncodedSubtree {
    base: EncodedName,
}

#[derive(der::Choice)]
enum EncodedName {
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT")]
    Dns(Ia5String),
    #[asn1(context_specific = "7", tag_mode = "IMPLICIT")]
    Ip(OctetString),
}

pub(super) fn encode_subtree(subtree: &Subtree) -> Option<EncodedSubtree> {
    let base = match subtree {
        Subtree::Dns(name) => EncodedName::Dns(Ia5String::new(name).ok()?),
        Subtree::Ip(network) => {
            let mut octets = Vec::with_capacity(32);
            for address in [network.network(), network.netmask()] {
                match address {
                    IpAddr::V4(address) => octets.extend_from_slice(&address.octets()),
                    IpAddr::V6(address) => octets.extend_from_slice(&address.octets()),
                }
            }
            EncodedName::Ip(OctetString::new(octets).ok()?)
        }
        Subtree::Other(_) => return None,
    };
    Some(EncodedSubtree { base })
}

pub(super) fn read_subtree(base: &ParsedName<'_>) -> Result<Subtree, NameConstraintsError> {
    Ok(match base {
        ParsedName::DNSName(name) => Subtree::Dns(name.to_ascii_lowercase()),
        ParsedName::IPAddress(octets) => {
            let (address, mask): (IpAddr, IpAddr) = if let Ok(octets) = <[u8; 8]>::try_from(*octets) {
                let [a, b, c, d, e, f, g, h] = octets;
                (Ipv4Addr::new(a, b, c, d).into(), Ipv4Addr::new(e, f, g, h).into())
            } else if let (32, Some((address, mask))) = (octets.len(), octets.split_first_chunk::<16>()) {
                let mask = <[u8; 16]>::try_from(mask).map_err(|_| NameConstraintsError::RangeLength(octets.len()))?;
                (Ipv6Addr::from(*address).into(), Ipv6Addr::from(mask).into())
            } else {
                return Err(NameConstraintsError::RangeLength(octets.len()));
            };
            let network =
                IpNet::with_netmask(address, mask).map_err(|_| NameConstraintsError::MaskWithHoles(address))?;
            Subtree::Ip(network)
        }
        ParsedName::OtherName(..) => Subtree::Other(0),
        ParsedName::RFC822Name(_) => Subtree::Other(1),
        ParsedName::X400Address(_) => Subtree::Other(3),
        ParsedName::DirectoryName(_) => Subtree::Other(4),
        ParsedName::EDIPartyName(_) => Subtree::Other(5),
        ParsedName::URI(_) => Subtree::Other(6),
        ParsedName::RegisteredID(_) => Subtree::Other(8),
        ParsedName::Invalid(..) => return Err(NameConstraintsError::Malformed),
    })
}

impl fmt::Display for Subtree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => formatter.write_str(name),
            Self::Ip(network) => network.fmt(formatter),
            Self::Other(tag) => write!(formatter, "a name of kind [{tag}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subtrees_with_dots_stars_and_nonsense_are_refused() {
        assert!(matches!(Subtree::parse(".lan"), Err(NameConstraintsError::LeadingDot(_))));
        assert!(matches!(Subtree::parse("*.hub.lan"), Err(NameConstraintsError::Star(_))));
        assert!(matches!(Subtree::parse("a b"), Err(NameConstraintsError::NotASubtree(_))));
        for text in ["192.168.0.0/33", "010.0.0.0/8", "10.0.0.0/08", "10.0.0.0/+8", "::ffff:8.8.8.0/120", "10.0.0.0/"] {
            assert!(matches!(Subtree::parse(text), Err(NameConstraintsError::NotASubtree(_))), "{text}");
        }
        assert!(matches!(Subtree::parse("10.0.0.5/8"), Err(NameConstraintsError::HostBits { .. })));
        assert_eq!(Subtree::parse("8.8.8.8").unwrap().to_string(), "8.8.8.8/32");
    }
}
