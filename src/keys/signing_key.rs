//! A key ready to sign: the only place where a private key does its work, and aws-lc-rs does it.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use const_oid::db::rfc5912::{RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1};
use pkcs8::PrivateKeyInfoRef;

use super::error::{KeyError, KeyReadError};
use crate::x509::public_key::{SignatureAlgorithm, SubjectPublicKeyInfo};

/// A private key that signs. Its content is aws-lc's, which wipes it.
pub struct SigningKey {
    pair: Pair,
    public_key: SubjectPublicKeyInfo,
    algorithm: SignatureAlgorithm,
}

enum Pair {
    Ecdsa(Box<EcdsaKeyPair>),
    Rsa(Box<RsaKeyPair>),
}

impl SigningKey {
    /// From PKCS#8 version 1; aws-lc checks that the numbers belong together.
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, KeyReadError> {
        let malformed = || KeyReadError::Malformed { label: String::from("PRIVATE KEY") };
        let algorithm = PrivateKeyInfoRef::try_from(der).map_err(|_| malformed())?.algorithm;
        if algorithm.oid == RSA_ENCRYPTION {
            let pair = RsaKeyPair::from_pkcs8(der).map_err(|error| rejected("RSA", &error))?;
            let public = public_key(pair.public_key())?;
            return Ok(Self {
                pair: Pair::Rsa(Box::new(pair)),
                public_key: public,
                algorithm: SignatureAlgorithm::RsaPkcs1Sha256,
            });
        }
        let (kind, signing, algorithm) = match algorithm.parameters_oid() {
            Ok(SECP_256_R_1) => ("P-256", &ECDSA_P256_SHA256_ASN1_SIGNING, SignatureAlgorithm::EcdsaWithSha256),
            Ok(SECP_384_R_1) => ("P-384", &ECDSA_P384_SHA384_ASN1_SIGNING, SignatureAlgorithm::EcdsaWithSha384),
            _ => return Err(malformed()),
        };
        let pair = EcdsaKeyPair::from_pkcs8(signing, der).map_err(|error| rejected(kind, &error))?;
        let public = public_key(pair.public_key())?;
        Ok(Self { pair: Pair::Ecdsa(Box::new(pair)), public_key: public, algorithm })
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &SubjectPublicKeyInfo {
        &self.public_key
    }

    /// What its signatures are.
    #[must_use]
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Signs `message` as X.509 wants it: ECDSA in DER (RFC 5480 appendix A), RSA as PKCS#1 v1.5.
    ///
    /// There is no randomness to hand in: aws-lc draws its nonces from its own generator whatever it is given.
    ///
    /// # Errors
    ///
    /// When aws-lc makes no signature.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let failed = |_| KeyError::Sign { algorithm: self.algorithm };
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ecdsa(pair) => {
                pair.sign(&random, message).map(|signature| signature.as_ref().to_vec()).map_err(failed)
            }
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({:?})", self.public_key)
    }
}

/// What aws-lc says of a key that it refuses, in words.
fn rejected(kind: &'static str, reason: &dyn fmt::Display) -> KeyReadError {
    let reason = match reason.to_string().as_str() {
        "TooSmall" => "it is shorter than 2048 bits",
        "TooLarge" => "it is longer than 8192 bits",
        _ => "its parts do not belong together",
    };
    KeyReadError::Rejected { kind, reason: reason.to_owned() }
}

fn public_key(public: &impl AsDer<PublicKeyX509Der<'static>>) -> Result<SubjectPublicKeyInfo, KeyReadError> {
    let der = public.as_der().map_err(|error| rejected("public", &error))?;
    SubjectPublicKeyInfo::from_der(der.as_ref()).map_err(|error| rejected("public", &error))
}
