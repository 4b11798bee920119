//! What an issuer is in the hierarchy, and which row of the ledger it is.

/// What an issuer is in the hierarchy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssuerRole {
    /// A root: it signs itself.
    Root,
    /// An issuing CA below a root.
    Issuing,
    /// A certificate that carries one root's trust to another, for a change of root.
    Cross,
}

impl IssuerRole {
    /// The word in the ledger and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Issuing => "issuing",
            Self::Cross => "cross",
        }
    }

    pub(super) fn from_str(word: &str) -> Option<Self> {
        [Self::Root, Self::Issuing, Self::Cross].into_iter().find(|role| role.as_str() == word)
    }
}

/// The row of an issuer in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IssuerId(pub(super) i64);
