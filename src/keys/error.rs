//! Why a private key could not be read, made, written or used.

use std::path::PathBuf;

use thiserror::Error;

use super::passphrase::PassphraseError;
use crate::system::{FileError, RandomError};
use crate::x509::public_key::{KeyAlgorithm, SignatureAlgorithm};

/// A private key could not be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The passphrase does not open this file.
    #[error("the passphrase does not open `{}`", path.display())]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// The file holds the key of something else.
    #[error("the key in `{}` belongs to another certificate", path.display())]
    OtherKey {
        /// The file.
        path: PathBuf,
    },
    /// The file holds no key that we can use.
    #[error("cannot use `{}`", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: KeyReadError,
    },
    /// There was no passphrase to be had.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// There were no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// No such key came out.
    #[error("could not make a {algorithm} key")]
    Generate {
        /// What was to be made.
        algorithm: KeyAlgorithm,
    },
    /// The key could not be written down.
    #[error("could not encode the private key")]
    Encode,
    /// The key made no signature.
    #[error("could not make a {algorithm} signature")]
    Sign {
        /// With which algorithm.
        algorithm: SignatureAlgorithm,
    },
}

/// These bytes are no private key that we can use.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyReadError {
    /// There is no private key among the PEM blocks.
    #[error("there is no private key in it{}", found.as_ref().map_or_else(String::new, |found| format!(", only {found}")))]
    NoKey {
        /// The labels that are there.
        found: Option<String>,
    },
    /// The block is labelled as a key and does not read as one.
    #[error("the `{label}` block does not read as a private key")]
    Malformed {
        /// The label.
        label: String,
    },
    /// A kind of key that is not used here.
    #[error("{kind} keys are not used here; P-256, P-384 and RSA of 2048 to 8192 bits are")]
    UnsupportedKind {
        /// The kind, or its object identifier.
        kind: String,
    },
    /// Its numbers do not belong together, or it is too short.
    #[error("the {kind} key is refused: {reason}")]
    Rejected {
        /// The kind.
        kind: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An old form of encryption that anybody with time can break.
    #[error("it is encrypted in an old form ({form}); convert it with `openssl pkcs8 -topk8`")]
    LegacyEncryption {
        /// Which.
        form: String,
    },
    /// PBES2 with parts that we do not know.
    #[error("it is encrypted with an algorithm that is not read here; convert it with `openssl pkcs8 -topk8`")]
    UnknownEncryption,
    /// Its key stretching would take longer or more memory than we grant a file.
    #[error("its {parameter} is {found}; at most {limit} is read")]
    CostlyEncryption {
        /// Which figure.
        parameter: &'static str,
        /// What the file says.
        found: u128,
        /// What we grant.
        limit: u128,
    },
    /// It does not open with this passphrase.
    #[error("the passphrase does not open it")]
    WrongPassphrase,
    /// There was no passphrase to be had.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
}
