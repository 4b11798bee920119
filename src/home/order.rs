//! An order: what is wanted of a key and a certificate that are kept in the home.

use crate::{
    authority::{Destination, KeyPolicy, Label, Lifetime, Lineage, OnOtherNames, Whereabouts},
    keys::PrivateKey,
    profile::Profile,
    x509::{KeyAlgorithm, SubjectAltNames},
};

/// An order for a key and a certificate that are kept in the home.
#[derive(Clone)]
pub struct Order<'a> {
    /// The names.
    pub names: SubjectAltNames,
    /// What a certificate of this kind may be.
    pub profile: &'a Profile,
    /// The key.
    pub key: KeyChoice<'a>,
    /// Whether the one after it shall have a new key.
    pub key_policy: KeyPolicy,
    /// How long it shall live.
    pub lifetime: Lifetime,
    /// The lineage.
    pub label: Label,
    /// What to do when the label stands for other names.
    pub on_other_names: OnOtherNames,
    /// What is known of this machine, whose addresses may be among the names.
    pub whereabouts: Whereabouts,
    /// Where it shall be brought, if not to where the one before was.
    pub destination: Option<Destination>,
}

/// The key of a new certificate.
#[derive(Clone, Copy)]
pub enum KeyChoice<'a> {
    /// One that is made for it.
    New(KeyAlgorithm),
    /// The one of the certificate before, and what kind it is.
    Kept(KeyAlgorithm, &'a PrivateKey),
}

impl KeyChoice<'_> {
    /// What kind it is.
    pub fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::New(algorithm) | Self::Kept(algorithm, _) => *algorithm,
        }
    }
}

impl Order<'_> {
    pub(super) fn lineage(&self) -> Lineage {
        Lineage::Kept {
            label: self.label.clone(),
            on_other_names: self.on_other_names,
            key: self.key.algorithm(),
            key_policy: self.key_policy,
            whereabouts: self.whereabouts.clone(),
            destination: self.destination.clone().map(Box::new),
        }
    }

    /// The kept key, or the one that was made where a new one was wanted.
    pub(super) fn key_or<'k>(&'k self, made: &'k Option<PrivateKey>) -> Option<&'k PrivateKey> {
        match self.key {
            KeyChoice::New(_) => made.as_ref(),
            KeyChoice::Kept(_, key) => Some(key),
        }
    }
}
