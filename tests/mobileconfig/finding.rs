//! What is wrong with a profile, and where.

use std::fmt;

/// A rule that is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Which rule.
    pub(crate) rule: Rule,
    /// The path of keys that leads there.
    pub(crate) place: String,
    /// What is wrong.
    pub(crate) words: String,
}

/// What a profile has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It is a property list in XML.
    Xml,
    /// A dictionary has a key once.
    OnceEach,
    /// The schema has this key.
    KnownKey,
    /// A key that is required is there.
    Required,
    /// A value has the type of the schema.
    Type,
    /// A value is one of those that the schema allows.
    Allowed,
    /// A payload is of a type in the schema, and as often as that may be.
    PayloadType,
    /// A UUID is one, and no two are the same.
    Uuid,
    /// An identifier is in reverse-DNS style, below that of the profile, and no two are the same.
    Identifier,
    /// The root is there, once, in DER, and no other.
    Root,
    /// The other certificates are CAs', in DER.
    Certificate,
    /// No private key is there but a sealed one.
    PrivateKey,
    /// No password is there.
    Password,
    /// A text to agree to is there for everybody.
    Consent,
    /// An icon is a square PNG within its limits.
    Icon,
    /// An address is one of a page.
    Url,
    /// Words can be shown as they are.
    Words,
    /// Whoever installed it can remove it.
    Removable,
}

impl Finding {
    pub(crate) fn new(rule: Rule, place: impl Into<String>, words: impl Into<String>) -> Self {
        Self { rule, place: place.into(), words: words.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}: {}", self.rule, self.place, self.words)
    }
}
