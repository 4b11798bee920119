//! What a preset is written for: a label, what its certificate vouches for, and where its files lie.

use std::net::IpAddr;

use super::{certificate_files::CertificateFiles, error::PresetError, place::Place};
use crate::x509::{AltName, Certificate, DnsName, GeneralName, SubjectAltNames};

/// What a preset is written for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    label: String,
    names: Vec<SiteName>,
    files: CertificateFiles,
    port: Option<u16>,
    upstream: Option<u16>,
    place: Option<Place>,
    /// The addresses of this machine.
    own: Vec<IpAddr>,
    /// Which release of the server is there.
    release: Option<[u32; 3]>,
}

/// A family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

impl Family {
    /// The address at which a server listens for whoever comes to one of its own in this family.
    pub(super) fn any(self) -> &'static str {
        match self {
            Self::V4 => "0.0.0.0",
            Self::V6 => "::",
        }
    }
}

/// An address or a name that the certificate vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SiteName {
    Address(IpAddr),
    Host(DnsName),
}

impl Site {
    /// A site with the names of a certificate; of them those that are neither an address nor a host name are left out.
    ///
    /// # Errors
    /// A certificate without any.
    pub fn new(label: &str, certificate: &Certificate, files: CertificateFiles) -> Result<Self, PresetError> {
        let found = certificate.tbs().subject_alt_names().ok().flatten().unwrap_or_default();
        Self::of(label, found.iter().filter_map(SiteName::of).collect(), files)
    }

    /// A site with the names that a certificate will have.
    ///
    /// # Errors
    /// No name.
    pub fn of_names(label: &str, names: &SubjectAltNames, files: CertificateFiles) -> Result<Self, PresetError> {
        Self::of(label, names.iter().map(SiteName::from).collect(), files)
    }

    fn of(label: &str, names: Vec<SiteName>, files: CertificateFiles) -> Result<Self, PresetError> {
        if names.is_empty() {
            return Err(PresetError::NoName(label.to_owned()));
        }
        let (label, own) = (label.to_owned(), Vec::new());
        Ok(Self { label, names, files, port: None, upstream: None, place: None, own, release: None })
    }

    /// The same with another port than the server's usual one.
    #[must_use]
    pub fn at_port(self, port: Option<u16>) -> Self {
        Self { port, ..self }
    }

    /// The same in front of another port of this machine.
    #[must_use]
    pub fn in_front_of(self, upstream: Option<u16>) -> Self {
        Self { upstream, ..self }
    }

    /// The same where the server has its configuration in this place.
    #[must_use]
    pub fn configured_in(self, place: Option<Place>) -> Self {
        Self { place, ..self }
    }

    /// The same where this machine has these addresses: its server is looked at there, and no name has to be looked up.
    #[must_use]
    pub fn on_machine_with(self, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        Self { own: addresses.into_iter().collect(), ..self }
    }

    /// The same for this release of the server; without one for any of them.
    #[must_use]
    pub fn for_release(self, release: Option<[u32; 3]>) -> Self {
        Self { release, ..self }
    }

    /// The label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Where the server finds the files.
    pub fn files(&self) -> &CertificateFiles {
        &self.files
    }

    /// Where it has its configuration on this machine, if that was looked for.
    pub(super) fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// The port that was said, if one was.
    pub fn said_port(&self) -> Option<u16> {
        self.port
    }

    /// The port behind it that was said, if one was.
    pub fn said_upstream(&self) -> Option<u16> {
        self.upstream
    }

    pub(super) fn port(&self, usual: u16) -> u16 {
        self.port.unwrap_or(usual)
    }

    pub(super) fn upstream(&self, usual: u16) -> u16 {
        self.upstream.unwrap_or(usual)
    }

    /// The names as they stand in a URL, RFC 3986 3.2.2.
    pub(super) fn url_names(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(SiteName::in_url)
    }

    /// The family in which a server listens; none where it does in both, as the certificate has addresses of both. Names alone are those
    /// of IPv4 addresses.
    pub(super) fn family(&self) -> Option<Family> {
        let has = |family: fn(&IpAddr) -> bool| self.addresses().any(|address| family(&address));
        match (has(IpAddr::is_ipv4), has(IpAddr::is_ipv6)) {
            (true, true) => None,
            (false, true) => Some(Family::V6),
            (_, false) => Some(Family::V4),
        }
    }

    /// Whether somebody may come by an address.
    pub(super) fn has_addresses(&self) -> bool {
        self.addresses().next().is_some()
    }

    fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.names.iter().filter_map(|name| match name {
            SiteName::Address(address) => Some(*address),
            SiteName::Host(_) => None,
        })
    }

    pub(super) fn release(&self) -> Option<[u32; 3]> {
        self.release
    }

    /// The name to look the server up by: the first that is one server's, not a wildcard.
    pub(super) fn first(&self) -> Option<String> {
        self.names.iter().find(|name| !name.is_wildcard()).map(SiteName::in_url)
    }

    /// Where the server shows its certificate: at an address of this machine, at another one, else by its name, which this machine
    /// may have no way to look up.
    pub(super) fn verify(&self, port: u16) -> Option<String> {
        let is_own = |name: &&SiteName| matches!(name, SiteName::Address(address) if self.own.contains(address));
        let is_address = |name: &&SiteName| matches!(name, SiteName::Address(_));
        let found = self.names.iter().find(is_own).or_else(|| self.names.iter().find(is_address));
        found.map(SiteName::in_url).or_else(|| self.first()).map(|name| format!("{name}:{port}"))
    }
}

impl From<&GeneralName> for SiteName {
    fn from(name: &GeneralName) -> Self {
        match name {
            GeneralName::Dns(name) => Self::Host(name.clone()),
            GeneralName::Ip(address) => Self::Address(*address),
        }
    }
}

impl SiteName {
    fn of(name: &AltName) -> Option<Self> {
        match (name, name.ip()) {
            (_, Some(address)) => Some(Self::Address(address)),
            (AltName::Dns(text), None) => DnsName::parse(text).ok().map(Self::Host),
            _ => None,
        }
    }

    fn in_url(&self) -> String {
        match self {
            Self::Address(IpAddr::V6(address)) => format!("[{address}]"),
            Self::Address(IpAddr::V4(address)) => address.to_string(),
            Self::Host(name) => name.as_str().to_owned(),
        }
    }

    fn is_wildcard(&self) -> bool {
        matches!(self, Self::Host(name) if name.as_str().starts_with("*."))
    }
}
