//! A network whose machine always has the same addresses, and on which every port is taken.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    time::Duration,
};

use hubca::system::{Announcement, Connection, LocalAddress, Network, NetworkError};

pub(crate) struct BusyNetwork;

impl Network for BusyNetwork {
    fn addresses(&self) -> Result<Vec<LocalAddress>, NetworkError> {
        let own = [
            ([192, 168, 0, 5], "eth0"),
            ([192, 168, 1, 7], "wlan0"),
            ([172, 17, 0, 1], "docker0"),
            ([127, 0, 0, 1], "lo"),
        ];
        let local = |(address, interface): ([u8; 4], &str)| LocalAddress::new(IpAddr::from(address), interface);
        Ok(own.map(local).to_vec())
    }

    fn listen(&self, at: SocketAddr) -> Result<TcpListener, NetworkError> {
        Err(NetworkError::Taken { at })
    }

    fn connect(&self, host: &str, port: u16, _limit: Duration) -> Result<Connection, NetworkError> {
        Err(NetworkError::Unreachable { host: host.to_owned(), port, reason: io::ErrorKind::TimedOut.into() })
    }

    fn announce(&self, name: &str, _page: SocketAddr) -> Result<Announcement, NetworkError> {
        Err(NetworkError::NameTaken(format!("{name}.local")))
    }
}
