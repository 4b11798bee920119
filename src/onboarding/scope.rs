//! What a CA may vouch for, in plain words: its root's name constraints, RFC 5280 4.2.1.10.

use crate::x509::{Certificate, NameConstraints, PRIVATE_SUBTREES, Subtree};

/// How far a root reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Private names and networks only.
    LocalOnly,
    /// These as well: names and networks that others own, or might.
    LocalAnd(Vec<String>),
    /// Nothing but these.
    Only(Vec<String>),
    /// Anything at all, or something that cannot be read.
    Everything,
}

impl Reach {
    pub(super) fn of(root: &Certificate) -> Self {
        match root.tbs().name_constraints() {
            Ok(Some(constraints)) => Self::within(&constraints),
            Ok(None) | Err(_) => Self::Everything,
        }
    }

    /// Under which key the guide has the words for it.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::LocalOnly => "scope.local",
            Self::LocalAnd(_) => "scope.local-and",
            Self::Only(_) => "scope.only",
            Self::Everything => "scope.everything",
        }
    }

    /// The names and networks that it reaches and that are not local.
    pub(super) fn others(&self) -> &[String] {
        match self {
            Self::LocalAnd(others) | Self::Only(others) => others,
            Self::LocalOnly | Self::Everything => &[],
        }
    }

    fn within(constraints: &NameConstraints) -> Self {
        let (permitted, excluded) = (constraints.permitted(), constraints.excluded());
        // A kind of name that is neither listed nor shut out is free.
        let limited = KINDS.into_iter().all(|is_kind| {
            let listed = permitted.iter().any(is_kind);
            listed || excluded.iter().any(|subtree| is_kind(subtree) && is_everything(subtree))
        });
        if !limited || permitted.iter().any(is_everything) {
            return Self::Everything;
        }
        // A name that can never be stands for no name at all.
        let real = permitted.iter().filter(|subtree| !matches!(subtree, Subtree::Dns(name) if name == "invalid"));
        let local = PRIVATE_SUBTREES.map(Subtree::parse);
        let is_local = |subtree: &&Subtree| local.iter().flatten().any(|local| local.covers(subtree));
        let (local, others): (Vec<_>, Vec<_>) = real.partition(is_local);
        let others: Vec<String> = others.iter().map(ToString::to_string).collect();
        match (local.is_empty(), others.is_empty()) {
            (_, true) => Self::LocalOnly,
            (false, false) => Self::LocalAnd(others),
            (true, false) => Self::Only(others),
        }
    }
}

const KINDS: [fn(&Subtree) -> bool; 3] = [
    |subtree| matches!(subtree, Subtree::Dns(_)),
    |subtree| matches!(subtree, Subtree::Ip(network) if network.addr().is_ipv4()),
    |subtree| matches!(subtree, Subtree::Ip(network) if network.addr().is_ipv6()),
];

fn is_everything(subtree: &Subtree) -> bool {
    match subtree {
        Subtree::Dns(name) => name.is_empty(),
        Subtree::Ip(network) => network.prefix_len() == 0,
        Subtree::Other(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(permitted: &[&str]) -> Reach {
        Reach::within(&NameConstraints::permitting(permitted.iter().map(|text| Subtree::parse(text).unwrap())))
    }

    #[test]
    fn private_names_and_networks_are_local() {
        assert_eq!(reach(&PRIVATE_SUBTREES), Reach::LocalOnly);
        assert_eq!(reach(&["hub.lan", "192.168.7.0/24", "fd00::/8"]), Reach::LocalOnly);
        assert_eq!(reach(&["10.0.0.0/8"]), Reach::LocalOnly);
    }

    #[test]
    fn what_might_be_somebody_elses_is_named() {
        assert_eq!(reach(&["lan", "example.com"]), Reach::LocalAnd(vec!["example.com".to_owned()]));
        // `com` is one label as well.
        assert_eq!(reach(&["lan", "com"]), Reach::LocalAnd(vec!["com".to_owned()]));
        assert_eq!(reach(&["10.0.0.0/7"]), Reach::Only(vec!["10.0.0.0/7".to_owned()]));
        assert_eq!(reach(&["example.com", "8.8.8.8/32"]), Reach::Only(vec!["example.com".into(), "8.8.8.8/32".into()]));
    }

    #[test]
    fn what_is_left_free_reaches_everything() {
        // Only names are limited here, so the root can vouch for any address: permitted [0] { dNSName "lan" }.
        let der = [0x30, 9, 0xa0, 7, 0x30, 5, 0x82, 3, b'l', b'a', b'n'];
        assert_eq!(Reach::within(&NameConstraints::from_der(&der).unwrap()), Reach::Everything);
        let everything = NameConstraints::permitting([Subtree::parse("0.0.0.0/0").unwrap()]);
        assert_eq!(Reach::within(&everything), Reach::Everything);
    }
}
