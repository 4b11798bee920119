//! A certificate revocation list as it is read, RFC 5280 section 5.

use std::fmt;

use der::{
    Decode, Encode, Tag, Tagged,
    asn1::{AnyRef, BitString},
};
use time::OffsetDateTime;
use x509_parser::{
    extensions::ParsedExtension, prelude::FromDer, revocation_list::CertificateRevocationList as ParsedCrl,
    revocation_list::TbsCertList as ParsedTbs,
};

use super::{
    certificate_error::{CertificateError, SignatureError},
    crl_number::CrlNumber,
    encoding::{elements, sequence},
    extension::{Extension, ExtensionError, KeyIdentifier},
    name::DistinguishedName,
    oid,
    public_key::{SignatureAlgorithm, SubjectPublicKeyInfo},
    revoked_certificates::{RevokedCertificate, RevokedCertificates},
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
    revoked: RevokedCertificates,
    extensions: Vec<Extension>,
}

impl CertificateList {
    /// Reads a CRL.
    ///
    /// # Errors
    /// Bytes that are none, or that go on after it.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let parts = elements(single(der)?).map_err(malformed)?;
        let [tbs, algorithm, signature] = parts[..] else {
            return Err(CertificateError::Malformed("a CRL has three parts".to_owned()));
        };
        let (frame, entries) = without_entries(tbs)?;
        let frame = sequence(&[&frame, algorithm, signature]).map_err(malformed)?;
        let (_, parsed) = ParsedCrl::from_der(&frame).map_err(malformed)?;
        Ok(Self {
            der: der.to_vec(),
            tbs: TbsCertList::of(&parsed.tbs_cert_list, tbs, RevokedCertificates::read(tbs, entries)?)?,
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
        let parts = elements(&tbs.der).map_err(encoding)?;
        let algorithm = parts.get(SIGNATURE_ELEMENT).ok_or(CertificateError::Unfaithful("signature algorithm"))?;
        let bits = BitString::from_bytes(&signature).and_then(|bits| bits.to_der()).map_err(encoding)?;
        let der = sequence(&[&tbs.der, algorithm, &bits]).map_err(encoding)?;
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
        let (frame, entries) = without_entries(single(der)?)?;
        let (_, parsed) = ParsedTbs::from_der(&frame).map_err(malformed)?;
        Self::of(&parsed, der, RevokedCertificates::read(der, entries)?)
    }

    fn of(parsed: &ParsedTbs<'_>, der: &[u8], revoked: RevokedCertificates) -> Result<Self, CertificateError> {
        Ok(Self {
            der: der.to_vec(),
            version: parsed.version.map_or(1, |version| version.0 + 1),
            signature_oid: parsed.signature.algorithm.to_id_string(),
            issuer: DistinguishedName::from_parsed(&parsed.issuer)?,
            number: parsed.extensions().iter().find_map(|extension| match extension.parsed_extension() {
                ParsedExtension::CRLNumber(number) => Some(number.to_string()),
                _ => None,
            }),
            this_update: parsed.this_update.to_datetime(),
            next_update: parsed.next_update.map(|time| time.to_datetime()),
            revoked,
            extensions: parsed.extensions().iter().map(Extension::from_parsed).collect(),
        })
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
    pub fn revoked(&self) -> impl ExactSizeIterator<Item = RevokedCertificate<'_>> {
        self.revoked.entries(&self.der)
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

/// What is signed in a CRL, as it stands in its encoding; nothing of it is looked at.
pub fn signed_part(der: &[u8]) -> Option<&[u8]> {
    elements(single(der).ok()?).ok()?.first().copied()
}

/// What is signed in a list without its entries, which may be absent anyway, and the entries: those are read one by one,
/// and never all at once.
fn without_entries(tbs: &[u8]) -> Result<(Vec<u8>, &[u8]), CertificateError> {
    let mut parts = elements(tbs).map_err(malformed)?;
    let is_sequence = |part: &&[u8]| AnyRef::from_der(part).is_ok_and(|part| part.tag() == Tag::Sequence);
    // The third SEQUENCE, behind the algorithm and the issuer.
    let third = parts.iter().enumerate().filter(|(_, part)| is_sequence(part)).nth(2).map(|(place, _)| place);
    let Some(place) = third else { return Ok((tbs.to_vec(), &[])) };
    let list = AnyRef::from_der(parts.remove(place)).map_err(malformed)?.value();
    // Behind it is nothing but the extensions, before it at least one time.
    let is_in_place = parts.len() - place <= 1
        && parts.get(place).is_none_or(|part| !is_time(part))
        && place.checked_sub(1).and_then(|before| parts.get(before)).is_some_and(|part| is_time(part));
    if !is_in_place {
        return Err(CertificateError::Malformed("its entries are not where a CRL has them".to_owned()));
    }
    Ok((sequence(&parts).map_err(malformed)?, list))
}

fn is_time(part: &[u8]) -> bool {
    AnyRef::from_der(part).is_ok_and(|part| matches!(part.tag(), Tag::UtcTime | Tag::GeneralizedTime))
}

/// One value and nothing behind it.
fn single(der: &[u8]) -> Result<&[u8], CertificateError> {
    let (_, rest) = AnyRef::from_der_partial(der).map_err(malformed)?;
    if rest.is_empty() { Ok(der) } else { Err(CertificateError::TrailingBytes(rest.len())) }
}

fn malformed(error: impl fmt::Display) -> CertificateError {
    CertificateError::Malformed(error.to_string())
}

/// Where the signature algorithm stands in a TBSCertList with a version, RFC 5280 5.1.
const SIGNATURE_ELEMENT: usize = 1;
