//! What happened when a server was met: the facts that the rules about a connection judge. Nothing of it is found out here.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::x509::GeneralName;

/// A server as it was met: what it did beside sending certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encounter {
    /// What it was asked for: the reference identifier of RFC 9525.
    pub asked: GeneralName,
    /// Why there was no handshake as far as a certificate, where there was none.
    pub no_handshake: Option<String>,
    /// The versions of TLS that it takes, the oldest first.
    pub versions: Vec<TlsVersion>,
    /// Why it is known that it has not the key of its certificate.
    pub no_key: Option<String>,
    /// What is wrong with each certificate that cannot be read.
    pub unreadable: Vec<String>,
    /// How many certificates it sent beyond those that are looked at.
    pub too_many: usize,
    /// The CAs that it leaves out, though they are no roots, and where each is known from.
    pub missing: Vec<String>,
    /// The root that it sends along.
    pub root_sent: Option<String>,
    /// Why its chain leads to none of the roots that were meant.
    pub astray: Option<String>,
    /// Each who says that something in the chain was revoked.
    pub revoked: Vec<String>,
    /// Each who should say whether it was, and does not.
    pub untold: Vec<String>,
    /// Which certificate it should show, where that is another.
    pub outdated: Option<String>,
    /// What came in the place of a WebSocket that was wanted.
    pub no_websocket: Option<String>,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// RFC 2246.
    Tls10,
    /// RFC 4346.
    Tls11,
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl Encounter {
    /// One of which nothing is known yet but what was asked for.
    pub fn of(asked: GeneralName) -> Self {
        Self {
            asked,
            no_handshake: None,
            versions: Vec::new(),
            no_key: None,
            unreadable: Vec::new(),
            too_many: 0,
            missing: Vec::new(),
            root_sent: None,
            astray: None,
            revoked: Vec::new(),
            untold: Vec::new(),
            outdated: None,
            no_websocket: None,
        }
    }
}

impl TlsVersion {
    /// Its number: `1.3`.
    pub fn number(self) -> &'static str {
        match self {
            Self::Tls10 => "1.0",
            Self::Tls11 => "1.1",
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
        }
    }

    /// The one before.
    pub fn before(self) -> Option<Self> {
        match self {
            Self::Tls10 => None,
            Self::Tls11 => Some(Self::Tls10),
            Self::Tls12 => Some(Self::Tls11),
            Self::Tls13 => Some(Self::Tls12),
        }
    }

    /// Whether nobody should speak it any more, RFC 8996.
    pub fn is_old(self) -> bool {
        self < Self::Tls12
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TLS {}", self.number())
    }
}

impl Serialize for TlsVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.number())
    }
}
