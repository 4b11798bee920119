//! What a CA may vouch for, RFC 5280 4.2.1.10: permitted and excluded subtrees of names and addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use der::{Encode, Sequence};
use ipnet::IpNet;
use x509_parser::prelude::{FromDer, NameConstraints as ParsedConstraints};

use super::{
    encoding::elements,
    general_name::GeneralName,
    subtree::{EncodedSubtree, NameConstraintsError, NameKind, Subtree, encode_subtree, read_subtree},
};

/// Permitted and excluded subtrees. A kind of name without a permitted subtree is not limited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameConstraints {
    permitted: Vec<Subtree>,
    excluded: Vec<Subtree>,
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
        let lacks = |kind: NameKind| !permitted.iter().any(|subtree| subtree.kind() == kind);
        if lacks(NameKind::V4) {
            excluded.push(Subtree::Ip(IpNet::new_assert(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0)));
        }
        if lacks(NameKind::V6) {
            excluded.push(Subtree::Ip(IpNet::new_assert(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0)));
        }
        if lacks(NameKind::Dns) {
            // An empty dNSName would exclude all names, but Apple's matcher has no case for it; this one permits nothing in
            // every verifier.
            permitted.push(Subtree::Dns(NO_NAME.to_owned()));
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

    /// The kinds of names that are not limited, whatever of them is excluded: of host names, IPv4 and IPv6 addresses.
    pub fn leave_open(&self) -> Vec<NameKind> {
        [NameKind::Dns, NameKind::V4, NameKind::V6].into_iter().filter(|kind| self.is_open(*kind)).collect()
    }

    /// The excluded subtree in which a name lies, or of which a wildcard has names; not that of a whole kind.
    pub fn shut_out(&self, name: &GeneralName) -> Option<&Subtree> {
        self.excluded.iter().find(|subtree| !subtree.is_whole() && subtree.touches(name))
    }

    fn is_open(&self, kind: NameKind) -> bool {
        let all_of = |subtree: &Subtree| subtree.kind() == kind && subtree.is_whole();
        let mut permitted = self.permitted.iter().filter(|subtree| subtree.kind() == kind).peekable();
        let is_unlimited = permitted.peek().is_none() || permitted.any(all_of);
        is_unlimited && !self.excluded.iter().any(all_of)
    }

    /// Whether all that is in a subtree is permitted.
    pub fn allow(&self, inner: &Subtree) -> bool {
        let permitted = !self.limit(inner.kind()) || self.permitted.iter().any(|subtree| subtree.covers(inner));
        let touches = |subtree: &Subtree| subtree.covers(inner) || inner.covers(subtree);
        permitted && !self.excluded.iter().any(touches)
    }

    /// The same, by which every kind of names is limited: one without a permitted subtree is shut out.
    #[must_use]
    pub fn closed(&self) -> Self {
        let ours = self.permitted.iter().filter(|subtree| subtree.kind() != NameKind::Other).cloned();
        let mut closed = Self::permitting(ours);
        let more = self.excluded.iter().filter(|subtree| !closed.excluded.contains(subtree)).cloned();
        let more: Vec<Subtree> = more.collect();
        closed.excluded.extend(more);
        closed
    }

    /// The same, closed, which permit a subtree as well. What is excluded inside of it goes.
    ///
    /// # Errors
    /// It lies in what is excluded, and more with it.
    pub fn widened(&self, added: &Subtree) -> Result<Self, NameConstraintsError> {
        let Self { mut permitted, mut excluded } = self.closed();
        // A kind that was shut out is limited by what is permitted of it from now on.
        let is_kind = |subtree: &Subtree| subtree.is_whole() && subtree.kind() == added.kind();
        excluded.retain(|subtree| !added.covers(subtree) && !is_kind(subtree));
        if let Some(around) = excluded.iter().find(|subtree| subtree.covers(added)) {
            return Err(NameConstraintsError::ShutOut { added: added.to_string(), around: around.to_string() });
        }
        let no_name = Subtree::Dns(NO_NAME.to_owned());
        permitted.retain(|subtree| added.kind() != NameKind::Dns || *subtree != no_name);
        if !permitted.iter().any(|subtree| subtree.covers(added)) {
            permitted.push(added.clone());
        }
        Ok(Self { permitted, excluded })
    }

    /// Whether every verifier lets a CA with these constraints vouch for the name.
    pub fn permits(&self, name: &GeneralName) -> bool {
        let permitted = !self.limit(NameKind::of(name)) || self.permitted.iter().any(|subtree| subtree.holds(name));
        permitted && !self.excluded.iter().any(|subtree| subtree.touches(name))
    }

    /// Whether some verifier takes a permitted subtree for all that is permitted of a kind: for some, addresses are one.
    fn limit(&self, kind: NameKind) -> bool {
        let is_address = |kind: NameKind| matches!(kind, NameKind::V4 | NameKind::V6);
        let is_of = |subtree: &Subtree| subtree.kind() == kind || (is_address(kind) && is_address(subtree.kind()));
        self.permitted.iter().any(is_of)
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
                for subtree in elements(list)? {
                    found |= elements(subtree)?.len() > 1;
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

/// A name that can never be, RFC 2606.
const NO_NAME: &str = "invalid";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::dns_name::DnsName;

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
    fn a_kind_is_open_where_nothing_limits_it_or_what_limits_it_is_everything() {
        let of = |permitted: &[Subtree], excluded: &[Subtree]| NameConstraints {
            permitted: permitted.to_vec(),
            excluded: excluded.to_vec(),
        };
        let (all_v4, lan) = (Subtree::Ip("0.0.0.0/0".parse().unwrap()), subtree("lan"));
        let all = [NameKind::Dns, NameKind::V4, NameKind::V6];
        assert_eq!(NameConstraints::default().leave_open(), all);
        assert_eq!(of(&[Subtree::Other(1)], &[]).leave_open(), all);
        assert_eq!(of(&[all_v4.clone(), Subtree::Dns(String::new())], &[]).leave_open(), all);
        assert_eq!(of(std::slice::from_ref(&lan), &[]).leave_open(), [NameKind::V4, NameKind::V6]);
        assert_eq!(of(std::slice::from_ref(&lan), &[all_v4]).leave_open(), [NameKind::V6]);
        assert!(NameConstraints::permitting([lan]).leave_open().is_empty());
        assert!(NameConstraints::permitting([subtree("10.0.0.0/8")]).leave_open().is_empty());
    }

    #[test]
    fn what_is_wider_permits_one_thing_more_and_no_other() {
        let wider = |constraints: &NameConstraints, text: &str| constraints.widened(&subtree(text)).unwrap();
        let names_only = NameConstraints::permitting([subtree("lan")]);
        assert_eq!(names_only.closed(), names_only);
        let both = wider(&wider(&names_only, "10.0.0.0/8"), "example.com");
        assert_eq!(both, NameConstraints::permitting(["lan", "10.0.0.0/8", "example.com"].map(subtree)));
        assert_eq!(wider(&both, "hub.lan"), both, "it is covered");
        let named = wider(&NameConstraints::permitting([subtree("10.0.0.0/8")]), "lan");
        assert!(named.permits(&dns("hub.lan")) && !named.permits(&dns("invalid")), "{named:?}");
        // A kind without limits is shut out, or has one.
        let others = NameConstraints { permitted: vec![subtree("lan")], excluded: vec![subtree("a.secret.lan")] };
        assert!(others.permits(&ip("8.8.8.8")) && !others.closed().permits(&ip("8.8.8.8")));
        assert!(wider(&others, "8.8.8.0/24").permits(&ip("8.8.8.8")));
        // What is excluded stays so, but for what is inside of the addition.
        assert!(wider(&others, "secret.lan").permits(&dns("a.secret.lan")));
        assert!(!wider(&others, "example.com").permits(&dns("b.a.secret.lan")));
        let refused = others.widened(&subtree("b.a.secret.lan")).unwrap_err().to_string();
        assert_eq!(refused, "`b.a.secret.lan` lies in `a.secret.lan`, which is shut out as a whole");
    }

    #[test]
    fn a_subtree_is_allowed_where_all_of_it_is() {
        let constraints = NameConstraints { permitted: vec![subtree("lan")], excluded: vec![subtree("a.secret.lan")] };
        for (text, is_allowed) in
            [("hub.lan", true), ("lan", false), ("secret.lan", false), ("b.a.secret.lan", false), ("10.0.0.0/8", true)]
        {
            assert_eq!(constraints.allow(&subtree(text)), is_allowed, "{text}");
        }
        assert!(!constraints.closed().allow(&subtree("10.0.0.0/8")));
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
