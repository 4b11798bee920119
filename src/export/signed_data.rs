//! A signature around a profile: CMS SignedData, RFC 5652 5, attached, in DER, with the certificates a device needs.

use cms::{
    cert::{
        CertificateChoices, IssuerAndSerialNumber,
        x509::{
            self,
            attr::{Attribute, AttributeValue, Attributes},
            spki::AlgorithmIdentifierOwned,
            time::Time,
        },
    },
    content_info::{CmsVersion, ContentInfo},
    signed_data::{CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos},
};
use const_oid::{
    ObjectIdentifier,
    db::{
        rfc5911::{ID_CONTENT_TYPE, ID_DATA, ID_MESSAGE_DIGEST, ID_SIGNED_DATA, ID_SIGNING_TIME},
        rfc5912::RSA_ENCRYPTION,
    },
};
use der::{
    Any, Decode, Encode,
    asn1::{GeneralizedTime, OctetString, SetOfVec, UtcTime},
};
use thiserror::Error;
use time::OffsetDateTime;

use super::anchor::Anchor;
use crate::{
    keys::{KeyError, SigningKey},
    x509::{Certificate, CertificationPath, DigestAlgorithm, ExtensionError, KeyUsage, SignatureAlgorithm},
};

/// Who signs profiles: a certificate, its key, and the CAs between it and a root that devices have.
pub struct ContentSigner {
    certificate: Certificate,
    above: Vec<Certificate>,
    key: SigningKey,
}

/// Why somebody does not sign profiles.
#[derive(Debug, Error)]
pub enum ContentSignerError {
    /// The key of something else.
    #[error("the key is not that of the certificate of `{0}`")]
    OtherKey(String),
    /// A certificate that is not valid now.
    #[error("the certificate of `{subject}` is valid from {from} to {until}, which is not now")]
    NotValidNow {
        /// Whose it is.
        subject: String,
        /// Its first day.
        from: time::Date,
        /// Its last day.
        until: time::Date,
    },
    /// A certificate whose key is for something else, RFC 5280 4.2.1.3.
    #[error("the certificate of `{0}` is not for signing: its key usage has no digitalSignature")]
    NotForSigning(String),
    /// A certificate that cannot be read.
    #[error("the certificate of `{subject}` cannot be used")]
    Extension {
        /// Whose it is.
        subject: String,
        /// What is wrong with it.
        source: ExtensionError,
    },
    /// A certificate in the chain that is above none of the others.
    #[error("the certificate of `{0}` in the chain is not above the signer's")]
    Stranger(String),
}

/// Why something could not be signed.
#[derive(Debug, Error)]
pub enum SignContentError {
    /// The key made no signature.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The message could not be encoded.
    #[error("the signed message could not be encoded: {0}")]
    Encoding(#[from] der::Error),
    /// A certificate that would be another one after it.
    #[error("the certificate of `{0}` is not in DER, so it would not survive being copied")]
    Altered(String),
}

impl ContentSigner {
    /// A signer. Roots in the chain are left out: a device has them, or does not believe them.
    ///
    /// # Errors
    /// A key of something else, a certificate that is not valid or not for signing, or a chain that does not lead up from
    /// it.
    pub fn new(
        certificate: Certificate,
        key: SigningKey,
        chain: Vec<Certificate>,
        now: OffsetDateTime,
    ) -> Result<Self, ContentSignerError> {
        let subject = || certificate.tbs().subject().to_string();
        if key.public_key() != certificate.tbs().public_key() {
            return Err(ContentSignerError::OtherKey(subject()));
        }
        let validity = certificate.tbs().validity();
        if !validity.contains(now) {
            let (from, until) = (validity.not_before().date(), validity.not_after().date());
            return Err(ContentSignerError::NotValidNow { subject: subject(), from, until });
        }
        let usage = certificate.tbs().key_usage();
        let usage = usage.map_err(|source| ContentSignerError::Extension { subject: subject(), source })?;
        if usage.is_some_and(|usage| !usage.contains(&KeyUsage::DigitalSignature)) {
            return Err(ContentSignerError::NotForSigning(subject()));
        }
        let above = above(&certificate, chain)?;
        Ok(Self { certificate, above, key })
    }

    /// The signer's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The CAs above it, nearest first, without a root.
    pub fn above(&self) -> &[Certificate] {
        &self.above
    }

    /// Whether a device believes this signer only once it trusts that root.
    pub fn is_below(&self, anchor: &Anchor) -> bool {
        let ours = || std::iter::once(anchor.root()).chain(anchor.issuing());
        let mut path = std::iter::once(&self.certificate).chain(&self.above);
        path.any(|certificate| {
            ours().any(|ca| ca == certificate || certificate.verify_signed_by(ca.tbs().public_key()).is_ok())
        })
    }

    /// Whether the CA that issued the signer's certificate does not come along.
    pub fn lacks_chain(&self) -> bool {
        self.above.is_empty() && !self.certificate.tbs().is_self_issued()
    }

    /// The content with a signature around it.
    ///
    /// # Errors
    /// A key that makes no signature, or certificates that cannot be copied.
    pub fn sign(&self, content: &[u8], now: OffsetDateTime) -> Result<Vec<u8>, SignContentError> {
        let algorithm = self.key.signature_algorithm();
        // RFC 5652 5.4: one digest is of the content, and of the attributes that are signed.
        let digest = algorithm.digest_algorithm().unwrap_or(DigestAlgorithm::Sha256);
        let digest_alg = identifier(digest.oid(), None)?;
        let signed_attrs = attributes(&digest.digest(content), now)?;
        let signature = self.key.sign(&signed_attrs.to_der()?)?;
        let signer = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(self.issuer_and_serial_number()?),
            digest_alg: digest_alg.clone(),
            signed_attrs: Some(signed_attrs),
            signature_algorithm: signature_identifier(algorithm)?,
            signature: OctetString::new(signature)?,
            unsigned_attrs: None,
        };
        let signed = SignedData {
            version: CmsVersion::V1,
            digest_algorithms: SetOfVec::try_from(vec![digest_alg])?,
            encap_content_info: EncapsulatedContentInfo {
                econtent_type: ID_DATA,
                econtent: Some(Any::encode_from(&OctetString::new(content)?)?),
            },
            certificates: Some(self.certificates()?),
            crls: None,
            signer_infos: SignerInfos::try_from(vec![signer])?,
        };
        let message = ContentInfo { content_type: ID_SIGNED_DATA, content: Any::encode_from(&signed)? };
        Ok(message.to_der()?)
    }

    fn issuer_and_serial_number(&self) -> Result<IssuerAndSerialNumber, SignContentError> {
        let certificate = faithful(&self.certificate)?;
        let tbs = certificate.tbs_certificate();
        Ok(IssuerAndSerialNumber { issuer: tbs.issuer().clone(), serial_number: tbs.serial_number().clone() })
    }

    fn certificates(&self) -> Result<CertificateSet, SignContentError> {
        let all = std::iter::once(&self.certificate).chain(&self.above);
        let choices = all.map(|certificate| faithful(certificate).map(CertificateChoices::Certificate));
        Ok(CertificateSet::try_from(choices.collect::<Result<Vec<_>, _>>()?)?)
    }
}

/// The CAs above a certificate, nearest first: all that were given but the root.
fn above(certificate: &Certificate, mut chain: Vec<Certificate>) -> Result<Vec<Certificate>, ContentSignerError> {
    let mut seen = vec![certificate.clone()];
    chain.retain(|above| {
        let is_new = !seen.contains(above);
        seen.push(above.clone());
        is_new
    });
    let Some(path) = CertificationPath::assemble([vec![certificate.clone()], chain].concat()) else {
        return Ok(Vec::new());
    };
    // Where something else is the end of the path, the signer is a stranger to it.
    let strangers = path.strangers().iter().find(|stranger| *stranger != certificate);
    if let Some(stranger) = strangers.or(path.certificates().first().filter(|first| *first != certificate)) {
        return Err(ContentSignerError::Stranger(stranger.tbs().subject().to_string()));
    }
    let above = path.certificates().iter().skip(1).filter(|certificate| !certificate.is_self_signed());
    Ok(above.cloned().collect())
}

/// The attributes that are signed, RFC 5652 11: what the content is, its digest, and when it was signed.
fn attributes(digest: &[u8], now: OffsetDateTime) -> Result<Attributes, der::Error> {
    SetOfVec::try_from(vec![
        attribute(ID_CONTENT_TYPE, Any::encode_from(&ID_DATA)?)?,
        attribute(ID_MESSAGE_DIGEST, Any::encode_from(&OctetString::new(digest)?)?)?,
        attribute(ID_SIGNING_TIME, Any::encode_from(&signing_time(now)?)?)?,
    ])
}

fn attribute(oid: ObjectIdentifier, value: AttributeValue) -> Result<Attribute, der::Error> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![value])? })
}

/// RFC 5652 11.3: UTCTime until 2049, GeneralizedTime from then on.
fn signing_time(now: OffsetDateTime) -> Result<Time, der::Error> {
    let since = std::time::Duration::from_secs(u64::try_from(now.unix_timestamp()).unwrap_or_default());
    UtcTime::from_unix_duration(since)
        .map(Time::UtcTime)
        .or_else(|_| GeneralizedTime::from_unix_duration(since).map(Time::GeneralTime))
}

fn signature_identifier(algorithm: SignatureAlgorithm) -> Result<AlgorithmIdentifierOwned, der::Error> {
    match algorithm {
        // RFC 3370 3.2: rsaEncryption is what every reader knows; the digest is named beside it.
        SignatureAlgorithm::RsaPkcs1Sha256
        | SignatureAlgorithm::RsaPkcs1Sha384
        | SignatureAlgorithm::RsaPkcs1Sha512 => {
            Ok(AlgorithmIdentifierOwned { oid: RSA_ENCRYPTION, parameters: Some(Any::null()) })
        }
        other => identifier(other.oid(), None),
    }
}

fn identifier(dotted: &str, parameters: Option<Any>) -> Result<AlgorithmIdentifierOwned, der::Error> {
    Ok(AlgorithmIdentifierOwned { oid: ObjectIdentifier::new(dotted)?, parameters })
}

/// The same certificate as the types of CMS hold it: a signature over other bytes would be worth nothing.
fn faithful(certificate: &Certificate) -> Result<x509::Certificate, SignContentError> {
    let copy = x509::Certificate::from_der(certificate.as_der())?;
    if copy.to_der()? == certificate.as_der() {
        Ok(copy)
    } else {
        Err(SignContentError::Altered(certificate.tbs().subject().to_string()))
    }
}

#[cfg(test)]
#[path = "signed_data_tests.rs"]
mod tests;
