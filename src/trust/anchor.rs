//! The file in which a root lies by itself. It is ours by its name: a person may have written around the certificate, and it is the same
//! root. No copy of it is kept beside it, because p11-kit takes whatever lies in such a directory, hidden or not.

use std::path::Path;

use super::{error::TrustError, rights::Rights, root::Root};
use crate::{plan::Step, system::Host, x509::pem};

/// What lies where a root has its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Nothing.
    Nothing,
    /// The root, with whatever somebody wrote around it.
    Root(Vec<u8>),
    /// No certificate that can be read: what a run that was stopped has left.
    Remains(Vec<u8>),
    /// A link, or other certificates: somebody else's.
    Foreign,
}

impl Anchor {
    /// Looks.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn at(path: &Path, root: &Root, host: &dyn Host) -> Result<Self, TrustError> {
        let text = match host.read(path, MOST_BYTES) {
            Err(error) if error.is_missing() => return Ok(Self::Nothing),
            text => text?,
        };
        if is_link(path, host)? {
            return Ok(Self::Foreign);
        }
        let is_other = |label: &str| label != pem::CERTIFICATE;
        let is_root = |contents: &[u8]| contents == root.certificate().as_der();
        let passages = pem::passages(&text);
        if passages.iter().any(|passage| is_other(&passage.label)) {
            return Ok(Self::Foreign);
        }
        let held: Vec<_> = passages.iter().filter_map(|passage| passage.read().ok()).collect();
        Ok(match held.as_slice() {
            [] => Self::Remains(text),
            held if held.iter().all(|block| is_root(&block.contents)) => Self::Root(text),
            _ => Self::Foreign,
        })
    }

    /// Whether something of ours lies there.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self, Self::Root(_) | Self::Remains(_))
    }

    /// The step that puts the root there; none where it lies there.
    ///
    /// # Errors
    /// Something of somebody else's lies there.
    pub(super) fn put(
        &self,
        rights: &Rights,
        sentence: &str,
        path: &Path,
        root: &Root,
    ) -> Result<Option<Step>, TrustError> {
        match self {
            Self::Nothing => Ok(Some(rights.write(sentence, path, &root.pem()))),
            Self::Root(_) => Ok(None),
            Self::Remains(written) => Ok(Some(rights.write_over(sentence, path, &root.pem(), written))),
            Self::Foreign => Err(TrustError::ForeignAnchor(path.to_owned())),
        }
    }

    /// The step that takes the root away from there.
    ///
    /// # Errors
    /// Something of somebody else's lies there.
    pub(super) fn take_away(
        &self,
        rights: &Rights,
        sentence: &str,
        path: &Path,
        root: &Root,
    ) -> Result<Step, TrustError> {
        match self {
            Self::Nothing => Ok(rights.remove(sentence, path, root.pem().as_bytes())),
            Self::Root(written) | Self::Remains(written) => Ok(rights.remove(sentence, path, written)),
            Self::Foreign => Err(TrustError::ForeignAnchor(path.to_owned())),
        }
    }
}

/// Whether a symbolic link lies there; those on the way to it are no matter.
pub(super) fn is_link(path: &Path, host: &dyn Host) -> Result<bool, TrustError> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { return Ok(false) };
    Ok(host.resolve(path)? != host.resolve(directory)?.join(name))
}

/// A certificate, with room for what a person writes around it.
const MOST_BYTES: usize = 1024 * 1024;
