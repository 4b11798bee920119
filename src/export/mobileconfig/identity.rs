//! A device's own identity: certificate and key as PKCS#12, Apple's `com.apple.security.pkcs12`.

use plist::Value;
use zeroize::Zeroizing;

use super::{
    super::anchor::Anchor,
    audience::Audience,
    identifier::{short_fingerprint, uuid_of_part},
    payload::{Payload, dictionary},
};
use crate::x509::Certificate;

/// An identity that a profile brings to a device, sealed under a password that the profile does not know.
#[derive(Clone)]
pub struct DeviceIdentity {
    label: String,
    certificate: Certificate,
    pkcs12: Zeroizing<Vec<u8>>,
}

impl DeviceIdentity {
    /// The identity of a certificate, whose key is in the PKCS#12 file.
    pub fn new(label: impl Into<String>, certificate: Certificate, pkcs12: impl Into<Zeroizing<Vec<u8>>>) -> Self {
        Self { label: label.into(), certificate, pkcs12: pkcs12.into() }
    }

    /// What it is called.
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// Its payload, without the key `Password`: "the profile is obfuscated, not encrypted", so the device asks for it.
    pub(super) fn into_payload(self, anchor: &Anchor, audience: Audience) -> Payload {
        let short = short_fingerprint(&self.certificate);
        let mut keys = dictionary([
            ("PayloadCertificateFileName", format!("{}.p12", self.label).into()),
            ("PayloadContent", Value::Data(self.pkcs12.to_vec())),
        ]);
        if audience == Audience::Macs {
            // The key does not leave the Mac's keychain; elsewhere it never does, and there is no such word.
            keys.insert("KeyIsExtractable".to_owned(), false.into());
        }
        Payload {
            kind: "com.apple.security.pkcs12",
            uuid: uuid_of_part(anchor.root(), &format!("identity {short}")),
            suffix: format!("identity.{short}"),
            description: format!("SHA-256 {}", self.certificate.fingerprint()),
            keys,
            display_name: self.label,
        }
    }
}
