//! PKCS#8 version 1 (RFC 5208): the one form a private key has here, because OpenSSL, GnuTLS and NSS all read it.

use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_EC_PUBLIC_KEY, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1, SECP_521_R_1};
use const_oid::db::rfc8410::{ID_ED_448, ID_ED_25519};
use der::{Decode, Encode};
use p256::pkcs8::EncodePrivateKey;
use pkcs8::PrivateKeyInfoRef;
use pkcs8::spki::AlgorithmIdentifierRef;
use rsa::pkcs1;
use sec1::{EcParameters, EcPrivateKey};
use zeroize::Zeroizing;

use super::error::KeyReadError;

/// PKCS#8 in DER; wiped when dropped.
pub(super) type Pkcs8 = Zeroizing<Vec<u8>>;

/// From PKCS#8 of either version.
pub(super) fn from_pkcs8(der: &[u8], label: &str) -> Result<Pkcs8, KeyReadError> {
    let malformed = || malformed(label);
    let info = PrivateKeyInfoRef::try_from(der).map_err(|_| malformed())?;
    let algorithm = info.algorithm;
    let inner = info.private_key.as_bytes();
    match algorithm.oid {
        RSA_ENCRYPTION => from_pkcs1(inner, label),
        ID_EC_PUBLIC_KEY => match algorithm.parameters_oid() {
            Ok(SECP_256_R_1) => {
                let key = p256::SecretKey::from_sec1_der(inner).map_err(|_| malformed())?;
                from_p256(&key).ok_or_else(malformed)
            }
            Ok(SECP_384_R_1) => from_p384(&wrap(algorithm, inner).ok_or_else(malformed)?),
            Ok(curve) => Err(unsupported(curve)),
            Err(_) => Err(malformed()),
        },
        other => Err(unsupported(other)),
    }
}

/// From PKCS#1 (RFC 8017 A.1.2): the numbers stay as they are, and aws-lc checks that they belong together.
pub(super) fn from_pkcs1(der: &[u8], label: &str) -> Result<Pkcs8, KeyReadError> {
    pkcs1::RsaPrivateKeyRef::from_der(der).map_err(|_| malformed(label))?;
    wrap(pkcs1::ALGORITHM_ID, der).ok_or_else(|| malformed(label))
}

/// From SEC1 (RFC 5915), whose curve is named inside.
pub(super) fn from_sec1(der: &[u8], label: &str) -> Result<Pkcs8, KeyReadError> {
    let key = EcPrivateKey::from_der(der).map_err(|_| malformed(label))?;
    let Some(EcParameters::NamedCurve(curve)) = key.parameters else {
        return Err(malformed(label));
    };
    let algorithm = AlgorithmIdentifierRef { oid: ID_EC_PUBLIC_KEY, parameters: Some((&curve).into()) };
    let wrapped = wrap(algorithm, der).ok_or_else(|| malformed(label))?;
    from_pkcs8(&wrapped, label)
}

/// From a P-256 key; the public key is written inside, as openssl does.
pub(super) fn from_p256(key: &p256::SecretKey) -> Option<Pkcs8> {
    key.to_pkcs8_der().ok().map(|document| document.to_bytes())
}

fn from_p384(der: &[u8]) -> Result<Pkcs8, KeyReadError> {
    let rejected = |reason: String| KeyReadError::Rejected { kind: "P-384", reason };
    let key =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, der).map_err(|error| rejected(error.to_string()))?;
    let document = key.to_pkcs8v1().map_err(|error| rejected(error.to_string()))?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

fn wrap(algorithm: AlgorithmIdentifierRef<'_>, inner: &[u8]) -> Option<Pkcs8> {
    let inner = der::asn1::OctetStringRef::new(inner).ok()?;
    let wrapped = PrivateKeyInfoRef::new(algorithm, inner).to_der().ok()?;
    Some(Zeroizing::new(wrapped))
}

fn malformed(label: &str) -> KeyReadError {
    KeyReadError::Malformed { label: label.to_owned() }
}

fn unsupported(oid: ObjectIdentifier) -> KeyReadError {
    KeyReadError::UnsupportedKind {
        kind: match oid {
            ID_ED_25519 => String::from("Ed25519"),
            ID_ED_448 => String::from("Ed448"),
            SECP_521_R_1 => String::from("P-521"),
            other => other.to_string(),
        },
    }
}
