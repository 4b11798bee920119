//! The roots as a truststore for Java: PKCS#12, RFC 7292, with certificates and no key.
//!
//! Nothing in it is secret, so nothing in it is encrypted, and its password is the one that Java's own truststore has.
//! The salt of its MAC is taken from the certificates: the file is the same whenever it is made.

use der::{
    Any, Encode, Sequence, ValueOrd,
    asn1::{BmpString, Null, ObjectIdentifier, OctetString, SetOfVec},
};
use thiserror::Error;

use super::{anchor::Anchor, artifact::Artifact, slug::Slug};
use crate::x509::{Certificate, certificate::sha256};

/// What everybody knows it by; a truststore is protected by whoever may write to it, not by this.
pub const PASSWORD: &str = "changeit";

/// The file could not be put together.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the truststore could not be made: {0}")]
pub struct TruststoreError(der::Error);

/// The root under the alias `<ca-slug>`, and each root beside it under that with the start of its fingerprint.
///
/// # Errors
/// A certificate that DER cannot hold; there is none.
pub fn truststore(anchor: &Anchor) -> Result<Artifact, TruststoreError> {
    let slug = anchor.slug();
    let alias = |(place, root): (usize, &Certificate)| match place {
        0 => slug.as_str().to_owned(),
        _ => format!("{slug}-{}", root.fingerprint().chars().take(16).collect::<String>()),
    };
    let roots: Vec<_> = anchor.roots().enumerate().map(|(place, root)| (alias((place, root)), root.as_der())).collect();
    let bytes = pfx(&roots).map_err(TruststoreError)?;
    Ok(Artifact::public(file_name(&slug), MEDIA_TYPE, bytes))
}

/// `<ca-slug>-truststore.p12`.
pub fn file_name(slug: &Slug) -> String {
    format!("{slug}-truststore.p12")
}

fn pfx(roots: &[(String, &[u8])]) -> Result<Vec<u8>, der::Error> {
    let bags = roots.iter().map(|(alias, certificate)| bag(alias, certificate)).collect::<Result<Vec<_>, _>>()?;
    let contents = vec![ContentInfo::data(bags.to_der()?)?].to_der()?;
    let all: Vec<u8> = roots.iter().flat_map(|(_, certificate)| certificate.iter().copied()).collect();
    let salt = sha256(&all);
    let digest = mac(PASSWORD, &salt, &contents);
    Pfx {
        version: 3,
        contents: ContentInfo::data(contents)?,
        mac: MacData {
            digest: DigestInfo {
                algorithm: DigestAlgorithm { id: SHA256, parameters: Null },
                digest: OctetString::new(digest)?,
            },
            salt: OctetString::new(salt)?,
            rounds: ROUNDS,
        },
    }
    .to_der()
}

fn bag(alias: &str, certificate: &[u8]) -> Result<SafeBag, der::Error> {
    Ok(SafeBag {
        id: CERTIFICATE_BAG,
        value: CertBag { id: X509_CERTIFICATE, value: OctetString::new(certificate)? },
        attributes: SetOfVec::from_iter([
            Attribute {
                id: FRIENDLY_NAME,
                values: SetOfVec::from_iter([Any::encode_from(&BmpString::from_utf8(alias)?)?])?,
            },
            // By this Java tells a root that is trusted from a certificate that merely lies there.
            Attribute { id: TRUSTED_KEY_USAGE, values: SetOfVec::from_iter([Any::encode_from(&ANY_USAGE)?])? },
        ])?,
    })
}

/// HMAC-SHA256 under a key of the password, RFC 7292 appendix B.2 with the identifier 3.
fn mac(password: &str, salt: &[u8], contents: &[u8]) -> [u8; 32] {
    let password: Vec<u8> = password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let filled =
        |text: &[u8]| -> Vec<u8> { text.iter().copied().cycle().take(text.len().div_ceil(BLOCK) * BLOCK).collect() };
    let start = [vec![3; BLOCK], filled(salt), filled(&password)].concat();
    let key = (1..ROUNDS).fold(sha256(&start), |hash, _| sha256(&hash));
    // RFC 2104: the key is shorter than a block.
    let padded = |pad: u8| -> Vec<u8> {
        key.iter().copied().chain(std::iter::repeat(0)).take(BLOCK).map(|octet| octet ^ pad).collect()
    };
    sha256(&[padded(0x5c), sha256(&[padded(0x36), contents.to_vec()].concat()).to_vec()].concat())
}

#[derive(Sequence)]
struct Pfx {
    version: u8,
    contents: ContentInfo,
    mac: MacData,
}

#[derive(Sequence)]
struct ContentInfo {
    id: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: OctetString,
}

#[derive(Sequence)]
struct MacData {
    digest: DigestInfo,
    salt: OctetString,
    rounds: u32,
}

#[derive(Sequence)]
struct DigestInfo {
    algorithm: DigestAlgorithm,
    digest: OctetString,
}

#[derive(Sequence)]
struct DigestAlgorithm {
    id: ObjectIdentifier,
    parameters: Null,
}

#[derive(Sequence)]
struct SafeBag {
    id: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: CertBag,
    attributes: SetOfVec<Attribute>,
}

#[derive(Sequence)]
struct CertBag {
    id: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: OctetString,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Sequence, ValueOrd)]
struct Attribute {
    id: ObjectIdentifier,
    values: SetOfVec<Any>,
}

impl ContentInfo {
    fn data(value: Vec<u8>) -> Result<Self, der::Error> {
        Ok(Self { id: DATA, value: OctetString::new(value)? })
    }
}

const MEDIA_TYPE: &str = "application/x-pkcs12";
/// What Java itself takes by default.
const ROUNDS: u32 = 10_000;
/// Of SHA-256, in octets.
const BLOCK: usize = 64;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const CERTIFICATE_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const X509_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
const FRIENDLY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.20");
const TRUSTED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.113894.746875.1.1");
const ANY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

#[cfg(test)]
mod tests {
    use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12ImportPolicy};

    use super::*;
    use crate::x509::pem;

    #[test]
    fn another_implementation_reads_the_root_and_the_mac_is_right() {
        let root = include_str!("../../tests/fixtures/pki/root.crt.pem");
        let root = Certificate::from_der(&pem::parse(root.as_bytes()).unwrap().remove(0).contents).unwrap();
        let anchor = Anchor::new("Home Hub", root.clone(), []).unwrap();
        let artifact = truststore(&anchor).unwrap();
        assert_eq!(artifact.file_name(), "home-hub-truststore.p12");
        assert_eq!(artifact.contents(), truststore(&anchor).unwrap().contents());
        let read = |password| KeyStore::from_pkcs12(artifact.contents(), password, Pkcs12ImportPolicy::Strict);
        let store = read(PASSWORD).unwrap();
        let Some(KeyStoreEntry::Certificate(held)) = store.entry("home-hub") else { panic!("no such entry") };
        assert_eq!(held.as_der(), root.as_der());
        assert!(read("changed").is_err());
    }
}
