//! Why a CA that was adopted does not issue, though it is the last that came into the ledger.

/// Why a CA that was adopted does not issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetAside {
    /// Its key was not found: it signs nothing, no list of what it revoked either.
    Keyless,
    /// One that was made after it issues.
    Superseded,
}

impl SetAside {
    /// The word in the ledger and in the log.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Keyless => "keyless",
            Self::Superseded => "superseded",
        }
    }

    pub(super) fn from_str(word: &str) -> Option<Self> {
        [Self::Keyless, Self::Superseded].into_iter().find(|reason| reason.as_str() == word)
    }
}
