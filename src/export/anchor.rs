//! What is handed out: the root of a CA, its name, and the CAs below it.

use thiserror::Error;

use super::slug::Slug;
use crate::x509::{Certificate, name::is_unprintable};

/// A root that devices are asked to trust, with the name that people know it by.
#[derive(Clone, Debug)]
pub struct Anchor {
    name: String,
    root: Certificate,
    /// The roots that are trusted beside it, while one follows another.
    others: Vec<Certificate>,
    issuing: Vec<Certificate>,
}

/// Which certificates are handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// The root, which is all that trust needs: servers send the rest.
    RootOnly,
    /// The root and the CAs below it, for servers that forget to send theirs.
    WithIssuing,
}

/// Why something is not handed out as a root.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AnchorError {
    /// A character that XML cannot hold, or that shows a name as another.
    #[error("the name of the CA has the character {0:?}, which cannot be shown")]
    Unprintable(char),
    /// A certificate that is no CA's: a device would not list it.
    #[error("`{0}` is not the certificate of a CA")]
    NotACa(String),
}

impl Anchor {
    /// A root, and the CAs that issue below it.
    ///
    /// # Errors
    /// A name, given or in a certificate, that cannot be shown; a certificate that is no CA's.
    pub fn new(
        name: impl Into<String>,
        root: Certificate,
        issuing: impl IntoIterator<Item = Certificate>,
    ) -> Result<Self, AnchorError> {
        let anchor = Self { name: name.into(), root, others: Vec::new(), issuing: issuing.into_iter().collect() };
        check_printable(&anchor.name)?;
        std::iter::once(&anchor.root).chain(&anchor.issuing).try_for_each(check_ca)?;
        Ok(anchor)
    }

    /// The same with another root beside it: a file that can hold several holds both.
    ///
    /// # Errors
    /// A name in the certificate that cannot be shown, or a certificate that is no CA's.
    pub fn with_other_root(mut self, root: Certificate) -> Result<Self, AnchorError> {
        check_ca(&root)?;
        self.others.push(root);
        Ok(self)
    }

    /// The name that people know the CA by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name as part of a file name.
    pub fn slug(&self) -> Slug {
        Slug::of(&self.name)
    }

    /// The root.
    pub fn root(&self) -> &Certificate {
        &self.root
    }

    /// The root, and those beside it.
    pub fn roots(&self) -> impl Iterator<Item = &Certificate> {
        std::iter::once(&self.root).chain(&self.others)
    }

    /// The certificates that go along with the root.
    pub fn beside_root(&self, contents: Contents) -> &[Certificate] {
        match contents {
            Contents::RootOnly => &[],
            Contents::WithIssuing => &self.issuing,
        }
    }

    /// The CAs below the root.
    pub fn issuing(&self) -> &[Certificate] {
        &self.issuing
    }
}

fn check_ca(certificate: &Certificate) -> Result<(), AnchorError> {
    if !certificate.tbs().is_ca() {
        return Err(AnchorError::NotACa(certificate.tbs().subject().to_string()));
    }
    certificate.tbs().subject().attributes().iter().try_for_each(|attribute| check_printable(&attribute.value))
}

fn check_printable(text: &str) -> Result<(), AnchorError> {
    match text.chars().find(|character| is_unprintable(*character)) {
        Some(character) => Err(AnchorError::Unprintable(character)),
        None => Ok(()),
    }
}
