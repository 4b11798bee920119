//! One thing a profile installs: the keys of Apple's `CommonPayloadKeys`, and those of the payload's own type.

use plist::{Dictionary, Value};

use super::{
    super::anchor::{Anchor, Contents},
    identifier::{identifier, short_fingerprint, uuid_of_certificate},
};
use crate::x509::Certificate;

/// One payload.
pub(super) struct Payload {
    /// PayloadType.
    pub(super) kind: &'static str,
    /// PayloadIdentifier, without that of the profile before it.
    pub(super) suffix: String,
    /// PayloadUUID.
    pub(super) uuid: String,
    /// PayloadDisplayName.
    pub(super) display_name: String,
    /// PayloadDescription.
    pub(super) description: String,
    /// The keys of its own type.
    pub(super) keys: Dictionary,
}

impl Payload {
    /// The roots, and the CAs below where they are asked for.
    pub(super) fn certificates(anchor: &Anchor, contents: Contents) -> Vec<Self> {
        let roots = anchor.roots().enumerate().map(|(place, root)| {
            let suffix = match place {
                0 => "root".to_owned(),
                _ => format!("root.{}", short_fingerprint(root)),
            };
            Self::certificate("com.apple.security.root", suffix, root, "", anchor)
        });
        let beside = anchor.beside_root(contents).iter().map(|certificate| {
            let suffix = format!("issuing.{}", short_fingerprint(certificate));
            // `pkcs1` holds any certificate; `root` is its alias for those that are to be trusted.
            Self::certificate("com.apple.security.pkcs1", suffix, certificate, "-issuing", anchor)
        });
        roots.chain(beside).collect()
    }

    fn certificate(kind: &'static str, suffix: String, certificate: &Certificate, part: &str, anchor: &Anchor) -> Self {
        let name = certificate.tbs().subject().common_name().unwrap_or_else(|| anchor.name());
        Self {
            kind,
            suffix,
            uuid: uuid_of_certificate(certificate),
            display_name: name.to_owned(),
            description: format!("SHA-256 {}", certificate.fingerprint()),
            keys: dictionary([
                ("PayloadCertificateFileName", format!("{}{part}.cer", anchor.slug()).into()),
                ("PayloadContent", Value::Data(certificate.as_der().to_vec())),
            ]),
        }
    }

    /// The payload as it stands in the profile of a CA.
    pub(super) fn into_value(self, anchor: &Anchor) -> Value {
        let mut payload = dictionary([
            ("PayloadType", self.kind.into()),
            ("PayloadVersion", 1.into()),
            ("PayloadIdentifier", format!("{}.{}", identifier(anchor.root()), self.suffix).into()),
            ("PayloadUUID", self.uuid.into()),
            ("PayloadDisplayName", self.display_name.into()),
            ("PayloadDescription", self.description.into()),
            ("PayloadOrganization", anchor.name().into()),
        ]);
        payload.extend(self.keys);
        Value::Dictionary(payload)
    }
}

/// A dictionary of these keys, in this order.
pub(super) fn dictionary<const N: usize>(entries: [(&str, Value); N]) -> Dictionary {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
