//! Why a CA does not move in.

use std::path::{Path, PathBuf};

use thiserror::Error;
use time::Date;

use super::{openssl_config::ConfigError, places::Tool};
use crate::{
    authority::{EstablishError, LedgerError},
    home::HomeError,
    keys::{KeyReadError, PassphraseError},
    store::StoreError,
    system::FileError,
    x509::CertificateError,
};

/// A CA does not move in.
#[derive(Debug, Error)]
pub enum ImportError {
    /// There is nothing that looks like what is to be moved.
    #[error("there is no CA certificate in `{}`", directory.display())]
    NoCertificate {
        /// Whose layout it would have.
        tool: Tool,
        /// Where it was looked for.
        directory: PathBuf,
        /// The files that would have been one.
        looked_for: Vec<String>,
    },
    /// What was named is no directory.
    #[error("there is no directory `{}`", path.display())]
    NoDirectory {
        /// What was named.
        path: PathBuf,
    },
    /// Several certificates could be the CA's.
    #[error("several certificates in `{}` could be the CA's: {}", directory.display(), names.join(", "))]
    SeveralCertificates {
        /// Where they lie.
        directory: PathBuf,
        /// The files.
        names: Vec<String>,
    },
    /// A file holds no certificate.
    #[error("there is no certificate in `{}`", path.display())]
    NotACertificate {
        /// The file.
        path: PathBuf,
    },
    /// A certificate that cannot be read.
    #[error("the certificate in `{}` cannot be read", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: CertificateError,
    },
    /// It does not say that it is a CA's.
    #[error("`{subject}` does not say that it is a CA, so no device takes what it signs")]
    NotACa {
        /// Its subject.
        subject: String,
        /// The version of the certificate: 1, 2 or 3.
        version: u32,
    },
    /// Its keyUsage does not let it sign certificates.
    #[error("the keyUsage of `{subject}` does not let it sign certificates")]
    MayNotSign {
        /// Its subject.
        subject: String,
    },
    /// Its life is over, or has not begun.
    #[error("the CA `{subject}` is valid from {not_before} to {not_after}, and the clock says {now}")]
    NotValid {
        /// Its subject.
        subject: String,
        /// When it starts.
        not_before: Date,
        /// When it ends.
        not_after: Date,
        /// The clock's date.
        now: Date,
    },
    /// A configuration does not say where the CA lies.
    #[error("the configuration `{}` cannot be gone by", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: ConfigError,
    },
    /// The book of a CA is not there.
    #[error("there is no index of what this CA issued and revoked in `{}`", directory.display())]
    NoIndex {
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// The CA above is not there.
    #[error("`{subject}` was issued by `{issuer}`, whose certificate is not there")]
    NoRoot {
        /// Whose issuer is looked for.
        subject: String,
        /// Who that is.
        issuer: String,
    },
    /// The key is another's.
    #[error("the key in `{}` is not that of `{subject}`", path.display())]
    OtherKey {
        /// The file of the key.
        path: PathBuf,
        /// The CA.
        subject: String,
    },
    /// A key that was named is of no use.
    #[error("the key in `{}` belongs to none of the certificates", path.display())]
    KeyOfNone {
        /// The file of the key.
        path: PathBuf,
    },
    /// The key of a CA cannot be used.
    #[error("the key in `{}` cannot be used", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: KeyReadError,
    },
    /// The passphrase does not open the key of a CA.
    #[error("the passphrase does not open `{}`", path.display())]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// There was no passphrase to be had for the key of a CA.
    #[error(transparent)]
    Passphrase(PassphraseError),
    /// No key is there that could issue.
    #[error("no key of a CA that could issue is in `{}`", directory.display())]
    NobodyIssues {
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// The books were written to meanwhile.
    #[error("`{}` was changed while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The new home was not made.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file of the old CA.
    #[error(transparent)]
    File(#[from] FileError),
}

impl ImportError {
    /// No certificate is under the names that it would have.
    pub(super) fn no_certificate(tool: Tool, directory: &Path, looked_for: &[&str]) -> Self {
        if !directory.is_dir() {
            return Self::NoDirectory { path: directory.to_owned() };
        }
        let looked_for = looked_for.iter().map(|name| (*name).to_owned()).collect();
        Self::NoCertificate { tool, directory: directory.to_owned(), looked_for }
    }
}

impl From<EstablishError> for ImportError {
    fn from(error: EstablishError) -> Self {
        Self::Home(error.into())
    }
}

impl From<LedgerError> for ImportError {
    fn from(error: LedgerError) -> Self {
        Self::Home(error.into())
    }
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Home(error.into())
    }
}
