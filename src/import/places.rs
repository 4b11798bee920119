//! Where the files of an old CA lie, as far as their names tell.

use std::path::{Path, PathBuf};

use super::unread::Unread;

/// The programs whose CAs move in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `openssl ca`.
    Openssl,
    /// Easy-RSA 3.
    EasyRsa,
    /// mkcert.
    Mkcert,
    /// minica.
    Minica,
    /// step and step-ca.
    Step,
    /// Nobody's: a certificate and a key.
    Pem,
}

/// Where the files of an old CA lie.
#[derive(Debug)]
pub struct Places {
    /// Whose layout it is.
    pub tool: Tool,
    /// What is searched for certificates and keys.
    pub directory: Option<PathBuf>,
    /// What a configuration names outside of it, and is searched as well.
    pub elsewhere: Vec<PathBuf>,
    /// Its CAs, in any order.
    pub cas: Vec<CaPlaces>,
    /// What is there and cannot be read.
    pub unread: Vec<Unread>,
}

/// Where the files of one CA lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaPlaces {
    /// Its certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: Option<PathBuf>,
    /// Its `index.txt`.
    pub index: Option<PathBuf>,
    /// Where `openssl ca` puts each certificate under its serial number.
    pub new_certificates: Option<PathBuf>,
    /// The file with the number of its next CRL.
    pub crl_number: Option<PathBuf>,
}

impl Tool {
    /// The word for it on the command line and in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Openssl => "openssl",
            Self::EasyRsa => "easy-rsa",
            Self::Mkcert => "mkcert",
            Self::Minica => "minica",
            Self::Step => "step",
            Self::Pem => "pem",
        }
    }
}

impl Places {
    /// CAs with nothing outside of their directory.
    pub(super) fn of(tool: Tool, directory: Option<&Path>, cas: Vec<CaPlaces>) -> Self {
        Self { tool, directory: directory.map(Path::to_owned), elsewhere: Vec::new(), cas, unread: Vec::new() }
    }
}

impl CaPlaces {
    /// All of its own files.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let Self { certificate, key, index, crl_number, .. } = self;
        [Some(certificate), key.as_ref(), index.as_ref(), crl_number.as_ref()].into_iter().flatten().cloned().collect()
    }

    /// A certificate and perhaps its key, without any books.
    pub(super) fn of(certificate: PathBuf, key: Option<PathBuf>) -> Self {
        Self { certificate, key, index: None, new_certificates: None, crl_number: None }
    }
}

/// The first of several files below a directory that is there.
pub(super) fn first_of(directory: &Path, names: &[&str]) -> Option<PathBuf> {
    names.iter().map(|name| directory.join(name)).find(|path| path.is_file())
}
