//! A rule: one demand on a certificate or a chain, in whose words, and who enforces it.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{encounter::Encounter, line::Chain, platform::Platform, reading::Case, role::Concern};

/// The name of a rule, such as `leaf-days`: stable, because profiles and scripts name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub(super) &'static str);

/// What a certificate or a chain must be, in one sentence, with whose words they are and who holds it to them.
pub struct Rule {
    pub(super) id: RuleId,
    pub(super) demand: &'static str,
    pub(super) citation: &'static str,
    pub(super) on_issue: OnIssue,
    pub(super) refused_by: &'static [Platform],
    pub(super) noted_for: &'static [Platform],
    pub(super) advice: &'static str,
    pub(super) check: Check,
}

/// What a violation means on our own road.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnIssue {
    /// Nothing is issued, and no profile can change that.
    Refused,
    /// Nothing is issued, unless the profile waives the rule by name.
    RefusedUnlessWaived,
    /// It is issued, told, and kept for the audit log.
    Told,
    /// Cannot arise there: the rule is about certificates by others.
    NotAsked,
}

/// How a rule looks at what it is about; nothing said is nothing wrong.
#[derive(Clone, Copy)]
pub(super) enum Check {
    /// At each certificate of a kind, with its issuers.
    Certificate(Concern, fn(&Case<'_>, &mut Defects)),
    /// At the chain as a whole.
    Chain(fn(&Chain<'_>, &mut Defects)),
    /// At the server that shows it, if it does.
    Connection(fn(&Encounter, Option<&Chain<'_>>, &mut Defects)),
}

/// What a rule found wrong: a sentence for each, naming the value.
#[derive(Debug, Default)]
pub(super) struct Defects(pub(super) Vec<String>);

impl Defects {
    pub(super) fn say(&mut self, message: impl Into<String>) {
        self.0.push(message.into());
    }
}

/// Everybody.
pub(super) const ALL: &[Platform] = &Platform::ALL;
/// Apple's verifier, on both of its systems.
pub(super) const APPLE: &[Platform] = &[Platform::Ios, Platform::Macos];
/// Everybody but Apple.
pub(super) const BUT_APPLE: &[Platform] =
    &[Platform::Android, Platform::Chrome, Platform::Firefox, Platform::Java, Platform::Windows];
/// Nobody.
pub(super) const NONE: &[Platform] = &[];

impl RuleId {
    /// The name.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl Rule {
    /// Its name.
    pub fn id(&self) -> RuleId {
        self.id
    }

    /// What it demands, in one sentence.
    pub fn demand(&self) -> &'static str {
        self.demand
    }

    /// Whose words they are.
    pub fn citation(&self) -> &'static str {
        self.citation
    }

    /// What a violation means on our own road.
    pub fn on_issue(&self) -> OnIssue {
        self.on_issue
    }

    /// Who refuses a certificate that violates it.
    pub fn refused_by(&self) -> &'static [Platform] {
        self.refused_by
    }

    /// For whom a violation is worth a remark, though the certificate works there.
    pub fn noted_for(&self) -> &'static [Platform] {
        self.noted_for
    }

    /// What to do about a violation.
    pub fn advice(&self) -> &'static str {
        self.advice
    }

    /// What it is about, as the documentation says it.
    pub fn concerns(&self) -> &'static str {
        match self.check {
            Check::Chain(_) => "the chain",
            Check::Connection(_) => "the connection",
            Check::Certificate(concern, _) => concern.name(),
        }
    }

    /// What it finds wrong with a certificate in its place.
    pub(super) fn defects(&self, case: &Case<'_>) -> Defects {
        let mut defects = Defects::default();
        if let Check::Certificate(concern, check) = self.check
            && concern.includes(case.role)
        {
            check(case, &mut defects);
        }
        defects
    }

    /// What it finds wrong with a chain.
    pub(super) fn chain_defects(&self, chain: &Chain<'_>) -> Defects {
        let mut defects = Defects::default();
        if let Check::Chain(check) = self.check {
            check(chain, &mut defects);
        }
        defects
    }

    /// What it finds wrong with a server and the chain that it shows.
    pub(super) fn connection_defects(&self, encounter: &Encounter, chain: Option<&Chain<'_>>) -> Defects {
        let mut defects = Defects::default();
        if let Check::Connection(check) = self.check {
            check(encounter, chain, &mut defects);
        }
        defects
    }
}

impl OnIssue {
    /// As the documentation says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::RefusedUnlessWaived => "refused unless waived",
            Self::Told => "told",
            Self::NotAsked => "cannot arise",
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Rule({})", self.id)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}
