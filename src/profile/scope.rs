//! The scope of a CA: the names and networks its root may vouch for, RFC 5280 4.2.1.10.

use thiserror::Error;

use crate::x509::{
    Certificate, DnsName, GeneralName, NameConstraints, NameConstraintsError, NameKind, PRIVATE_SUBTREES, Subtree, oid,
    template::Criticality,
};

/// What a CA may vouch for, chosen once: devices trust the root with it, and no later certificate can widen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Only names and addresses inside these constraints.
    Constrained {
        /// The constraints, the same on the root and on every CA below it.
        constraints: NameConstraints,
        /// Whether a program that does not know constraints must refuse the CA.
        criticality: Criticality,
    },
    /// Anything: whoever gets the key can be any site to every device that trusts the root.
    Unconstrained,
}

/// Why a scope cannot be made.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ScopeError {
    /// Nothing at all is permitted.
    #[error("nothing is permitted: the CA could vouch for no name")]
    Nothing,
    /// One of the entries is none.
    #[error(transparent)]
    Subtree(#[from] NameConstraintsError),
}

impl Scope {
    /// The private names and ranges, this machine's own name where it is one label, and what is added to them.
    ///
    /// # Errors
    /// An entry that is none.
    pub fn private(host: Option<&str>, added: &[String], criticality: Criticality) -> Result<Self, ScopeError> {
        let label = host
            .and_then(|host| host.split('.').next())
            .and_then(|label| DnsName::parse(label).ok())
            .map(|label| Subtree::Dns(label.as_str().to_owned()));
        let mut subtrees = parse_all(PRIVATE_SUBTREES)?;
        subtrees.extend(label);
        subtrees.extend(parse_all(added.iter().map(String::as_str))?);
        Ok(Self::Constrained { constraints: NameConstraints::permitting(subtrees), criticality })
    }

    /// Nothing but these names and networks.
    ///
    /// # Errors
    /// An entry that is none, or no entry.
    pub fn only(permitted: &[String], criticality: Criticality) -> Result<Self, ScopeError> {
        if permitted.is_empty() {
            return Err(ScopeError::Nothing);
        }
        let subtrees = parse_all(permitted.iter().map(String::as_str))?;
        Ok(Self::Constrained { constraints: NameConstraints::permitting(subtrees), criticality })
    }

    /// The same, and names or networks as well; without limits it has them already. No kind of names is left open by it.
    ///
    /// # Errors
    /// An entry that is none, or that is shut out with more; or nothing is permitted.
    pub fn widened(&self, added: &[String]) -> Result<Self, ScopeError> {
        let Self::Constrained { constraints, criticality } = self else { return Ok(Self::Unconstrained) };
        let constraints = parse_all(added.iter().map(String::as_str))?
            .iter()
            .try_fold(constraints.closed(), |constraints, added| constraints.widened(added))?;
        let wider = Self::Constrained { constraints, criticality: *criticality };
        if wider.dns().is_empty() && wider.ip().is_empty() { Err(ScopeError::Nothing) } else { Ok(wider) }
    }

    /// Whether all of a name or network lies inside.
    ///
    /// # Errors
    /// Text that is none.
    pub fn allows(&self, text: &str) -> Result<bool, ScopeError> {
        let subtree = Subtree::parse(text)?;
        Ok(self.constraints().is_none_or(|(constraints, _)| constraints.allow(&subtree)))
    }

    /// The scope that a CA's certificate states.
    ///
    /// # Errors
    /// Constraints that cannot be read.
    pub fn of(certificate: &Certificate) -> Result<Self, ScopeError> {
        let Some(constraints) = certificate.tbs().name_constraints()? else { return Ok(Self::Unconstrained) };
        let critical = certificate.tbs().extension(oid::NAME_CONSTRAINTS).is_some_and(|extension| extension.critical);
        let criticality = if critical { Criticality::Critical } else { Criticality::NonCritical };
        Ok(Self::Constrained { constraints, criticality })
    }

    /// Whether a name lies inside.
    pub fn permits(&self, name: &GeneralName) -> bool {
        match self {
            Self::Constrained { constraints, .. } => constraints.permits(name),
            Self::Unconstrained => true,
        }
    }

    /// The constraints and whether they are critical, if there are any.
    pub fn constraints(&self) -> Option<(&NameConstraints, Criticality)> {
        match self {
            Self::Constrained { constraints, criticality } => Some((constraints, *criticality)),
            Self::Unconstrained => None,
        }
    }

    /// The permitted names, as text.
    pub fn dns(&self) -> Vec<String> {
        self.texts(|subtree| matches!(subtree, Subtree::Dns(name) if name != "invalid" && !name.is_empty()))
    }

    /// The permitted networks, as text.
    pub fn ip(&self) -> Vec<String> {
        self.texts(|subtree| matches!(subtree, Subtree::Ip(_)))
    }

    /// The names and networks that are shut out of what is permitted, as text.
    pub fn excluded(&self) -> Vec<String> {
        let excluded = self.constraints().map(|(constraints, _)| constraints.excluded()).unwrap_or_default();
        excluded.iter().filter(|subtree| !subtree.is_whole()).map(ToString::to_string).collect()
    }

    /// What shuts out a name, though the names around it may be permitted.
    pub fn shut_out(&self, name: &GeneralName) -> Option<String> {
        self.constraints()?.0.shut_out(name).map(ToString::to_string)
    }

    /// The kinds of names that are not limited.
    pub fn unlimited(&self) -> Vec<NameKind> {
        self.constraints().map(|(constraints, _)| constraints).cloned().unwrap_or_default().leave_open()
    }

    fn texts(&self, wanted: impl Fn(&Subtree) -> bool) -> Vec<String> {
        let permitted = self.constraints().map(|(constraints, _)| constraints.permitted()).unwrap_or_default();
        permitted.iter().filter(|subtree| wanted(subtree)).map(ToString::to_string).collect()
    }
}

fn parse_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<Subtree>, ScopeError> {
    texts.into_iter().map(|text| Subtree::parse(text).map_err(ScopeError::from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(texts: &[&str]) -> Vec<GeneralName> {
        let parse = |text: &&str| {
            GeneralName::parse_ip(text).unwrap_or_else(|_| GeneralName::Dns(DnsName::parse(text).unwrap()))
        };
        texts.iter().map(parse).collect()
    }

    #[test]
    fn the_default_scope_is_the_home_and_nothing_else() {
        let scope = Scope::private(Some("nas.example.com"), &[], Criticality::Critical).unwrap();
        for name in names(&["192.168.0.1", "10.0.0.1", "fd00::1", "::1", "hub.local", "nas", "a.home.arpa"]) {
            assert!(scope.permits(&name), "{name}");
        }
        for name in names(&["8.8.8.8", "2001:db8::1", "example.com", "nas.example.com", "xlan", "172.32.0.1"]) {
            assert!(!scope.permits(&name), "{name}");
        }
    }

    #[test]
    fn a_scope_can_be_widened_or_chosen_alone() {
        let widened = Scope::private(None, &["example.com".to_owned()], Criticality::Critical).unwrap();
        assert!(names(&["a.example.com", "hub.lan"]).iter().all(|name| widened.permits(name)));
        let only = Scope::only(&["example.com".to_owned()], Criticality::Critical).unwrap();
        assert!(!names(&["hub.lan", "10.0.0.1"]).iter().any(|name| only.permits(name)));
        assert_eq!(Scope::only(&[], Criticality::Critical), Err(ScopeError::Nothing));
    }
}
