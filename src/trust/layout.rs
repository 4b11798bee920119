//! How Linux systems keep what their programs trust: where the anchors of each lie, and what makes bundles of them.

use std::path::{Path, PathBuf};

use crate::system::Host;

/// How a system keeps what it trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Fedora and its kin: update-ca-trust(8).
    Fedora,
    /// Debian, Ubuntu, Alpine: update-ca-certificates(8).
    Debian,
    /// Arch Linux and its kin.
    Arch,
    /// openSUSE and SLES.
    OpenSuse,
    /// Any other with p11-kit, which knows where it keeps its anchors: trust(1).
    P11Kit,
}

/// The store of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemStore {
    /// How it is kept.
    pub layout: Layout,
    /// Where anchors lie; for p11-kit, what root alone may write into.
    pub directory: PathBuf,
}

/// A Linux system keeps what it trusts nowhere that is known, or has nothing yet that keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnchors;

impl Layout {
    /// Where each keeps its anchors, in the order in which they are looked for: the first directory that exists counts.
    pub(super) const DIRECTORIES: [(Self, &str); 5] = [
        (Self::Fedora, "/etc/pki/ca-trust/source/anchors"),
        (Self::Debian, "/usr/local/share/ca-certificates"),
        (Self::Arch, "/etc/ca-certificates/trust-source/anchors"),
        // The other one belongs to packages, and may lie on a file system that takes no writes.
        (Self::OpenSuse, "/etc/pki/trust/anchors"),
        (Self::OpenSuse, "/usr/share/pki/trust/anchors"),
    ];

    /// The program that makes bundles of the anchors.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Fedora => "update-ca-trust",
            Self::Debian | Self::OpenSuse => "update-ca-certificates",
            Self::Arch | Self::P11Kit => "trust",
        }
    }

    /// The words behind it that have it make them.
    pub(super) fn gathering(self) -> &'static [&'static str] {
        match self {
            Self::Fedora => &["extract"],
            Self::Debian | Self::OpenSuse | Self::P11Kit => &[],
            Self::Arch => &["extract-compat"],
        }
    }

    /// The bundle for TLS that it makes.
    pub fn bundle(self) -> Option<&'static Path> {
        let path = match self {
            Self::Fedora => "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            Self::Debian => "/etc/ssl/certs/ca-certificates.crt",
            Self::Arch => "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
            Self::OpenSuse => "/var/lib/ca-certificates/ca-bundle.pem",
            Self::P11Kit => return None,
        };
        Some(Path::new(path))
    }

    /// Where its program reads certificates besides.
    pub(super) fn others(self) -> &'static [&'static str] {
        match self {
            Self::Debian => &[OF_PACKAGES],
            // Those of p11-kit read each before they write it.
            Self::Fedora | Self::Arch | Self::OpenSuse | Self::P11Kit => &[],
        }
    }

    /// Whether its program takes a file that lies where it reads: of those of packages Debian's takes what is listed.
    pub(super) fn takes(self, file: &Path, host: &dyn Host) -> bool {
        let Ok(name) = file.strip_prefix(OF_PACKAGES) else { return true };
        let list = host.read(Path::new(LIST), MOST_OF_LIST).unwrap_or_default();
        String::from_utf8_lossy(&list).lines().any(|line| Path::new(line) == name)
    }

    /// Debian's program wants a certificate to a file, and the ending.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Fedora | Self::OpenSuse => "pem",
            Self::Debian | Self::Arch | Self::P11Kit => "crt",
        }
    }
}

/// Where packages of Debian's put certificates, and the list of those that are taken.
const OF_PACKAGES: &str = "/usr/share/ca-certificates";
const LIST: &str = "/etc/ca-certificates.conf";
const MOST_OF_LIST: usize = 1024 * 1024;
