//! What a timer lets this program do, and how often.

/// What is done, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chore {
    /// Every day: `renew`.
    Renew,
    /// Every week: `audit verify`.
    Verify,
}

impl Chore {
    /// All of them.
    pub(super) const ALL: [Self; 2] = [Self::Renew, Self::Verify];

    /// The words of the command.
    pub(super) fn words(self) -> &'static [&'static str] {
        match self {
            Self::Renew => &["renew"],
            Self::Verify => &["audit", "verify"],
        }
    }

    /// The word for it in the name of a timer.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Renew => "renew",
            Self::Verify => "verify",
        }
    }

    /// What it does to a home, in words.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Renew => "Renew certificates",
            Self::Verify => "Check ledger and log",
        }
    }
}
