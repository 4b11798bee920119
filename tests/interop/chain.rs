//! What a witness is shown: a chain, and the name a client wanted to reach.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// A root, an issuing CA and a leaf, each a PEM file with one certificate, and the leaf's key.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) root: PathBuf,
    pub(crate) issuing: PathBuf,
    pub(crate) leaf: PathBuf,
    pub(crate) key: PathBuf,
}

/// The name a client wants to reach.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Name {
    Dns(String),
    Ip(IpAddr),
}

impl Name {
    pub(crate) fn dns(name: &str) -> Self {
        Self::Dns(name.to_owned())
    }

    pub(crate) fn ip(address: &str) -> Self {
        Self::Ip(address.parse().unwrap())
    }

    /// The `hubca issue` option for it.
    pub(crate) fn option(&self) -> &'static str {
        match self {
            Self::Dns(_) => "--dns",
            Self::Ip(_) => "--ip",
        }
    }

    /// `DNS:` or `IP:` and the value, as openssl's extension files spell it.
    pub(crate) fn openssl(&self) -> String {
        match self {
            Self::Dns(name) => format!("DNS:{name}"),
            Self::Ip(address) => format!("IP:{address}"),
        }
    }

    /// A name that a client could ask for and this name covers: a wildcard is not a host.
    pub(crate) fn host(&self) -> Self {
        match self {
            Self::Dns(name) => {
                Self::Dns(name.strip_prefix("*.").map_or_else(|| name.clone(), |rest| format!("anything.{rest}")))
            }
            Self::Ip(_) => self.clone(),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(address) => write!(f, "{address}"),
        }
    }
}

/// One question to a witness.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) chain: Chain,
    pub(crate) name: Name,
    /// What the report calls it.
    pub(crate) title: String,
    pub(crate) criticality: Criticality,
}

impl Case {
    pub(crate) fn new(title: &str, chain: &Chain, name: &Name) -> Self {
        Self { chain: chain.clone(), name: name.clone(), title: title.to_owned(), criticality: Criticality::Critical }
    }

    /// The five fields that `judges/README.md` describes.
    pub(crate) fn line(&self) -> String {
        let kind = match self.name {
            Name::Dns(_) => "dns",
            Name::Ip(_) => "ip",
        };
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        [
            path(&self.chain.root),
            path(&self.chain.issuing),
            path(&self.chain.leaf),
            kind.to_owned(),
            self.name.to_string(),
        ]
        .join("\t")
    }
}

/// Whether the CAs' name constraints are critical, or not because of `--nc-compat`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Criticality {
    Critical,
    NotCritical,
}

/// What a witness says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Accepts,
    Refuses(String),
}

impl Verdict {
    pub(crate) fn is_acceptance(&self) -> bool {
        *self == Self::Accepts
    }
}
