//! A certificate as the ledger knows it.

use std::{fmt, net::IpAddr};

use serde::Serialize;
use time::OffsetDateTime;

use super::issuer_role::IssuerRole;
use crate::x509::{AltName, Certificate, CertificateError, GeneralName};

/// A row of the ledger: one serial number and what became of it.
#[derive(Clone, Debug)]
pub struct CertificateRecord {
    /// Its place in the ledger; newer rows have higher ones.
    pub place: i64,
    /// What its issuer is.
    pub issuer: IssuerRole,
    /// Which of the issuers of that role.
    pub issuer_ordinal: i64,
    /// The serial number in hexadecimal digits.
    pub serial: String,
    /// The profile it was made by.
    pub profile: String,
    /// The lineage it belongs to, or was called by.
    pub label: Option<String>,
    /// Which certificate of the lineage it is, if its key is kept in the home.
    pub generation: Option<i64>,
    /// The names it vouches for.
    pub names: Vec<RecordedName>,
    /// Its subject, where it was issued elsewhere.
    pub subject: Option<String>,
    /// The first second of its life; that of 1970 where an index without it is all that is known.
    pub not_before: OffsetDateTime,
    /// The last second of its life.
    pub not_after: OffsetDateTime,
    /// SHA-256 of its public key, in hexadecimal digits.
    pub key_sha256: Option<String>,
    /// Its fingerprint, once it is issued.
    pub sha256: Option<String>,
    /// Its bytes: none where it was only reserved, or came from an index without them.
    pub certificate: Option<Vec<u8>>,
    /// When it was issued.
    pub issued_at: Option<OffsetDateTime>,
    /// When it was revoked.
    pub revoked_at: Option<OffsetDateTime>,
    /// Why, in RFC 5280's spelling.
    pub revocation_reason: Option<String>,
}

/// A name in the ledger: `{"ip": "192.168.0.1"}` or `{"dns": "hub.local"}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordedName {
    /// An address.
    Ip(String),
    /// A host name, in A-labels.
    Dns(String),
}

/// What a row amounts to at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It can be used.
    Good,
    /// Its life is over.
    Expired,
    /// It was withdrawn.
    Revoked,
    /// Its serial number is taken, and it may have been signed, but it was never handed out.
    Reserved,
}

impl CertificateRecord {
    /// What it amounts to now; "expired" is a question to the clock and never stored.
    pub fn status(&self, now: OffsetDateTime) -> Status {
        if self.revoked_at.is_some() {
            Status::Revoked
        } else if self.issued_at.is_none() {
            Status::Reserved
        } else if self.not_after < now {
            Status::Expired
        } else {
            Status::Good
        }
    }

    /// Whether its life has begun: a clock may have been ahead when it was issued.
    pub fn has_begun(&self, now: OffsetDateTime) -> bool {
        self.not_before <= now
    }

    /// The first second of its life, where that is known.
    pub fn begins(&self) -> Option<OffsetDateTime> {
        Some(self.not_before).filter(|begin| *begin != OffsetDateTime::UNIX_EPOCH)
    }

    /// When it was issued, where that is known: not of what was only reserved, nor of what stands in an index that tells no dates.
    pub fn known_issue(&self) -> Option<OffsetDateTime> {
        self.issued_at.filter(|at| *at != OffsetDateTime::UNIX_EPOCH)
    }

    /// The certificate, where the ledger has its bytes.
    ///
    /// # Errors
    /// Bytes in the ledger that are no certificate.
    pub fn parse(&self) -> Result<Option<Certificate>, CertificateError> {
        self.certificate.as_deref().map(Certificate::from_der).transpose()
    }
}

impl RecordedName {
    /// The address, if it is one.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(text) => text.parse().ok(),
            Self::Dns(_) => None,
        }
    }
}

impl From<&GeneralName> for RecordedName {
    fn from(name: &GeneralName) -> Self {
        match name {
            GeneralName::Dns(name) => Self::Dns(name.to_string()),
            GeneralName::Ip(address) => Self::Ip(address.to_string()),
        }
    }
}

impl fmt::Display for RecordedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(text) | Self::Dns(text) => formatter.write_str(text),
        }
    }
}

impl Status {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Reserved => "reserved",
        }
    }
}

/// The names in a certificate, sorted; none where one is of a kind that is not recorded.
pub(super) fn names_in(certificate: &Certificate) -> Option<Vec<RecordedName>> {
    let read = certificate.tbs().subject_alt_names().ok()?.unwrap_or_default();
    let recorded = |name: AltName| match name {
        AltName::Dns(text) => Some(RecordedName::Dns(text)),
        AltName::Ip(octets) => {
            let four = <[u8; 4]>::try_from(octets.as_slice()).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(octets.as_slice()).map(IpAddr::from));
            Some(RecordedName::Ip(address.ok()?.to_string()))
        }
        AltName::Email(_) | AltName::Uri(_) | AltName::Other(_) => None,
    };
    let mut names = read.into_iter().map(recorded).collect::<Option<Vec<_>>>()?;
    names.sort();
    Some(names)
}

/// The names in a column, sorted; none where they cannot be read.
pub(super) fn names_of(text: &str) -> Option<Vec<RecordedName>> {
    let mut names: Vec<RecordedName> = serde_json::from_str(text).ok()?;
    names.sort();
    Some(names)
}
