//! A certificate revocation list as it is read, RFC 5280 section 5.

use time::OffsetDateTime;
use x509_parser::{prelude::FromDer, revocation_list::CertificateRevocationList as ParsedList};

use super::{
    certificate::{CertificateError, SignatureError},
    name::DistinguishedName,
    public_key::{SignatureAlgorithm, SubjectPublicKeyInfo},
};

/// A CRL: who issued it, when, and what it revokes.
#[derive(Clone, Debug)]
pub struct CertificateList {
    der: Vec<u8>,
    tbs: Vec<u8>,
    signature_oid: String,
    signature: Vec<u8>,
    issuer: DistinguishedName,
    number: Option<String>,
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    revoked: Vec<RevokedCertificate>,
}

/// One revoked certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedCertificate {
    /// The serial number, lower-case hexadecimal.
    pub serial: String,
    /// When it was revoked.
    pub revocation_date: OffsetDateTime,
    /// Why, in RFC 5280's spelling, if it says.
    pub reason: Option<String>,
}

impl CertificateList {
    /// Reads a CRL.
    ///
    /// # Errors
    /// Bytes that are none, or that go on after it.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, parsed) =
            ParsedList::from_der(der).map_err(|error| CertificateError::Malformed(error.to_string()))?;
        if !rest.is_empty() {
            return Err(CertificateError::TrailingBytes(rest.len()));
        }
        Ok(Self {
            der: der.to_vec(),
            tbs: parsed.tbs_cert_list.as_ref().to_vec(),
            signature_oid: parsed.signature_algorithm.algorithm.to_id_string(),
            signature: parsed.signature_value.data.to_vec(),
            issuer: DistinguishedName::from_parsed(parsed.issuer()),
            number: parsed.crl_number().map(ToString::to_string),
            this_update: parsed.last_update().to_datetime(),
            next_update: parsed.next_update().map(|time| time.to_datetime()),
            revoked: parsed
                .iter_revoked_certificates()
                .map(|entry| RevokedCertificate {
                    serial: entry.raw_serial().iter().map(|octet| format!("{octet:02x}")).collect(),
                    revocation_date: entry.revocation_date.to_datetime(),
                    reason: entry.reason_code().map(|(_, reason)| reason_name(reason.0).to_owned()),
                })
                .collect(),
        })
    }

    /// The encoding.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Who issued it.
    pub fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// The CRL number in decimal, RFC 5280 5.2.3.
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }

    /// When it was made.
    pub fn this_update(&self) -> OffsetDateTime {
        self.this_update
    }

    /// When the next one is due at the latest.
    pub fn next_update(&self) -> Option<OffsetDateTime> {
        self.next_update
    }

    /// What it revokes.
    pub fn revoked(&self) -> &[RevokedCertificate] {
        &self.revoked
    }

    /// The dotted identifier of the algorithm of its signature.
    pub fn signature_oid(&self) -> &str {
        &self.signature_oid
    }

    /// Whether its signature is one of that key.
    ///
    /// # Errors
    /// An algorithm that nobody should trust, or a signature that does not verify.
    pub fn verify_signed_by(&self, issuer: &SubjectPublicKeyInfo) -> Result<(), SignatureError> {
        let algorithm = SignatureAlgorithm::from_oid(&self.signature_oid)?;
        Ok(issuer.verify(algorithm, &self.tbs, &self.signature)?)
    }
}

/// The CRLReason of a number, RFC 5280 5.3.1.
fn reason_name(number: u8) -> &'static str {
    match number {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => "a reason that RFC 5280 does not know",
    }
}
