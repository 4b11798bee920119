//! Where something is reached: a host and a port, and the address of the hub. Both are safe in a header by their types.

use std::{fmt, net::IpAddr};

use thiserror::Error;
use url::{Host, Url};

use crate::x509::{DnsName, GeneralName};

/// A host and a port, RFC 6454.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    host: GeneralName,
    port: u16,
}

/// The address of the hub, which the page offers once it is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubAddress(Url);

/// Why text is no address of a hub.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HubAddressError {
    /// No address at all.
    #[error("`{0}` is no address such as https://192.168.0.1:8000")]
    NotAnAddress(String),
    /// Something that a browser does not open as a page.
    #[error("`{0}` begins with neither https:// nor http://")]
    Scheme(String),
    /// A name or a password in it: everybody who sees the page would have them.
    #[error("the address of the hub holds a user name or a password, which the page would show to everybody")]
    Credentials,
    /// A host that no certificate could name.
    #[error("`{0}` is neither a host name nor an address")]
    Host(String),
}

impl Origin {
    /// That host, on that port.
    pub fn new(host: GeneralName, port: u16) -> Self {
        Self { host, port }
    }

    /// The host.
    pub fn host(&self) -> &GeneralName {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How a content security policy names it. Its grammar has no IPv6 address, so of one the scheme alone is left.
    pub(super) fn source(&self, scheme: &str) -> String {
        match self.host {
            GeneralName::Ip(IpAddr::V6(_)) => format!("{scheme}:"),
            _ => format!("{scheme}://{self}"),
        }
    }
}

impl fmt::Display for Origin {
    /// `192.168.0.1:8443`, `[fd00::1]:8443`, `hub.local:8443`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            GeneralName::Ip(IpAddr::V6(address)) => write!(formatter, "[{address}]:{}", self.port),
            GeneralName::Ip(IpAddr::V4(address)) => write!(formatter, "{address}:{}", self.port),
            GeneralName::Dns(name) => write!(formatter, "{}:{}", name.as_str(), self.port),
        }
    }
}

impl HubAddress {
    /// Reads an address as a person types it.
    ///
    /// # Errors
    /// No address, one of another kind, one with a secret in it, or a host that no certificate could name.
    pub fn parse(text: &str) -> Result<Self, HubAddressError> {
        let shown = || text.chars().take(MOST_SHOWN).collect::<String>();
        if text.len() > LONGEST || text.chars().any(|character| character.is_control() || character.is_whitespace()) {
            return Err(HubAddressError::NotAnAddress(shown()));
        }
        let url = Url::parse(text).map_err(|_| HubAddressError::NotAnAddress(shown()))?;
        // First, because the other errors show what was typed.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(HubAddressError::Credentials);
        }
        if !matches!(url.scheme(), "https" | "http") {
            return Err(HubAddressError::Scheme(shown()));
        }
        // The parser of addresses lets through in a host what would end a directive of a policy.
        match url.host() {
            Some(Host::Domain(name)) if DnsName::parse(name).is_ok_and(|name| !name.is_wildcard()) => Ok(Self(url)),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => Ok(Self(url)),
            _ => Err(HubAddressError::Host(shown())),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// How a content security policy names its scheme, host and port.
    pub(super) fn source(&self) -> String {
        match self.0.host() {
            Some(Host::Ipv6(_)) => format!("{}:", self.0.scheme()),
            _ => self.0.origin().ascii_serialization(),
        }
    }
}

impl fmt::Display for HubAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

const LONGEST: usize = 2048;
const MOST_SHOWN: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        let origin = |host| Origin::new(host, 8443).to_string();
        assert_eq!(origin(GeneralName::parse_ip("192.168.0.1").unwrap()), "192.168.0.1:8443");
        assert_eq!(origin(GeneralName::parse_ip("fd00::1").unwrap()), "[fd00::1]:8443");
        assert_eq!(origin(GeneralName::Dns(DnsName::parse("hub.local").unwrap())), "hub.local:8443");
    }

    #[test]
    fn a_hub_is_reached_by_https_or_http_and_nothing_else() {
        let hub = HubAddress::parse("https://192.168.0.1:8000/hub?x=1#y").unwrap();
        assert_eq!(hub.as_str(), "https://192.168.0.1:8000/hub?x=1#y");
        assert_eq!(hub.source(), "https://192.168.0.1:8000");
        assert_eq!(HubAddress::parse("http://[fd00::1]:80/").unwrap().source(), "http:");
        for (text, error) in [
            ("hub.local", HubAddressError::NotAnAddress("hub.local".to_owned())),
            ("javascript:alert(1)", HubAddressError::Scheme("javascript:alert(1)".to_owned())),
            ("data:text/html,x", HubAddressError::Scheme("data:text/html,x".to_owned())),
            ("https://ann:secret@hub.local", HubAddressError::Credentials),
            ("https://ann@hub.local", HubAddressError::Credentials),
            ("ftp://ann:secret@hub.local", HubAddressError::Credentials),
            ("https://a;script-src/", HubAddressError::Host("https://a;script-src/".to_owned())),
            ("https://a'b/", HubAddressError::Host("https://a'b/".to_owned())),
            ("https://*.lan/", HubAddressError::Host("https://*.lan/".to_owned())),
            ("https://a b/", HubAddressError::NotAnAddress("https://a b/".to_owned())),
            ("https://a\nb/", HubAddressError::NotAnAddress("https://a\nb/".to_owned())),
            ("", HubAddressError::NotAnAddress(String::new())),
        ] {
            assert_eq!(HubAddress::parse(text), Err(error), "{text}");
        }
        assert!(HubAddress::parse(&format!("https://hub.local/{}", "a".repeat(3000))).is_err());
    }
}
