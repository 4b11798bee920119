//! A certificate revocation list as it is read, RFC 5280 section 5.

use der::{Encode, asn1::BitString};
use time::OffsetDateTime;
use x509_parser::{
    extensions::ParsedExtension, prelude::FromDer, revocation_list::CertificateRevocationList as ParsedCrl,
    revocation_list::RevokedCertificate as ParsedEntry, revocation_list::TbsCertList as ParsedTbs,
};

use super::{
    certificate::{CertificateError, SignatureError},
    crl_number::CrlNumber,
    encoding::{elements, sequence},
    extension::{Extension, ExtensionError, KeyIdentifier},
    name::DistinguishedName,
    oid,
    public_key::{SignatureAlgorithm, SubjectPublicKeyInfo},
};

/// A CRL: what is signed in it, and the signature.
#[derive(Clone, Debug)]
pub struct CertificateList {
    der: Vec<u8>,
    tbs: TbsCertList,
    signature_oid: String,
    signature: Vec<u8>,
}

/// What is signed in a CRL: who issued it, when, and what it revokes.
#[derive(Clone, Debug)]
pub struct TbsCertList {
    der: Vec<u8>,
    version: u32,
    signature_oid: String,
    issuer: DistinguishedName,
    number: Option<String>,
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    revoked: Vec<RevokedCertificate>,
    extensions: Vec<Extension>,
}

/// One revoked certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedCertificate {
    /// The serial number, lower-case hexadecimal.
    pub serial: String,
    /// When it was revoked.
    pub revocation_date: OffsetDateTime,
    /// Why, in RFC 5280's spelling, if it says.
    pub reason: Option<&'static str>,
}

impl CertificateList {
    /// Reads a CRL.
    ///
    /// # Errors
    /// Bytes that are none, or that go on after it.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, parsed) =
            ParsedCrl::from_der(der).map_err(|error| CertificateError::Malformed(error.to_string()))?;
        if !rest.is_empty() {
            return Err(CertificateError::TrailingBytes(rest.len()));
        }
        Ok(Self {
            der: der.to_vec(),
            tbs: TbsCertList::of(&parsed.tbs_cert_list),
            signature_oid: parsed.signature_algorithm.algorithm.to_id_string(),
            signature: parsed.signature_value.data.to_vec(),
        })
    }

    /// Puts a signature behind what was signed, RFC 5280 5.1.1.
    ///
    /// # Errors
    /// Bytes that do not make a CRL.
    pub fn assemble(tbs: TbsCertList, signature: Vec<u8>) -> Result<Self, CertificateError> {
        let encoding = |error: der::Error| CertificateError::Encoding(error.to_string());
        let algorithm = elements(&tbs.der)
            .map_err(encoding)?
            .into_iter()
            .nth(SIGNATURE_ELEMENT)
            .ok_or(CertificateError::Unfaithful("signature algorithm"))?;
        let bits = BitString::from_bytes(&signature).and_then(|bits| bits.to_der()).map_err(encoding)?;
        let der = sequence(&[&tbs.der, &algorithm, &bits]).map_err(encoding)?;
        Ok(Self { der, signature_oid: tbs.signature_oid.clone(), tbs, signature })
    }

    /// The encoding.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// What is signed in it.
    pub fn tbs(&self) -> &TbsCertList {
        &self.tbs
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
        Ok(issuer.verify(algorithm, &self.tbs.der, &self.signature)?)
    }
}

impl TbsCertList {
    /// Reads what will be signed.
    ///
    /// # Errors
    /// Bytes that are none, or that go on after it.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, parsed) =
            ParsedTbs::from_der(der).map_err(|error| CertificateError::Malformed(error.to_string()))?;
        if !rest.is_empty() {
            return Err(CertificateError::TrailingBytes(rest.len()));
        }
        Ok(Self::of(&parsed))
    }

    fn of(parsed: &ParsedTbs<'_>) -> Self {
        Self {
            der: parsed.as_ref().to_vec(),
            version: parsed.version.map_or(1, |version| version.0 + 1),
            signature_oid: parsed.signature.algorithm.to_id_string(),
            issuer: DistinguishedName::from_parsed(&parsed.issuer),
            number: parsed.extensions().iter().find_map(|extension| match extension.parsed_extension() {
                ParsedExtension::CRLNumber(number) => Some(number.to_string()),
                _ => None,
            }),
            this_update: parsed.this_update.to_datetime(),
            next_update: parsed.next_update.map(|time| time.to_datetime()),
            revoked: parsed.revoked_certificates.iter().map(RevokedCertificate::of).collect(),
            extensions: parsed
                .extensions()
                .iter()
                .map(|extension| Extension {
                    oid: extension.oid.to_id_string(),
                    critical: extension.critical,
                    value: extension.value.to_vec(),
                })
                .collect(),
        }
    }

    /// The encoding, byte for byte.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The version as people count it: 1 or 2.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Who issued it.
    pub fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// The CRL number in decimal, RFC 5280 5.2.3.
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }

    /// The CRL number, if it is one that we could have given.
    pub fn crl_number(&self) -> Option<CrlNumber> {
        self.number.as_deref()?.parse().ok().and_then(CrlNumber::new)
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

    /// All extensions of the list in their order.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// The identifier of the key that signs it, RFC 5280 5.2.1.
    ///
    /// # Errors
    /// An extension that cannot be read.
    pub fn authority_key_identifier(&self) -> Result<Option<KeyIdentifier>, ExtensionError> {
        let extension = self.extensions.iter().find(|extension| extension.oid == oid::AUTHORITY_KEY_IDENTIFIER);
        Ok(extension.map(Extension::authority_key_identifier).transpose()?.flatten())
    }
}

impl RevokedCertificate {
    fn of(parsed: &ParsedEntry<'_>) -> Self {
        Self {
            serial: hexadecimal(parsed.raw_serial()),
            revocation_date: parsed.revocation_date.to_datetime(),
            reason: parsed.reason_code().map(|(_, reason)| reason_name(reason.0)),
        }
    }
}

/// A list may have a hundred thousand of these: no formatting machinery.
fn hexadecimal(octets: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    let mut text = String::with_capacity(2 * octets.len());
    for octet in octets {
        text.push(digit(octet >> 4));
        text.push(digit(octet & 15));
    }
    text
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

/// Where the signature algorithm stands in a TBSCertList with a version, RFC 5280 5.1.
const SIGNATURE_ELEMENT: usize = 1;
