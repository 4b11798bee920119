//! Certificates as plain files, in PEM (RFC 7468) and in DER.

use super::{
    anchor::{Anchor, Contents},
    artifact::Artifact,
    slug::Slug,
};
use crate::x509::{Certificate, pem};

/// `<ca-slug>.pem`.
pub fn pem_file_name(slug: &Slug) -> String {
    format!("{slug}.pem")
}

/// `<ca-slug>.crt`.
pub fn crt_file_name(slug: &Slug) -> String {
    format!("{slug}.crt")
}

/// `<ca-slug>.cer`.
pub fn der_file_name(slug: &Slug) -> String {
    format!("{slug}.cer")
}

/// `<ca-slug>-chain.pem`.
pub fn chain_file_name(slug: &Slug) -> String {
    format!("{slug}-chain.pem")
}

/// The roots in PEM, after the CAs below where they are asked for.
pub fn pem(anchor: &Anchor, contents: Contents) -> Artifact {
    let text = encode(anchor.beside_root(contents).iter().chain(anchor.roots()));
    Artifact::public(pem_file_name(&anchor.slug()), PEM_MEDIA_TYPE, text.into_bytes())
}

/// The root in PEM and nothing else, under the one ending that Android, Debian and Windows all take.
pub fn crt(anchor: &Anchor) -> Artifact {
    // devices.md: Android asks for a private key where a file holds more than the root.
    let text = encode([anchor.root()]);
    Artifact::public(crt_file_name(&anchor.slug()), CRT_MEDIA_TYPE, text.into_bytes())
}

/// The root in DER, which holds one certificate and no more.
pub fn der(anchor: &Anchor) -> Artifact {
    Artifact::public(der_file_name(&anchor.slug()), DER_MEDIA_TYPE, anchor.root().as_der().to_vec())
}

/// What a server sends after its own certificate: the CAs between it and the root, as in `live/<label>/chain.pem`.
/// There is none where the root itself issues.
pub fn chain(anchor: &Anchor) -> Option<Artifact> {
    let text = encode(anchor.issuing());
    let name = chain_file_name(&anchor.slug());
    (!text.is_empty()).then(|| Artifact::public(name, PEM_MEDIA_TYPE, text.into_bytes()))
}

/// Certificates in PEM, one after the other.
pub(super) fn encode<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> String {
    let blocks = certificates.into_iter().map(|certificate| pem::encode(pem::CERTIFICATE, certificate.as_der()));
    blocks.collect()
}

/// RFC 8555 9.1.
pub(super) const PEM_MEDIA_TYPE: &str = "application/pem-certificate-chain";
/// A private key in PEM has no type of its own.
pub(super) const KEY_MEDIA_TYPE: &str = "application/x-pem-file";
/// What Android and browsers take for the certificate of a CA.
const CRT_MEDIA_TYPE: &str = "application/x-x509-ca-cert";
/// RFC 2585 4.1.
const DER_MEDIA_TYPE: &str = "application/pkix-cert";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::{Certificate, CertificationPath};

    fn anchor() -> Anchor {
        let certificate =
            |text: &str| Certificate::from_der(&pem::parse(text.as_bytes()).unwrap().remove(0).contents).unwrap();
        let root = certificate(include_str!("../../tests/fixtures/pki/root.crt.pem"));
        let issuing = certificate(include_str!("../../tests/fixtures/pki/issuing.crt.pem"));
        Anchor::new("Home Hub", root, [issuing]).unwrap()
    }

    #[test]
    fn the_file_holds_the_root_alone_unless_more_is_asked_for() {
        let root = pem(&anchor(), Contents::RootOnly);
        assert_eq!(root.file_name(), "home-hub.pem");
        assert_eq!(root.contents(), include_bytes!("../../tests/fixtures/pki/root.crt.pem"));
        let both = pem::parse(pem(&anchor(), Contents::WithIssuing).contents()).unwrap();
        let certificates = both.iter().map(|block| Certificate::from_der(&block.contents).unwrap()).collect();
        let path = CertificationPath::assemble(certificates).unwrap();
        assert_eq!(path.certificates().len() + path.strangers().len(), 2);
    }

    #[test]
    fn der_is_the_very_certificate() {
        let artifact = der(&anchor());
        assert_eq!(artifact.file_name(), "home-hub.cer");
        assert_eq!(Certificate::from_der(artifact.contents()).unwrap(), *anchor().root());
    }

    #[test]
    fn the_chain_is_what_lies_between_a_server_and_the_root() {
        let chain = chain(&anchor()).unwrap();
        assert_eq!(chain.file_name(), "home-hub-chain.pem");
        assert_eq!(chain.contents(), include_bytes!("../../tests/fixtures/pki/issuing.crt.pem"));
        let alone = Anchor::new("Home Hub", anchor().root().clone(), []).unwrap();
        assert!(super::chain(&alone).is_none());
    }

    #[test]
    fn a_crt_holds_the_root_alone() {
        let artifact = crt(&anchor());
        assert_eq!((artifact.file_name(), artifact.media_type()), ("home-hub.crt", "application/x-x509-ca-cert"));
        assert_eq!(artifact.contents(), include_bytes!("../../tests/fixtures/pki/root.crt.pem"));
    }
}
