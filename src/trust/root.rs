//! A root as trust stores know it: its certificate, and a name of letters, digits and hyphens.

use crate::x509::{Certificate, pem};

/// A root that is put into trust stores. There is no key in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    certificate: Certificate,
    name: String,
}

impl Root {
    /// A root, and a word for it that can be part of a file name. The name it goes by is the same whenever it is made from
    /// the same certificate and word, so that what was put somewhere is found again.
    pub fn new(certificate: Certificate, word: &str) -> Self {
        let is_plain = |letter: &char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || *letter == '-';
        let word: String = word.chars().filter(is_plain).take(MOST_LETTERS).collect();
        let start: String = certificate.fingerprint().chars().take(DIGITS).collect();
        Self { certificate, name: format!("hubca-{word}-{start}") }
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What it is called in every store: `hubca-home-hub-3f2a90c1`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its certificate in PEM.
    pub fn pem(&self) -> String {
        pem::encode(pem::CERTIFICATE, self.certificate.as_der())
    }

    /// Whether it is one of the certificates in a PEM text. What cannot be read is not it.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        let blocks = pem::parse(text).unwrap_or_default();
        blocks.iter().any(|block| block.contents == self.certificate.as_der())
    }
}

/// A file name has room for it.
const MOST_LETTERS: usize = 48;
/// So many digits of the fingerprint tell the roots of one CA apart.
const DIGITS: usize = 8;

#[cfg(test)]
impl Root {
    /// One of those that the tests of this directory put into stores.
    pub(super) fn of_tests(name: &str) -> Self {
        let path = format!("{}/tests/fixtures/pki/{name}.crt.pem", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read(path).unwrap();
        Self::new(Certificate::from_der(&pem::parse(&text).unwrap().remove(0).contents).unwrap(), "home-hub")
    }
}
