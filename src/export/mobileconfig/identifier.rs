//! What a device tells profiles and payloads apart by: identifiers and UUIDs, all made from the root's fingerprint.
//!
//! "During a profile replacement, the system updates payloads with the same PayloadIdentifier and PayloadUUID": so both
//! are the same whenever a CA hands out the same thing, and others for every other CA.

use uuid::{Builder, Uuid};

use crate::x509::{Certificate, certificate::sha256};

/// By this a device tells the profile of one CA from that of another: `io.hubca.` and the start of the fingerprint.
pub fn identifier(root: &Certificate) -> String {
    format!("io.hubca.{}", short_fingerprint(root))
}

/// The start of a fingerprint, long enough to tell certificates apart.
pub(super) fn short_fingerprint(certificate: &Certificate) -> String {
    certificate.fingerprint().chars().take(16).collect()
}

/// The UUID of a certificate's payload: the first half of its fingerprint.
pub(super) fn uuid_of_certificate(certificate: &Certificate) -> String {
    uuid(halves(certificate.sha256()).0)
}

/// The UUID of a root's profile: the second half of its fingerprint.
pub(super) fn uuid_of_profile(root: &Certificate) -> String {
    uuid(halves(root.sha256()).1)
}

/// The UUID of something else that a profile brings: from the root and what it is.
pub(super) fn uuid_of_part(root: &Certificate, part: &str) -> String {
    let named = [&root.sha256()[..], part.as_bytes()].concat();
    uuid(halves(sha256(&named)).0)
}

fn halves(octets: [u8; 32]) -> (u128, u128) {
    let join = |half: &[u8]| half.iter().fold(0_u128, |number, octet| number << 8 | u128::from(*octet));
    let (first, second) = octets.split_at(16);
    (join(first), join(second))
}

/// A UUID of version 8, RFC 9562 5.8.
fn uuid(half: u128) -> String {
    let uuid: Uuid = Builder::from_custom_bytes(half.to_be_bytes()).into_uuid();
    uuid.hyphenated().encode_upper(&mut Uuid::encode_buffer()).to_owned()
}
