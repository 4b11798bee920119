//! The address of a CRL or an OCSP responder as a certificate names it: an `http` URL, RFC 5280 4.2.1.13 and 4.2.2.1.

use std::{fmt, net::Ipv6Addr};

use thiserror::Error;

/// An absolute `http` URL that stands in a certificate as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HttpUrl(String);

/// Why text is no such URL.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HttpUrlError {
    /// Another scheme. To fetch over TLS what tells whether certificates are good needs a good certificate first
    /// (RFC 5280 section 8).
    #[error("`{0}` does not begin with http://")]
    Scheme(String),
    /// No host to ask.
    #[error("`{0}` names no host")]
    Host(String),
    /// A port that is none.
    #[error("`{0}` has a port that is none")]
    Port(String),
    /// Characters that RFC 3986 wants encoded.
    #[error("`{0}` has the character {1:?}, which a URL has as % and two digits")]
    Character(String, char),
    /// Longer than readers bear.
    #[error("a URL of {0} characters is longer than {MOST}")]
    TooLong(usize),
}

impl HttpUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// Another scheme, no host, or characters that no URL has.
    pub fn parse(text: &str) -> Result<Self, HttpUrlError> {
        let told = || text.to_owned();
        let rest = text.strip_prefix("http://").ok_or_else(|| HttpUrlError::Scheme(told()))?;
        if text.len() > MOST {
            return Err(HttpUrlError::TooLong(text.len()));
        }
        let foreign = |letter: &char| !letter.is_ascii_graphic() || "\"<>\\^`{|}#".contains(*letter);
        if let Some(letter) = text.chars().find(foreign) {
            return Err(HttpUrlError::Character(told(), letter));
        }
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let (host, port) = match authority.strip_prefix('[') {
            Some(bracketed) => {
                let (address, port) = bracketed.split_once(']').ok_or_else(|| HttpUrlError::Host(told()))?;
                if address.parse::<Ipv6Addr>().is_err() {
                    return Err(HttpUrlError::Host(told()));
                }
                (address, port)
            }
            None => authority.find(':').map_or((authority, ""), |at| authority.split_at(at)),
        };
        let is_host = |letter: char| letter.is_ascii_alphanumeric() || "-._:".contains(letter);
        if host.is_empty() || !host.chars().all(is_host) {
            return Err(HttpUrlError::Host(told()));
        }
        let is_port =
            port.is_empty() || port.strip_prefix(':').is_some_and(|it| it.parse::<u16>().is_ok_and(|it| it > 0));
        if !is_port {
            return Err(HttpUrlError::Port(told()));
        }
        Ok(Self(told()))
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// More is no address that a person gave.
const MOST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_http_url_is_taken_as_it_is() {
        for text in [
            "http://192.168.0.1/crl/issuing-1.crl",
            "http://hub.local:8080",
            "http://[fd00::1]:80/ocsp",
            "http://ca.home.arpa/a%20b?x=1",
        ] {
            assert_eq!(HttpUrl::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        let refused = |text: &str| HttpUrl::parse(text).unwrap_err();
        for text in ["https://hub.local/crl", "ldap://hub.local", "hub.local/crl", "HTTP://hub.local", ""] {
            assert!(matches!(refused(text), HttpUrlError::Scheme(_)), "{text}");
        }
        for text in ["http://", "http:///crl", "http://:80/", "http://[fd00::zz]/", "http://[::1", "http://a@b/"] {
            assert!(matches!(refused(text), HttpUrlError::Host(_)), "{text}");
        }
        for text in ["http://hub.local:0/", "http://hub.local:99999/", "http://hub.local:/", "http://[::1]8/"] {
            assert!(matches!(refused(text), HttpUrlError::Port(_)), "{text}");
        }
        for text in ["http://hub.local/a b", "http://hüb.local/", "http://hub.local/{x}", "http://hub.local/\n"] {
            assert!(matches!(refused(text), HttpUrlError::Character(..)), "{text}");
        }
        assert!(matches!(refused(&format!("http://hub.local/{}", "a".repeat(600))), HttpUrlError::TooLong(_)));
    }
}
