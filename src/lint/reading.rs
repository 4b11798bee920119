//! A certificate as the rules see it: each extension read once, and with it where the certificate stands.

use time::OffsetDateTime;

use super::role::Role;
use crate::x509::{
    AltName, BasicConstraints, Certificate, DnsName, DnsNameError, ExtendedKeyUsage, GeneralName, KeyIdentifier,
    KeyUsage, NameConstraints, NameConstraintsError, TbsCertificate,
};

/// What stands in one certificate, read once for all rules.
pub(super) struct Reading<'a> {
    pub(super) tbs: &'a TbsCertificate,
    /// None for a draft: nothing is signed yet.
    pub(super) certificate: Option<&'a Certificate>,
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<Vec<KeyUsage>>,
    pub(super) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(super) names: Vec<Name>,
    pub(super) name_constraints: Option<NameConstraints>,
    pub(super) constraints_error: Option<NameConstraintsError>,
    pub(super) subject_key_identifier: Option<KeyIdentifier>,
    pub(super) authority_key_identifier: Option<KeyIdentifier>,
    /// One sentence for each known extension that cannot be read.
    pub(super) unreadable: Vec<String>,
}

/// A name in the subjectAltName, and what a host name is worth.
pub(super) struct Name {
    pub(super) alt: AltName,
    pub(super) dns: Option<Result<DnsName, DnsNameError>>,
}

/// One certificate in its place: what a rule is asked about.
pub(super) struct Case<'a> {
    pub(super) reading: &'a Reading<'a>,
    /// Its issuer first, up to the root, as far as they are known.
    pub(super) issuers: &'a [Reading<'a>],
    pub(super) role: Role,
    pub(super) now: OffsetDateTime,
    pub(super) stage: Stage,
}

/// Whose certificate it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Ours, not signed yet.
    Draft,
    /// Anyone's, signed.
    Issued,
}

impl<'a> Reading<'a> {
    pub(super) fn of_draft(tbs: &'a TbsCertificate) -> Self {
        Self::new(tbs, None)
    }

    pub(super) fn of(certificate: &'a Certificate) -> Self {
        Self::new(certificate.tbs(), Some(certificate))
    }

    fn new(tbs: &'a TbsCertificate, certificate: Option<&'a Certificate>) -> Self {
        let mut unreadable = Vec::new();
        let names = flat(tbs.subject_alt_names(), &mut unreadable).unwrap_or_default();
        let (name_constraints, constraints_error) = match tbs.name_constraints() {
            Ok(constraints) => (constraints, None),
            Err(error) => (None, Some(error)),
        };
        Self {
            tbs,
            certificate,
            basic_constraints: flat(tbs.basic_constraints(), &mut unreadable),
            key_usage: flat(tbs.key_usage(), &mut unreadable),
            extended_key_usage: flat(tbs.extended_key_usage(), &mut unreadable),
            names: names.into_iter().map(Name::new).collect(),
            name_constraints,
            constraints_error,
            subject_key_identifier: flat(tbs.subject_key_identifier(), &mut unreadable),
            authority_key_identifier: flat(tbs.authority_key_identifier(), &mut unreadable),
            unreadable,
        }
    }

    pub(super) fn is_ca(&self) -> bool {
        matches!(self.basic_constraints, Some(BasicConstraints::Ca { .. }))
    }

    pub(super) fn has_usage(&self, usage: KeyUsage) -> bool {
        self.key_usage.as_ref().is_some_and(|usages| usages.contains(&usage))
    }

    pub(super) fn is_for(&self, purpose: &str) -> bool {
        self.extended_key_usage.as_ref().is_some_and(|usage| usage.purposes().iter().any(|named| named == purpose))
    }

    pub(super) fn has_host(&self) -> bool {
        self.names.iter().any(|name| matches!(name.alt, AltName::Dns(_) | AltName::Ip(_)))
    }

    /// Whether there is a subjectAltName that says nothing: what cannot be read has the rule `ext-read`.
    pub(super) fn names_are_unreadable(&self) -> bool {
        self.names.is_empty() && self.tbs.subject_alt_names().is_err()
    }

    /// The subject, or the first name where the subject is empty.
    pub(super) fn title(&self) -> String {
        if !self.tbs.subject().is_empty() {
            return self.tbs.subject().to_string();
        }
        self.names.first().map_or_else(|| "a certificate without a name".to_owned(), |name| name.alt.to_string())
    }
}

impl Name {
    fn new(alt: AltName) -> Self {
        let dns = match &alt {
            AltName::Dns(text) => Some(DnsName::parse(text)),
            _ => None,
        };
        Self { alt, dns }
    }

    /// The name as constraints judge it; none where it is no name of a host.
    pub(super) fn host(&self) -> Option<GeneralName> {
        match &self.dns {
            Some(Ok(name)) => Some(GeneralName::Dns(name.clone())),
            Some(Err(_)) => None,
            None => self.alt.ip().map(GeneralName::Ip),
        }
    }
}

impl Case<'_> {
    pub(super) fn tbs(&self) -> &TbsCertificate {
        self.reading.tbs
    }
}

fn flat<T>(read: Result<Option<T>, crate::x509::ExtensionError>, unreadable: &mut Vec<String>) -> Option<T> {
    read.unwrap_or_else(|error| {
        unreadable.push(error.to_string());
        None
    })
}
