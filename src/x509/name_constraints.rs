//! What a CA may vouch for, RFC 5280 4.2.1.10: permitted and excluded subtrees of names and addresses.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use der::{
    Encode, Sequence,
    asn1::{Ia5String, OctetString},
};
use ipnet::IpNet;
use thiserror::Error;
use x509_parser::{
    extensions::GeneralName as ParsedName,
    prelude::{FromDer, NameConstraints as ParsedConstraints},
};

use super::{dns_name::DnsName, encoding::elements, general_name::GeneralName};

/// Permitted and excluded subtrees. A kind of name without a permitted subtree is not limited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameConstraints {
    permitted: Vec<Subtree>,
    excluded: Vec<Subtree>,
}

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

    fn holds(&self, name: &GeneralName) -> bool {
        match (self, name) {
            (Self::Dns(tree), GeneralName::Dns(name)) => name.is_within(tree),
            (Self::Ip(network), GeneralName::Ip(address)) => network.contains(address),
            _ => false,
        }
    }

    /// Whether a name that stands for many, a wildcard, has one inside.
    fn touches(&self, name: &GeneralName) -> bool {
        match (self, name) {
            (Self::Dns(tree), GeneralName::Dns(name)) if name.is_wildcard() => {
                let below = name.as_str().trim_start_matches("*.");
                is_below(below, tree) || is_below(tree, below)
            }
            _ => self.holds(name),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Dns(_) => Kind::Dns,
            Self::Ip(IpNet::V4(_)) => Kind::V4,
            Self::Ip(IpNet::V6(_)) => Kind::V6,
            Self::Other(_) => Kind::Other,
        }
    }
}

/// The kinds that verifiers judge apart: some treat IPv4 and IPv6 as one, some do not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Dns,
    V4,
    V6,
    Other,
}

fn is_below(inner: &str, outer: &str) -> bool {
    inner.strip_suffix(outer).is_some_and(|left| left.is_empty() || left.ends_with('.'))
}

impl NameConstraints {
    /// Constraints that permit only these subtrees, each once.
    ///
    /// Where a kind (names, IPv4, IPv6) is not among them, all of it is shut out: unspoken would mean allowed
    /// (RFC 5280 4.2.1.10), and verifiers differ in whether IPv4 and IPv6 are one kind.
    pub fn permitting(subtrees: impl IntoIterator<Item = Subtree>) -> Self {
        let mut permitted: Vec<Subtree> = Vec::new();
        for subtree in subtrees {
            if !permitted.contains(&subtree) {
                permitted.push(subtree);
            }
        }
        let mut excluded = Vec::new();
        let lacks = |kind: Kind| !permitted.iter().any(|subtree| subtree.kind() == kind);
        if lacks(Kind::V4) {
            excluded.push(Subtree::Ip(IpNet::new_assert(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0)));
        }
        if lacks(Kind::V6) {
            excluded.push(Subtree::Ip(IpNet::new_assert(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0)));
        }
        if lacks(Kind::Dns) {
            // An empty dNSName would exclude all names, but Apple's matcher has no case for it; a name that can
            // never be (RFC 2606) permits nothing in every verifier.
            permitted.push(Subtree::Dns("invalid".to_owned()));
        }
        Self { permitted, excluded }
    }

    /// The permitted subtrees.
    pub fn permitted(&self) -> &[Subtree] {
        &self.permitted
    }

    /// The excluded subtrees.
    pub fn excluded(&self) -> &[Subtree] {
        &self.excluded
    }

    /// Whether every verifier lets a CA with these constraints vouch for the name.
    pub fn permits(&self, name: &GeneralName) -> bool {
        let kind = match name {
            GeneralName::Dns(_) => Kind::Dns,
            GeneralName::Ip(IpAddr::V4(_)) => Kind::V4,
            GeneralName::Ip(IpAddr::V6(_)) => Kind::V6,
        };
        let is_address = kind != Kind::Dns;
        let limited = self
            .permitted
            .iter()
            .any(|subtree| subtree.kind() == kind || (is_address && matches!(subtree.kind(), Kind::V4 | Kind::V6)));
        let permitted = !limited || self.permitted.iter().any(|subtree| subtree.holds(name));
        permitted && !self.excluded.iter().any(|subtree| subtree.touches(name))
    }

    /// Whether all that these constraints permit, the outer ones permit too.
    pub fn is_inside(&self, outer: &Self) -> bool {
        let permitted = self.permitted.iter().all(|inner| outer.permitted.iter().any(|subtree| subtree.covers(inner)));
        let excluded = outer.excluded.iter().all(|subtree| self.excluded.iter().any(|inner| inner.covers(subtree)));
        permitted && excluded
    }

    /// Reads the value of the extension.
    ///
    /// # Errors
    /// Bytes that are none, an address range of odd length, a mask with holes.
    pub fn from_der(der: &[u8]) -> Result<Self, NameConstraintsError> {
        let Ok(([], parsed)) = ParsedConstraints::from_der(der) else {
            return Err(NameConstraintsError::Malformed);
        };
        // The parser passes over what follows the base.
        let distances = |der: &[u8]| -> Result<bool, der::Error> {
            let mut found = false;
            for list in elements(der)? {
                for subtree in elements(&list)? {
                    found |= elements(&subtree)?.len() > 1;
                }
            }
            Ok(found)
        };
        if distances(der).map_err(|_| NameConstraintsError::Malformed)? {
            return Err(NameConstraintsError::Distance);
        }
        let read = |list: Option<Vec<x509_parser::extensions::GeneralSubtree<'_>>>| {
            list.unwrap_or_default().iter().map(|subtree| read_subtree(&subtree.base)).collect::<Result<Vec<_>, _>>()
        };
        Ok(Self { permitted: read(parsed.permitted_subtrees)?, excluded: read(parsed.excluded_subtrees)? })
    }

    /// The value of the extension in DER, or `None` where a subtree is of a kind we do not make.
    pub fn to_der(&self) -> Option<Vec<u8>> {
        #[derive(Sequence)]
        struct Constraints {
            #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
            permitted: Option<Vec<EncodedSubtree>>,
            #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
            excluded: Option<Vec<EncodedSubtree>>,
        }
        let encode = |subtrees: &[Subtree]| subtrees.iter().map(encode_subtree).collect::<Option<Vec<_>>>();
        let some = |list: Vec<EncodedSubtree>| (!list.is_empty()).then_some(list);
        let constraints =
            Constraints { permitted: some(encode(&self.permitted)?), excluded: some(encode(&self.excluded)?) };
        constraints.to_der().ok()
    }
}

/// A GeneralSubtree: its base alone, since minimum 0 is the default and maximum is never used (RFC 5280 4.2.1.10).
#[derive(Sequence)]
struct EncodedSubtree {
    base: EncodedName,
}

#[derive(der::Choice)]
enum EncodedName {
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT")]
    Dns(Ia5String),
    #[asn1(context_specific = "7", tag_mode = "IMPLICIT")]
    Ip(OctetString),
}

fn encode_subtree(subtree: &Subtree) -> Option<EncodedSubtree> {
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

fn read_subtree(base: &ParsedName<'_>) -> Result<Subtree, NameConstraintsError> {
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

    fn subtree(text: &str) -> Subtree {
        Subtree::parse(text).unwrap()
    }

    fn dns(text: &str) -> GeneralName {
        GeneralName::Dns(DnsName::parse(text).unwrap())
    }

    fn ip(text: &str) -> GeneralName {
        GeneralName::parse_ip(text).unwrap()
    }

    #[test]
    fn what_is_written_reads_back() {
        let constraints = NameConstraints::permitting([subtree("lan"), subtree("192.168.0.0/16"), subtree("fc00::/7")]);
        let der = constraints.to_der().unwrap();
        assert_eq!(NameConstraints::from_der(&der), Ok(constraints));
    }

    #[test]
    fn a_kind_that_is_not_permitted_is_shut_out() {
        let names_only = NameConstraints::permitting([subtree("lan")]);
        assert!(names_only.permits(&dns("hub.lan")));
        assert!(!names_only.permits(&ip("192.168.0.1")) && !names_only.permits(&ip("fd00::1")));
        let ipv4_only = NameConstraints::permitting([subtree("10.0.0.0/8")]);
        assert!(ipv4_only.permits(&ip("10.1.2.3")));
        assert!(!ipv4_only.permits(&dns("hub.lan")) && !ipv4_only.permits(&ip("fd00::1")));
    }

    #[test]
    fn a_wildcard_that_may_stand_for_an_excluded_name_is_not_permitted() {
        let mut constraints = NameConstraints::permitting([subtree("lan")]);
        constraints.excluded.push(subtree("secret.hub.lan"));
        assert!(!constraints.permits(&dns("*.hub.lan")));
        assert!(!constraints.permits(&dns("*.secret.hub.lan")));
        assert!(constraints.permits(&dns("*.other.lan")));
    }

    #[test]
    fn subtrees_with_dots_stars_and_nonsense_are_refused() {
        assert!(matches!(Subtree::parse(".lan"), Err(NameConstraintsError::LeadingDot(_))));
        assert!(matches!(Subtree::parse("*.hub.lan"), Err(NameConstraintsError::Star(_))));
        assert!(matches!(Subtree::parse("a b"), Err(NameConstraintsError::NotASubtree(_))));
        for text in ["192.168.0.0/33", "010.0.0.0/8", "10.0.0.0/08", "10.0.0.0/+8", "::ffff:8.8.8.0/120", "10.0.0.0/"] {
            assert!(matches!(Subtree::parse(text), Err(NameConstraintsError::NotASubtree(_))), "{text}");
        }
        assert!(matches!(Subtree::parse("10.0.0.5/8"), Err(NameConstraintsError::HostBits { .. })));
        assert_eq!(subtree("8.8.8.8").to_string(), "8.8.8.8/32");
    }

    #[test]
    fn a_minimum_is_not_passed_over() {
        // permittedSubtrees [0] { { dNSName "lan", minimum [0] 1 } }
        let der = [0x30, 12, 0xa0, 10, 0x30, 8, 0x82, 3, b'l', b'a', b'n', 0x80, 1, 1];
        assert_eq!(NameConstraints::from_der(&der), Err(NameConstraintsError::Distance));
    }

    #[test]
    fn narrower_constraints_lie_inside_wider_ones_only() {
        let wide = NameConstraints::permitting([subtree("lan"), subtree("10.0.0.0/8"), subtree("fc00::/7")]);
        let narrow = NameConstraints::permitting([subtree("hub.lan"), subtree("10.1.0.0/16"), subtree("fd00::/8")]);
        assert!(narrow.is_inside(&wide) && wide.is_inside(&wide));
        assert!(!wide.is_inside(&narrow));
    }
}
