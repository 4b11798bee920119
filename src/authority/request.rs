//! What somebody wants a certificate for. It names things; profile and policy decide everything else.

use time::OffsetDateTime;

use super::{
    intent::{Destination, KeyPolicy, Whereabouts},
    issuer_role::IssuerId,
    label::{self, Label},
};
use crate::{
    profile::{Profile, Scope},
    x509::{DistinguishedName, KeyAlgorithm, SubjectAltNames, SubjectPublicKeyInfo},
};

/// A wish for one certificate.
#[derive(Clone, Debug)]
pub struct IssuanceRequest<'a> {
    /// What a certificate of this kind may be.
    pub profile: &'a Profile,
    /// Whom it shall be for.
    pub holder: Holder<'a>,
    /// The key it shall be about; for a request from outside, possession of it was proven.
    pub public_key: SubjectPublicKeyInfo,
    /// How long it shall live.
    pub lifetime: Lifetime,
    /// Where it will be kept.
    pub lineage: Lineage,
}

/// Whom a certificate is for.
#[derive(Clone, Debug)]
pub enum Holder<'a> {
    /// Who answers under these names.
    EndEntity(SubjectAltNames),
    /// Who answers for the issuer by OCSP; it has no name that anybody asks for.
    Responder,
    /// A CA; only this folder makes one.
    Ca {
        /// Its place among the issuers.
        row: IssuerId,
        /// Its name.
        name: DistinguishedName,
        /// What it may vouch for.
        scope: &'a Scope,
    },
}

/// How long a certificate shall live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// As the profile says, but not beyond the issuer.
    Default,
    /// As the profile says, but beyond neither the issuer nor this instant: a cross-certificate ends with its subject.
    NotBeyond(OffsetDateTime),
    /// Exactly so many days, or not at all.
    Days(u32),
    /// So many days, as once was asked for, but not beyond the issuer: nobody is there to be asked again.
    UpTo(u32),
}

/// Where the certificates of a lineage are kept, and so what a new one follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lineage {
    /// Key and certificate lie in the home, each new certificate as the next generation.
    Kept {
        /// The label.
        label: Label,
        /// What to do when the label stands for other names.
        on_other_names: OnOtherNames,
        /// The algorithm of its key.
        key: KeyAlgorithm,
        /// Whether the one after it is about a new key.
        key_policy: KeyPolicy,
        /// What is known of this machine, whose addresses may be among the names.
        whereabouts: Whereabouts,
        /// Where it is brought, if not to where the one before was.
        destination: Option<Box<Destination>>,
    },
    /// The key was made elsewhere and only the certificate is handed out.
    Elsewhere {
        /// The label, if it shall have one.
        label: Option<Label>,
    },
    /// The key is in memory only, and gone when the onboarding page is closed.
    InMemory,
}

/// What to do when a label stands for other names already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnOtherNames {
    /// Refuse: most likely the label is mistaken.
    Refuse,
    /// Let the lineage go on with the new names.
    Replace,
}

impl Lifetime {
    /// The days that were asked for, if any were.
    pub fn days(self) -> Option<u32> {
        match self {
            Self::Default | Self::NotBeyond(_) => None,
            Self::Days(days) | Self::UpTo(days) => Some(days),
        }
    }
}

impl Lineage {
    /// The label whose next certificate is kept here, if it is.
    pub(super) fn kept(&self) -> Option<&str> {
        match self {
            Self::Kept { label, .. } => Some(label.as_str()),
            Self::Elsewhere { .. } | Self::InMemory => None,
        }
    }

    /// The label, if there is one.
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::Kept { label, .. } => Some(label.as_str()),
            Self::Elsewhere { label } => label.as_ref().map(Label::as_str),
            Self::InMemory => Some(label::SHARE),
        }
    }
}
