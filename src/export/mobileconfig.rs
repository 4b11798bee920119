//! The configuration profile for Apple devices: an XML property list with the root in it, unsigned.
//!
//! Its keys are those of Apple's `TopLevel` and `com.apple.security.root` schemas. It is the same byte for byte
//! whenever it is made, so a device that gets it again replaces it and does not add a second one. No private key ever
//! is in it. `TargetDeviceType` is left out: the same file serves iPhones, iPads and Macs.

use plist::{Dictionary, Value};
use uuid::{Builder, Uuid};

use super::{
    anchor::{Anchor, Contents},
    artifact::Artifact,
    slug::Slug,
};
use crate::x509::Certificate;

/// `<ca-slug>.mobileconfig`.
pub fn file_name(slug: &Slug) -> String {
    format!("{slug}.mobileconfig")
}

/// The profile.
pub fn profile(anchor: &Anchor, contents: Contents) -> Artifact {
    let root = anchor.root();
    let (first_half, second_half) = halves(root);
    let identifier = identifier(root);
    let mut payloads = vec![payload(&Payload {
        kind: "com.apple.security.root",
        identifier: format!("{identifier}.root"),
        uuid: first_half,
        file_name: format!("{}.cer", anchor.slug()),
        certificate: root,
        anchor,
    })];
    payloads.extend(anchor.beside_root(contents).iter().map(|certificate| {
        let fingerprint = certificate.fingerprint();
        let short = fingerprint.get(..16).unwrap_or(&fingerprint);
        payload(&Payload {
            // `pkcs1` holds any certificate; `root` is its alias for those that are to be trusted.
            kind: "com.apple.security.pkcs1",
            identifier: format!("{identifier}.issuing.{short}"),
            uuid: halves(certificate).0,
            file_name: format!("{}-issuing.cer", anchor.slug()),
            certificate,
            anchor,
        })
    }));
    let profile = dictionary([
        ("PayloadType", "Configuration".into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", identifier.into()),
        ("PayloadUUID", second_half.into()),
        ("PayloadDisplayName", anchor.name().into()),
        ("PayloadDescription", description(anchor).into()),
        ("PayloadOrganization", anchor.name().into()),
        ("PayloadContent", Value::Array(payloads)),
    ]);
    let mut bytes = Vec::new();
    // Writing to memory fails only where a value has no XML form, and dates and UIDs are not among ours.
    let written = profile.to_writer_xml(&mut bytes);
    debug_assert!(written.is_ok());
    bytes.push(b'\n');
    Artifact::public(file_name(&anchor.slug()), MEDIA_TYPE, bytes)
}

/// By this a device tells the profile of one CA from that of another: `io.hubca.` and the start of the fingerprint.
pub fn identifier(root: &Certificate) -> String {
    let fingerprint = root.fingerprint();
    format!("io.hubca.{}", fingerprint.get(..16).unwrap_or(&fingerprint))
}

/// What one certificate of the profile says of itself.
struct Payload<'a> {
    kind: &'static str,
    identifier: String,
    uuid: String,
    file_name: String,
    certificate: &'a Certificate,
    anchor: &'a Anchor,
}

fn payload(payload: &Payload<'_>) -> Value {
    let Payload { kind, identifier, uuid, file_name, certificate, anchor } = payload;
    let name = certificate.tbs().subject().common_name().unwrap_or_else(|| anchor.name());
    dictionary([
        ("PayloadType", (*kind).into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", identifier.as_str().into()),
        ("PayloadUUID", uuid.as_str().into()),
        ("PayloadDisplayName", name.into()),
        ("PayloadDescription", format!("SHA-256 {}", certificate.fingerprint()).into()),
        ("PayloadOrganization", anchor.name().into()),
        ("PayloadCertificateFileName", file_name.as_str().into()),
        ("PayloadContent", Value::Data(certificate.as_der().to_vec())),
    ])
}

fn description(anchor: &Anchor) -> String {
    format!(
        "Lets this device trust the servers of {}. Compare the SHA-256 fingerprint of the root before you install: {}",
        anchor.name(),
        anchor.root().fingerprint()
    )
}

/// Two UUIDs of version 8 (RFC 9562 5.8), one of each half of the fingerprint.
fn halves(certificate: &Certificate) -> (String, String) {
    let fingerprint = u128_halves(certificate.sha256());
    (uuid(fingerprint.0), uuid(fingerprint.1))
}

fn u128_halves(octets: [u8; 32]) -> (u128, u128) {
    let join = |half: &[u8]| half.iter().fold(0_u128, |number, octet| number << 8 | u128::from(*octet));
    let (first, second) = octets.split_at(16);
    (join(first), join(second))
}

fn uuid(half: u128) -> String {
    let uuid: Uuid = Builder::from_custom_bytes(half.to_be_bytes()).into_uuid();
    uuid.hyphenated().encode_upper(&mut Uuid::encode_buffer()).to_owned()
}

fn dictionary<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries: Dictionary = entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Value::Dictionary(entries)
}

/// What Safari opens as a profile; anything else it saves as a file.
pub const MEDIA_TYPE: &str = "application/x-apple-aspen-config";

#[cfg(test)]
#[path = "mobileconfig_tests.rs"]
mod tests;
