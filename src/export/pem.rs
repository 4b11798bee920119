//! The root as a plain certificate file, in PEM (RFC 7468) and in DER.

use super::{
    anchor::{Anchor, Contents},
    artifact::Artifact,
    slug::Slug,
};
use crate::x509::pem;

/// `<ca-slug>.pem`.
pub fn pem_file_name(slug: &Slug) -> String {
    format!("{slug}.pem")
}

/// `<ca-slug>.cer`.
pub fn der_file_name(slug: &Slug) -> String {
    format!("{slug}.cer")
}

/// The root in PEM, after the CAs below it where they are asked for.
pub fn pem(anchor: &Anchor, contents: Contents) -> Artifact {
    let certificates = anchor.beside_root(contents).iter().chain([anchor.root()]);
    let text: String = certificates.map(|certificate| pem::encode(pem::CERTIFICATE, certificate.as_der())).collect();
    Artifact::public(pem_file_name(&anchor.slug()), PEM_MEDIA_TYPE, text.into_bytes())
}

/// The root in DER, which holds one certificate and no more.
pub fn der(anchor: &Anchor) -> Artifact {
    Artifact::public(der_file_name(&anchor.slug()), DER_MEDIA_TYPE, anchor.root().as_der().to_vec())
}

/// RFC 8555 9.1.
const PEM_MEDIA_TYPE: &str = "application/pem-certificate-chain";
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
}
