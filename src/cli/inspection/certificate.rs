//! A certificate told in words: whose it is, for which names, until when, and what it may do.

use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    cli::{moment::Moment, page::Page},
    x509::{
        AltName, BasicConstraints, Certificate, NameConstraints, SignatureAlgorithm, TbsCertificate, hexadecimal, oid,
    },
};

/// What a certificate says.
#[derive(Debug, Serialize)]
pub struct CertificateDescription {
    subject: String,
    issuer: String,
    serial: String,
    sha256: String,
    not_before: Moment,
    not_after: Moment,
    status: Validness,
    role: Role,
    path_length: Option<u32>,
    names: Vec<DescribedName>,
    key: String,
    public_key_sha256: String,
    signature_algorithm: String,
    key_usage: Vec<String>,
    extended_key_usage: Vec<String>,
    name_constraints: Option<DescribedConstraints>,
    subject_key_identifier: Option<String>,
    authority_key_identifier: Option<String>,
    crl: Vec<String>,
    extensions: Vec<DescribedExtension>,
    unreadable: Vec<String>,
}

/// Whether a certificate is valid by its dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Validness {
    /// Now lies between its dates.
    Valid,
    /// It has not begun.
    NotYetValid,
    /// It is over.
    Expired,
}

/// What a certificate is in a chain, as far as it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// A CA signed by itself.
    Root,
    /// Another CA.
    Ca,
    /// No CA, and signed by itself.
    SelfSigned,
    /// No CA.
    EndEntity,
}

/// A name in a certificate by anybody.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum DescribedName {
    /// A host name, as it stands there.
    Dns(String),
    /// An address, or what stands in the place of one.
    Ip(String),
    /// An e-mail address.
    Email(String),
    /// A URI.
    Uri(String),
    /// Another kind.
    Other(String),
}

/// What a CA may vouch for.
#[derive(Debug, Serialize)]
pub(super) struct DescribedConstraints {
    critical: bool,
    permitted: Vec<String>,
    excluded: Vec<String>,
}

/// An extension, by its name.
#[derive(Debug, Serialize)]
pub(super) struct DescribedExtension {
    oid: String,
    name: String,
    critical: bool,
}

impl CertificateDescription {
    /// What a certificate says, judged by its dates now.
    pub fn of(certificate: &Certificate, now: OffsetDateTime) -> Self {
        let tbs = certificate.tbs();
        let validity = tbs.validity();
        let mut unreadable = Vec::new();
        let mut note = |error: String| unreadable.push(error);
        let basic = read(tbs.basic_constraints(), &mut note);
        let key_usage = read(tbs.key_usage(), &mut note).unwrap_or_default();
        let extended = read(tbs.extended_key_usage(), &mut note);
        let names = read(tbs.subject_alt_names(), &mut note).unwrap_or_default();
        let constraints = read(tbs.name_constraints(), &mut note);
        let subject_key_identifier = read(tbs.subject_key_identifier(), &mut note);
        let authority_key_identifier = read(tbs.authority_key_identifier(), &mut note);
        let crl = tbs.crl_uris().unwrap_or_else(|error| {
            note(error.to_string());
            Vec::new()
        });
        Self {
            subject: tbs.subject().to_string(),
            issuer: tbs.issuer().to_string(),
            serial: tbs.serial_digits(),
            sha256: certificate.fingerprint(),
            not_before: validity.not_before().into(),
            not_after: validity.not_after().into(),
            status: Validness::of(tbs, now),
            role: role(certificate),
            path_length: match basic {
                Some(BasicConstraints::Ca { path_len }) => path_len,
                _ => None,
            },
            names: names.iter().map(DescribedName::of).collect(),
            key: tbs.public_key().kind().to_string(),
            public_key_sha256: hexadecimal(&tbs.public_key().sha256()),
            signature_algorithm: signature_algorithm(certificate.signature_oid()),
            key_usage: key_usage.iter().map(|usage| usage.name().to_owned()).collect(),
            extended_key_usage: extended
                .iter()
                .flat_map(|usage| usage.purposes())
                .map(|it| oid::name(it).to_owned())
                .collect(),
            name_constraints: constraints.map(|constraints| DescribedConstraints::of(&constraints, tbs)),
            subject_key_identifier: subject_key_identifier.map(|identifier| identifier.to_string()),
            authority_key_identifier: authority_key_identifier.map(|identifier| identifier.to_string()),
            crl,
            extensions: tbs.extensions().iter().map(DescribedExtension::of).collect(),
            unreadable,
        }
    }

    /// Tells it.
    pub fn tell(&self, page: &mut Page, now: OffsetDateTime) {
        page.heading(self.role.words());
        page.field("subject", or_none(&self.subject));
        let names: Vec<&str> = self.names.iter().map(DescribedName::text).collect();
        if !names.is_empty() || self.role == Role::EndEntity {
            page.field("names", or_none(&names.join(", ")));
        }
        if self.role != Role::Root {
            page.field("issuer", or_none(&self.issuer));
        }
        page.field("valid", &format!("{} to {}", self.not_before.date(), self.not_after.told(now)));
        if self.status != Validness::Valid {
            page.field("", self.status.words());
        }
        page.field("key", &format!("{}, signed with {}", self.key, self.signature_algorithm));
        page.field("serial", &self.serial);
        page.field("SHA-256", &self.sha256);
        let purposes: Vec<&str> = self.key_usage.iter().chain(&self.extended_key_usage).map(String::as_str).collect();
        if !purposes.is_empty() {
            page.field("for", &purposes.join(", "));
        }
        if let Some(limit) = self.path_length {
            page.field("path length", &limit.to_string());
        }
        if let Some(constraints) = &self.name_constraints {
            constraints.tell(page);
        }
        if !self.crl.is_empty() {
            page.field("CRL", &self.crl.join(", "));
        }
        for broken in &self.unreadable {
            page.field("broken", broken);
        }
    }
}

impl Validness {
    fn of(tbs: &TbsCertificate, now: OffsetDateTime) -> Self {
        let validity = tbs.validity();
        if now < validity.not_before() {
            Self::NotYetValid
        } else if now > validity.not_after() {
            Self::Expired
        } else {
            Self::Valid
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::NotYetValid => "it is not valid yet",
            Self::Expired => "it has expired",
        }
    }
}

impl Role {
    fn words(self) -> &'static str {
        match self {
            Self::Root => "root certificate",
            Self::Ca => "CA certificate",
            Self::SelfSigned => "self-signed certificate",
            Self::EndEntity => "certificate",
        }
    }
}

impl DescribedName {
    pub(super) fn of(name: &AltName) -> Self {
        match name {
            AltName::Dns(text) => Self::Dns(text.clone()),
            AltName::Ip(_) => Self::Ip(name.to_string()),
            AltName::Email(text) => Self::Email(text.clone()),
            AltName::Uri(text) => Self::Uri(text.clone()),
            AltName::Other(_) => Self::Other(name.to_string()),
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Dns(text) | Self::Ip(text) | Self::Email(text) | Self::Uri(text) | Self::Other(text) => text,
        }
    }
}

impl DescribedConstraints {
    fn of(constraints: &NameConstraints, tbs: &TbsCertificate) -> Self {
        let texts = |subtrees: &[crate::x509::Subtree]| subtrees.iter().map(ToString::to_string).collect();
        Self {
            critical: tbs.extension(oid::NAME_CONSTRAINTS).is_some_and(|extension| extension.critical),
            permitted: texts(constraints.permitted()),
            excluded: texts(constraints.excluded()),
        }
    }

    fn tell(&self, page: &mut Page) {
        let how = if self.critical { "" } else { " (not critical: programs that do not know constraints ignore them)" };
        page.field("vouches for", &format!("{}{how}", or_none(&self.permitted.join(", "))));
        if !self.excluded.is_empty() {
            page.field("never for", &self.excluded.join(", "));
        }
    }
}

impl DescribedExtension {
    fn of(extension: &crate::x509::Extension) -> Self {
        let name = oid::name(&extension.oid).to_owned();
        Self { oid: extension.oid.clone(), name, critical: extension.critical }
    }
}

pub(super) fn signature_algorithm(dotted: &str) -> String {
    match SignatureAlgorithm::from_oid(dotted) {
        Ok(algorithm) => algorithm.to_string(),
        Err(unknown) => unknown.name.map_or_else(|| dotted.to_owned(), str::to_owned),
    }
}

fn role(certificate: &Certificate) -> Role {
    match (certificate.tbs().is_ca(), certificate.is_self_signed()) {
        (true, true) => Role::Root,
        (true, false) => Role::Ca,
        (false, true) => Role::SelfSigned,
        (false, false) => Role::EndEntity,
    }
}

fn read<T, E: ToString>(result: Result<Option<T>, E>, note: &mut impl FnMut(String)) -> Option<T> {
    result.unwrap_or_else(|error| {
        note(error.to_string());
        None
    })
}

pub(super) fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}
