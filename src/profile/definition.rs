//! What a certificate of a kind may be.

use crate::{
    lint::{Role, RuleId},
    x509::{BasicConstraints, ExtendedKeyUsage, KeyUsage},
};

/// What a certificate of a kind may be. It is made by parsing a file only, so every one obeys the rules there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) role: Role,
    pub(super) days: u32,
    pub(super) most_days: u32,
    pub(super) backdate_hours: u32,
    pub(super) path_length: Option<u32>,
    pub(super) key_usage: Vec<KeyUsage>,
    pub(super) rsa_key_usage: Vec<KeyUsage>,
    pub(super) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(super) waived: Vec<Waiver>,
    pub(super) sha256: [u8; 32],
}

/// A rule that a profile's certificates need not keep, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule.
    pub rule: RuleId,
    /// Why; it goes into the audit log.
    pub reason: String,
}

/// The kind of key a certificate is for: RSA keys encrypt as well as sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A key on an elliptic curve.
    Ec,
    /// An RSA key.
    Rsa,
}

impl Profile {
    /// Its name: that of its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for, in a few words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What its certificates are, for the lint.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether its certificates are CAs'.
    pub fn makes_ca(&self) -> bool {
        matches!(self.role, Role::Root | Role::Issuing)
    }

    /// The life of its certificates in days where none is asked for.
    pub fn days(&self) -> u32 {
        self.days
    }

    /// The longest life that may be asked for, in days.
    pub fn most_days(&self) -> u32 {
        self.most_days
    }

    /// How many hours before now its certificates begin, for devices whose clock is late.
    pub fn backdate_hours(&self) -> u32 {
        self.backdate_hours
    }

    /// Whether its certificates are CAs', RFC 5280 4.2.1.9.
    pub fn basic_constraints(&self) -> BasicConstraints {
        match self.role {
            Role::Root | Role::Issuing => BasicConstraints::Ca { path_len: self.path_length },
            _ => BasicConstraints::EndEntity,
        }
    }

    /// What a key of that kind may do.
    pub fn key_usage(&self, kind: KeyKind) -> Vec<KeyUsage> {
        let mut usages = self.key_usage.clone();
        if kind == KeyKind::Rsa {
            usages.extend(self.rsa_key_usage.iter().copied());
        }
        usages.sort();
        usages.dedup();
        usages
    }

    /// What its certificates are for.
    pub fn extended_key_usage(&self) -> Option<&ExtendedKeyUsage> {
        self.extended_key_usage.as_ref()
    }

    /// The rules its certificates need not keep.
    pub fn waived(&self) -> &[Waiver] {
        &self.waived
    }

    /// SHA-256 of its text: the audit log says by which version of a profile a certificate was made.
    pub fn sha256(&self) -> [u8; 32] {
        self.sha256
    }
}
