//! Requests for a certificate whose signature is right, whatever is in them.

use std::sync::LazyLock;

use der::{
    AnyRef, Encode, Tag,
    asn1::{BitString, ObjectIdentifier},
};
use hubca::{
    keys::{PrivateKey, SigningKey},
    x509::DistinguishedName,
};

/// A request, RFC 2986, with a subject in DER, or none where it is none, and the content of an extensionRequest (RFC 2985 5.4.2).
pub fn request(subject: &[u8], extensions: &[u8]) -> Vec<u8> {
    let subject = DistinguishedName::from_der(subject).map_or_else(|_| sequence(&[]), |name| name.as_der().to_vec());
    let requested = element(Tag::Set, &[&sequence(&[extensions])]);
    let attribute = sequence(&[&EXTENSION_REQUEST.to_der().unwrap(), &requested]);
    let attributes = element(Tag::ContextSpecific { constructed: true, number: der::TagNumber(0) }, &[&attribute]);
    let info = sequence(&[&0_u8.to_der().unwrap(), &subject, KEY.public_key().der(), &attributes]);
    let signature = BitString::from_bytes(&KEY.sign(&info).unwrap()).unwrap().to_der().unwrap();
    sequence(&[&info, KEY.signature_algorithm().identifier_der(), &signature])
}

pub(crate) static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let key = PrivateKey::from_pem(include_bytes!("../../fixtures/pki/leaf.key.pem"), || unreachable!());
    key.unwrap().to_signing_key().unwrap()
});

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(Tag::Sequence, parts)
}

pub(crate) fn element(tag: Tag, parts: &[&[u8]]) -> Vec<u8> {
    AnyRef::new(tag, &parts.concat()).unwrap().to_der().unwrap()
}

const EXTENSION_REQUEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");
