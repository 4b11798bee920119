//! Why a home cannot be opened, made or written to.

use std::{net::IpAddr, path::PathBuf};

use thiserror::Error;
use time::OffsetDateTime;

use super::route::RouteError;
use crate::{
    authority::{
        CrlError, EstablishError, IssueError, IssuerError, LedgerError, ResponderError, RotationError, Status, told,
    },
    keys::{KeyError, KeyReadError, PassphraseError},
    profile::{ProfileError, ScopeError},
    store::StoreError,
    system::FileError,
    x509::CertificateError,
};

/// A home could not do as it was asked.
#[derive(Debug, Error)]
pub enum HomeError {
    /// There is no CA in it.
    #[error("there is no CA in `{}`", directory.display())]
    NoCa {
        /// The home.
        directory: PathBuf,
    },
    /// Its CA is there, and its ledger is not.
    #[error("the ledger of the CA in `{}` is lost: there is no `{}`", directory.display(), ledger.display())]
    LedgerLost {
        /// The home.
        directory: PathBuf,
        /// Where the ledger would lie.
        ledger: PathBuf,
    },
    /// There is one already.
    #[error("there is a CA in `{}` already", directory.display())]
    AlreadyThere {
        /// The home.
        directory: PathBuf,
    },
    /// Something else lies where a CA shall be.
    #[error("`{}` holds {entry}, so no CA is made in it", directory.display())]
    NotEmpty {
        /// The home.
        directory: PathBuf,
        /// What is in it.
        entry: String,
    },
    /// Others can read or write it.
    #[error("`{}` can be used by others: its mode is {mode:04o}", directory.display())]
    Exposed {
        /// The home.
        directory: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Others can use the directory in which a CA shall be made.
    #[error("`{}` is a directory that others can use: its mode is {mode:04o}", directory.display())]
    Shared {
        /// The directory.
        directory: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It belongs to somebody else.
    #[error("`{}` belongs to user {owner}, and this is user {us}", directory.display())]
    Foreign {
        /// The home.
        directory: PathBuf,
        /// Its owner's number.
        owner: u32,
        /// Ours.
        us: u32,
    },
    /// The root's key is not here.
    #[error("the root key is not in `{}`", path.display())]
    NoRootKey {
        /// Where it would be.
        path: PathBuf,
    },
    /// The key of an issuing CA is not here.
    #[error("the key of its issuing CA is not in `{}`", path.display())]
    NoIssuingKey {
        /// Where it would be.
        path: PathBuf,
    },
    /// Something lies where a CA shall be that is adopted.
    #[error("`{}` is there, where {ca} shall be", path.display())]
    CaInTheWay {
        /// The directory.
        path: PathBuf,
        /// The CA, such as `issuing/2`.
        ca: String,
    },
    /// The settings cannot be read.
    #[error("`{}` cannot be used: {reason}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// No profile of that name.
    #[error("there is no profile `{name}`")]
    NoProfile {
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A profile that makes CAs was asked for a server.
    #[error("the profile `{0}` is for a CA, and only `init` makes one")]
    CaProfile(String),
    /// One label twice in a batch.
    #[error("the label `{0}` stands in the batch twice")]
    LabelTwice(String),
    /// Something that hubca did not make lies where it keeps a lineage.
    #[error("`{}` is not what hubca puts there", path.display())]
    Occupied {
        /// The path.
        path: PathBuf,
    },
    /// No certificate has that label.
    #[error("there is no certificate `{label}`")]
    NoCertificate {
        /// The label.
        label: String,
    },
    /// The newest certificate of a label must not be used any more.
    #[error("the newest certificate of `{label}` is {}", status.as_str())]
    NotGood {
        /// The label.
        label: String,
        /// What it is.
        status: Status,
    },
    /// The newest certificate of a label is not valid yet: a clock was ahead when it was issued.
    #[error("the newest certificate of `{label}` is not valid before {}", told(*from))]
    NotBegun {
        /// The label.
        label: String,
        /// notBefore.
        from: OffsetDateTime,
    },
    /// The CA that issued the newest certificate of a label was revoked.
    #[error("the newest certificate of `{label}` was issued by a CA that was revoked")]
    IssuerRevoked {
        /// The label.
        label: String,
    },
    /// A label is brought to another server, or to where somebody said.
    #[error("`{label}` is brought {} already", server.as_deref().map_or("where somebody said".to_owned(), |server| format!("to {server}")))]
    Claimed {
        /// The label.
        label: String,
        /// The other server, where it is one.
        server: Option<String>,
    },
    /// A file that is not of a label would be written over by its copies.
    #[error("`{}` is not of this certificate, and would be written over", path.display())]
    InTheWay {
        /// The file.
        path: PathBuf,
    },
    /// The private key of a certificate was made elsewhere.
    #[error("the private key of `{label}` is not kept here")]
    NoKey {
        /// The label.
        label: String,
    },
    /// A file of the CA does not fit the ledger.
    #[error("`{}` is not the certificate that the ledger has", path.display())]
    Mismatch {
        /// The file.
        path: PathBuf,
    },
    /// The ledger does not have what it had.
    #[error("`{}` has lost its newest entries: entry {entry} of its log, which is noted in `{}`, is not in it", ledger.display(), noted.display())]
    EntriesLost {
        /// The ledger.
        ledger: PathBuf,
        /// The number of the entry.
        entry: i64,
        /// Where it is noted.
        noted: PathBuf,
    },
    /// There is no CA of that name.
    #[error("there is no CA `{name}` here")]
    NoIssuer {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Nobody knows which of its addresses is this machine's.
    #[error("{}", no_own_address(label, names))]
    NoOwnAddress {
        /// The label.
        label: String,
        /// The addresses among its names.
        names: Vec<IpAddr>,
        /// Those of this machine.
        here: Vec<IpAddr>,
    },
    /// This machine has several addresses, and any of them could take the place of the one that it has no more.
    #[error("`{label}` is to follow the address of this machine, which was `{from}` and may be any of {}", listed(to))]
    UnclearAddress {
        /// The label.
        label: String,
        /// The address that its certificate names.
        from: IpAddr,
        /// The addresses that could follow.
        to: Vec<IpAddr>,
    },
    /// No CRL was made.
    #[error(transparent)]
    Crl(#[from] CrlError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No certificate was issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// No CA was made.
    #[error(transparent)]
    Establish(#[from] EstablishError),
    /// A step of a change of root was not taken.
    #[error(transparent)]
    Rotation(#[from] RotationError),
    /// The old root is needed still.
    #[error("of the certificates in use, {certificates} still lead to the old root")]
    OldRootInUse {
        /// How many of them, or as many as were looked at.
        certificates: usize,
    },
    /// A key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key cannot sign.
    #[error(transparent)]
    KeyRead(#[from] KeyReadError),
    /// A key is not its CA's.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// An OCSP responder cannot be used.
    #[error(transparent)]
    Responder(#[from] ResponderError),
    /// A profile cannot be read.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A scope cannot be read.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// A file failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// A certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// What is remembered of a lineage cannot be done.
    #[error(transparent)]
    Route(#[from] RouteError),
}

fn no_own_address(label: &str, names: &[IpAddr]) -> String {
    if names.is_empty() {
        return format!("`{label}` has no address among its names that could change");
    }
    format!("none of {} is known to be an address of this machine, so that `{label}` could follow it", listed(names))
}

fn listed(addresses: &[IpAddr]) -> String {
    addresses.iter().map(|address| format!("`{address}`")).collect::<Vec<_>>().join(", ")
}

impl From<StoreError> for HomeError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

impl HomeError {
    /// Whether a home is not opened because something in it is lost, or is not what was written.
    pub fn is_damage(&self) -> bool {
        let is_damaged = |error: &LedgerError| match error {
            LedgerError::Store(error) => matches!(
                error,
                StoreError::NotADatabase { .. }
                    | StoreError::Corrupt { .. }
                    | StoreError::Altered { .. }
                    | StoreError::WrongContent { .. }
            ),
            LedgerError::Unreadable { .. } => true,
            _ => false,
        };
        match self {
            Self::LedgerLost { .. } | Self::EntriesLost { .. } | Self::Mismatch { .. } => true,
            Self::Ledger(error) | Self::Issue(IssueError::Ledger(error)) => is_damaged(error),
            _ => false,
        }
    }

    /// Whether it takes a person to bring a CA's key, or to open it.
    pub fn is_key_away(&self) -> bool {
        let unavailable = |error: &PassphraseError| matches!(error, PassphraseError::Unavailable { .. });
        match self {
            Self::NoRootKey { .. } | Self::NoIssuingKey { .. } => true,
            Self::Key(
                KeyError::Passphrase(error) | KeyError::Unusable { source: KeyReadError::Passphrase(error), .. },
            )
            | Self::KeyRead(KeyReadError::Passphrase(error)) => unavailable(error),
            _ => false,
        }
    }
}
