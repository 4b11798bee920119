//! The network: the addresses of this machine, ports to listen on, ways to others, and a name to be found by.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use super::{
    announcement::{Announcement, announce},
    connection::{Connection, connect},
    local_address::{LocalAddress, local_addresses},
    network_error::NetworkError,
};

/// What connects this machine to others.
pub trait Network: Send + Sync {
    /// The addresses of this machine, those first at which others most likely reach it.
    ///
    /// # Errors
    /// The system does not tell.
    fn addresses(&self) -> Result<Vec<LocalAddress>, NetworkError>;

    /// Listens on a port of one address; port 0 is any that is free.
    ///
    /// # Errors
    /// The port is taken or needs more rights, or the address is not this machine's.
    fn listen(&self, at: SocketAddr) -> Result<TcpListener, NetworkError>;

    /// Connects to a port of a host, which is a name or an address; the connection ends after `limit`.
    ///
    /// # Errors
    /// Nobody has that name, or nobody answers there in time.
    fn connect(&self, host: &str, port: u16, limit: Duration) -> Result<Connection, NetworkError>;

    /// Announces `<name>.local` for a web page, by multicast DNS (RFC 6762), until the answer is dropped.
    ///
    /// # Errors
    /// Another machine has that name, or the system does not let us send.
    fn announce(&self, name: &str, page: SocketAddr) -> Result<Announcement, NetworkError>;
}

/// The network of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemNetwork;

impl Network for SystemNetwork {
    fn addresses(&self) -> Result<Vec<LocalAddress>, NetworkError> {
        Ok(local_addresses()?)
    }

    fn listen(&self, at: SocketAddr) -> Result<TcpListener, NetworkError> {
        TcpListener::bind(at).map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => NetworkError::Taken { at },
            io::ErrorKind::AddrNotAvailable => NetworkError::NotHere(at.ip()),
            io::ErrorKind::PermissionDenied => NetworkError::Privileged(at.port()),
            _ => NetworkError::Other(error),
        })
    }

    fn connect(&self, host: &str, port: u16, limit: Duration) -> Result<Connection, NetworkError> {
        connect(host, port, limit)
    }

    fn announce(&self, name: &str, page: SocketAddr) -> Result<Announcement, NetworkError> {
        announce(name, page)
    }
}

#[cfg(test)]
mod tests {
    use super::super::local_address::Reach;
    use super::*;

    #[test]
    fn a_port_that_is_taken_and_an_address_of_others_are_told_apart() {
        let network = SystemNetwork;
        assert!(network.addresses().unwrap().iter().any(|local| local.reach == Reach::Loopback));
        let listener = network.listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let taken = network.listen(listener.local_addr().unwrap());
        assert!(matches!(taken, Err(NetworkError::Taken { at }) if at == listener.local_addr().unwrap()));
        // TEST-NET-1 of RFC 5737 is nobody's.
        let elsewhere = network.listen("192.0.2.1:0".parse().unwrap());
        assert!(matches!(elsewhere, Err(NetworkError::NotHere(_))), "{elsewhere:?}");
    }
}
