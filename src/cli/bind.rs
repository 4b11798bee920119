//! Where to listen, as it is typed: an address, perhaps with a port.

use std::net::{IpAddr, SocketAddr};

/// `ADDRESS` or `ADDRESS:PORT`, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bind {
    address: IpAddr,
    port: Option<u16>,
}

impl Bind {
    /// Reads it; brackets stand around an address of IPv6 that has a port (RFC 3986 3.2.2).
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self { address, port: None });
        }
        if let Ok(at) = text.parse::<SocketAddr>() {
            return Ok(Self { address: at.ip(), port: Some(at.port()) });
        }
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let address = bare.and_then(|bare| bare.parse::<IpAddr>().ok());
        address
            .map(|address| Self { address, port: None })
            .ok_or("it looks like 192.168.0.1, 192.168.0.1:4822 or [fd00::1]:4822")
    }

    /// The address.
    pub(super) fn address(self) -> IpAddr {
        self.address
    }

    /// The port, where one was typed.
    pub(super) fn port(self) -> Option<u16> {
        self.port
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_port() {
        let bind = |text: &str| Bind::parse(text).map(|bind| (bind.address.to_string(), bind.port));
        assert_eq!(bind("192.168.0.1"), Ok(("192.168.0.1".to_owned(), None)));
        assert_eq!(bind("192.168.0.1:80"), Ok(("192.168.0.1".to_owned(), Some(80))));
        assert_eq!(bind("fd00::1"), Ok(("fd00::1".to_owned(), None)));
        assert_eq!(bind("[fd00::1]"), Ok(("fd00::1".to_owned(), None)));
        assert_eq!(bind("[fd00::1]:0"), Ok(("fd00::1".to_owned(), Some(0))));
        for bad in ["", ":80", "hub.local", "192.168.0.1:", "192.168.0.1:99999", "192.168.0", "http://192.168.0.1"] {
            assert!(bind(bad).is_err(), "{bad}");
        }
    }
}
