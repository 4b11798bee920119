//! A signed message by anybody, RFC 5652 5: its content, who says to have signed it, and whether that is so.
//!
//! Whether the signer is to be believed is another question, which only the one who reads can answer.

use cms::{
    cert::CertificateChoices,
    content_info::{CmsVersion, ContentInfo},
    revocation::RevocationInfoChoices,
    signed_data::{CertificateSet, DigestAlgorithmIdentifiers, SignerIdentifier, SignerInfo, SignerInfos},
};
use const_oid::db::{
    rfc5911::{ID_MESSAGE_DIGEST, ID_SIGNED_DATA, ID_SIGNING_TIME},
    rfc5912::RSA_ENCRYPTION,
};
use der::{Any, Decode, Encode, Sequence, asn1::OctetString, oid::ObjectIdentifier};
use thiserror::Error;
use time::OffsetDateTime;

use crate::x509::{Certificate, DigestAlgorithm, SignatureAlgorithm};

/// A signed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadSignedData {
    /// What is signed.
    pub content: Vec<u8>,
    /// The first signer; most messages have one.
    pub signer: ReadSigner,
    /// The certificates that came along.
    pub certificates: Vec<Certificate>,
}

/// Who says to have signed a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadSigner {
    /// The signer's certificate, if it came along.
    pub certificate: Option<Certificate>,
    /// When, as the signer says.
    pub signed_at: Option<OffsetDateTime>,
    /// Whether the key of that certificate signed this content.
    pub verdict: Result<(), SignerVerdict>,
}

/// Why a signature says nothing of the content.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SignerVerdict {
    /// Nobody knows whose it is.
    #[error("the signer's certificate is not in it")]
    NoCertificate,
    /// An algorithm that is not verified here.
    #[error("its algorithm {0} is not verified here")]
    Algorithm(String),
    /// The digest that was signed is not that of the content.
    #[error("the content was changed after it was signed")]
    OtherContent,
    /// The signature is not of that key.
    #[error("the signature was not made by the key of that certificate")]
    Forged,
    /// The attributes that are signed lack the digest.
    #[error("the signature is not over the content")]
    NoDigest,
}

/// Why bytes are no signed message.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SignedDataReadError {
    /// Not such a message.
    #[error("it is no signed message: {0}")]
    Malformed(String),
    /// The content lies elsewhere.
    #[error("its content is not in it")]
    Detached,
    /// Certificates alone.
    #[error("nobody signed it")]
    Unsigned,
}

impl ReadSignedData {
    /// Whether bytes are a signed message, right or wrong inside.
    pub fn may_be(bytes: &[u8]) -> bool {
        ContentInfo::from_ber(bytes).is_ok_and(|message| message.content_type == ID_SIGNED_DATA)
    }

    /// Reads a message in DER, or in BER as some programs write it.
    ///
    /// # Errors
    /// Bytes that are none, or one without content or signer.
    pub fn from_ber(bytes: &[u8]) -> Result<Self, SignedDataReadError> {
        let malformed = |error: der::Error| SignedDataReadError::Malformed(error.to_string());
        let Message { signed, .. } = Message::from_ber(bytes).map_err(malformed)?;
        let content = signed.content.octets.as_ref().ok_or(SignedDataReadError::Detached)?.as_bytes();
        let certificates = certificates(&signed);
        let signer = signed.signers.0.get(0).ok_or(SignedDataReadError::Unsigned)?;
        let signer = ReadSigner::of(signer, content, &certificates);
        Ok(Self { content: content.to_vec(), signer, certificates })
    }
}

/// A ContentInfo of SignedData, RFC 5652 3 and 5.1. The types of the crate `cms` hold the content as any value, and lose
/// there where the pieces of a BER string begin and end.
#[derive(Sequence)]
struct Message {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    signed: Signed,
}

#[derive(Sequence)]
struct Signed {
    version: CmsVersion,
    digest_algorithms: DigestAlgorithmIdentifiers,
    content: Content,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    certificates: Option<CertificateSet>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    crls: Option<RevocationInfoChoices>,
    signers: SignerInfos,
}

#[derive(Sequence)]
struct Content {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    octets: Option<OctetString>,
}

impl ReadSigner {
    fn of(signer: &SignerInfo, content: &[u8], certificates: &[Certificate]) -> Self {
        let certificate = certificates.iter().find(|certificate| is_of(&signer.sid, certificate)).cloned();
        let verdict = match &certificate {
            Some(certificate) => verify(signer, content, certificate),
            None => Err(SignerVerdict::NoCertificate),
        };
        Self { certificate, signed_at: signed_at(signer), verdict }
    }
}

fn certificates(signed: &Signed) -> Vec<Certificate> {
    let choices = signed.certificates.iter().flat_map(|set| set.0.iter());
    choices
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Certificate::from_der(&certificate.to_der().ok()?).ok(),
            CertificateChoices::Other(_) => None,
        })
        .collect()
}

fn is_of(signer: &SignerIdentifier, certificate: &Certificate) -> bool {
    let tbs = certificate.tbs();
    match signer {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            let is_issuer = named.issuer.to_der().is_ok_and(|issuer| issuer == tbs.issuer().as_der());
            is_issuer && named.serial_number.as_bytes() == tbs.serial_octets()
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => {
            matches!(tbs.subject_key_identifier(), Ok(Some(own)) if own.as_octets() == named.0.as_bytes())
        }
    }
}

fn verify(signer: &SignerInfo, content: &[u8], certificate: &Certificate) -> Result<(), SignerVerdict> {
    let digest = signer.digest_alg.oid.to_string();
    let digest = DigestAlgorithm::from_oid(&digest).ok_or(SignerVerdict::Algorithm(digest))?;
    let algorithm = signature_algorithm(signer, digest)?;
    // RFC 5652 5.4: with attributes it is they that are signed, and among them is the digest of the content.
    let signed = match &signer.signed_attrs {
        Some(attributes) => {
            let value = attribute(signer, ID_MESSAGE_DIGEST).ok_or(SignerVerdict::NoDigest)?;
            let named = value.decode_as::<OctetString>().map_err(|_| SignerVerdict::NoDigest)?;
            if named.as_bytes() != digest.digest(content) {
                return Err(SignerVerdict::OtherContent);
            }
            attributes.to_der().map_err(|_| SignerVerdict::NoDigest)?
        }
        None => content.to_vec(),
    };
    let key = certificate.tbs().public_key();
    key.verify(algorithm, &signed, signer.signature.as_bytes()).map_err(|_| SignerVerdict::Forged)
}

fn signature_algorithm(signer: &SignerInfo, digest: DigestAlgorithm) -> Result<SignatureAlgorithm, SignerVerdict> {
    let oid = signer.signature_algorithm.oid;
    let unknown = || SignerVerdict::Algorithm(oid.to_string());
    if oid == RSA_ENCRYPTION {
        return Ok(match digest {
            DigestAlgorithm::Sha256 => SignatureAlgorithm::RsaPkcs1Sha256,
            DigestAlgorithm::Sha384 => SignatureAlgorithm::RsaPkcs1Sha384,
            DigestAlgorithm::Sha512 => SignatureAlgorithm::RsaPkcs1Sha512,
        });
    }
    SignatureAlgorithm::from_oid(&oid.to_string()).map_err(|_| unknown())
}

/// The one value of an attribute that is signed.
fn attribute(signer: &SignerInfo, oid: ObjectIdentifier) -> Option<&Any> {
    let attribute = signer.signed_attrs.as_ref()?.iter().find(|attribute| attribute.oid == oid)?;
    attribute.values.get(0)
}

fn signed_at(signer: &SignerInfo) -> Option<OffsetDateTime> {
    let time = attribute(signer, ID_SIGNING_TIME)?.decode_as::<cms::cert::x509::time::Time>().ok()?;
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}
