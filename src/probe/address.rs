//! Where a server is: a name or an address, and a port.

use std::fmt;

use thiserror::Error;

use super::opening::Opening;
use crate::x509::{DnsName, GeneralName};

/// Where a server is: `hub.lan:8443`, `192.168.0.1`, `[fd00::1]:443`. Without a port it is 443.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: GeneralName,
    port: u16,
    opening: Opening,
}

/// Why text is no place of a server.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AddressError {
    /// The host is neither a name nor an address.
    #[error("`{0}` names no server: it is HOST:PORT, such as hub.lan:443 or [fd00::1]:8443")]
    Host(String),
    /// A name with an underscore or an address with a zone, which programs call on and no certificate can have.
    #[error("`{0}` is nothing that a certificate can be for: {1}")]
    Uncertified(String, &'static str),
    /// The port is no number from 1 to 65535.
    #[error("`{0}` has no port from 1 to 65535")]
    Port(String),
    /// A name with a star stands for many servers.
    #[error("`{0}` stands for many servers, and one is looked at")]
    Wildcard(String),
}

impl Address {
    /// Reads a place.
    ///
    /// # Errors
    /// Text that names none.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let shown = || text.chars().take(80).collect::<String>();
        if text.contains('/') {
            return Err(AddressError::Host(shown()));
        }
        let (host, port) = split(text);
        let port = match port {
            None => HTTPS,
            Some(digits) => digits
                .parse()
                .ok()
                .filter(|port| *port != 0 && digits.bytes().all(|octet| octet.is_ascii_digit()))
                .ok_or_else(|| AddressError::Port(shown()))?,
        };
        let zone = host.split_once('%').filter(|(address, _)| GeneralName::parse_ip(address).is_ok());
        if zone.is_some() {
            return Err(AddressError::Uncertified(shown(), "the zone of an address is known to one machine only"));
        }
        // The dot of a name that is whole is no part of it.
        let host = host.strip_suffix('.').filter(|host| !host.is_empty()).unwrap_or(host);
        let named = || {
            let is_plain_but_for_underscores = host.contains('_') && DnsName::parse(&host.replace('_', "x")).is_ok();
            DnsName::parse(host).map(GeneralName::Dns).map_err(|_| match is_plain_but_for_underscores {
                true => AddressError::Uncertified(shown(), "no host name has an underscore"),
                false => AddressError::Host(shown()),
            })
        };
        let host = GeneralName::parse_ip(host).or_else(|_| named())?;
        if matches!(&host, GeneralName::Dns(name) if name.is_wildcard()) {
            return Err(AddressError::Wildcard(shown()));
        }
        Ok(Self { host, port, opening: Opening::Tls })
    }

    /// The host.
    pub fn host(&self) -> &GeneralName {
        &self.host
    }

    /// The same port of another host.
    pub fn with_host(&self, host: GeneralName) -> Self {
        Self { host, ..self.clone() }
    }

    /// The same, where something is said before TLS begins.
    #[must_use]
    pub fn opened_by(self, opening: Opening) -> Self {
        Self { opening, ..self }
    }

    /// What is said there before TLS begins.
    pub(super) fn opening(&self) -> Opening {
        self.opening
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// The part before the port, and the port where there is one: of the colons of an IPv6 address none is its beginning
/// unless brackets say so.
fn split(text: &str) -> (&str, Option<&str>) {
    match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => match rest.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None => (text, None),
        },
        None => match text.split_once(':') {
            Some((host, port)) if !port.contains(':') => (host, Some(port)),
            _ => (text, None),
        },
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            GeneralName::Ip(address) if address.is_ipv6() => write!(formatter, "[{address}]:{}", self.port),
            host => write!(formatter, "{host}:{}", self.port),
        }
    }
}

const HTTPS: u16 = 443;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_name_or_an_address_and_perhaps_a_port() {
        for (text, told) in [
            ("hub.lan:8443", "hub.lan:8443"),
            ("hub.lan", "hub.lan:443"),
            ("192.168.0.1:65535", "192.168.0.1:65535"),
            ("[fd00::1]:8443", "[fd00::1]:8443"),
            ("[fd00::1]", "[fd00::1]:443"),
            ("fd00::1", "[fd00::1]:443"),
            ("localhost:1", "localhost:1"),
            ("hub.lan.:8443", "hub.lan:8443"),
        ] {
            assert_eq!(Address::parse(text).unwrap().to_string(), told);
        }
    }

    #[test]
    fn what_names_no_server_is_told_by_what_is_wrong_with_it() {
        for text in ["hub.lan:0", "hub.lan:65536", "hub.lan:", "hub.lan:+1", "[fd00::1]:x"] {
            assert!(matches!(Address::parse(text), Err(AddressError::Port(_))), "{text}");
        }
        for text in ["", ":443", "[fd00::1]443", "https://hub.lan", "hub lan:1", "a_b/c", "[::1", "-x:1"] {
            assert!(matches!(Address::parse(text), Err(AddressError::Host(_))), "{text}");
        }
        assert!(matches!(Address::parse("*.hub.lan:443"), Err(AddressError::Wildcard(_))));
        for text in ["my_host:443", "[fe80::1%eth0]:443", "a_b"] {
            assert!(matches!(Address::parse(text), Err(AddressError::Uncertified(..))), "{text}");
        }
    }
}
