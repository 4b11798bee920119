//! The network: the addresses of this machine, ports to listen on, ways to others, and a name to be found by.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    time::Duration,
};

use if_addrs::get_if_addrs;

use super::{
    announcement::{Announcement, announce},
    connection::{Connection, connect},
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

/// An address of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalAddress {
    /// The address.
    pub address: IpAddr,
    /// What the system calls the interface that has it.
    pub interface: String,
    /// Who can be expected to reach it.
    pub reach: Reach,
}

/// Who can be expected to reach an address, the most likely to be wanted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// The local network: an address of a private range.
    Lan,
    /// Perhaps everybody.
    Public,
    /// Virtual machines, containers, or the other end of a tunnel.
    Virtual,
    /// The same cable only, and no browser that has to be told an address.
    LinkLocal,
    /// This machine only.
    Loopback,
}

impl Network for SystemNetwork {
    fn addresses(&self) -> Result<Vec<LocalAddress>, NetworkError> {
        let mut addresses: Vec<_> = get_if_addrs()?
            .into_iter()
            .filter(|interface| interface.is_oper_up() || interface.is_loopback())
            .map(|interface| LocalAddress {
                address: interface.ip(),
                reach: Reach::of(interface.ip(), &interface.name),
                interface: interface.name,
            })
            .collect();
        addresses.sort_by_key(|local| (local.reach, local.address));
        addresses.dedup();
        Ok(addresses)
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

impl Reach {
    /// Of an address and the name of its interface.
    pub fn of(address: IpAddr, interface: &str) -> Self {
        let (is_link_local, is_private) = match address {
            IpAddr::V4(address) => (address.is_link_local(), address.is_private() || is_shared(address)),
            IpAddr::V6(address) => (address.is_unicast_link_local(), is_unique_local(address)),
        };
        if address.is_loopback() {
            Self::Loopback
        } else if is_link_local {
            Self::LinkLocal
        } else if VIRTUAL.iter().any(|start| interface.starts_with(start)) {
            Self::Virtual
        } else if is_private {
            Self::Lan
        } else {
            Self::Public
        }
    }
}

/// RFC 6598.
fn is_shared(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [100, second, ..] if (64..128).contains(&second))
}

/// RFC 4193.
fn is_unique_local(address: Ipv6Addr) -> bool {
    address.octets().first().is_some_and(|first| first & 0xfe == 0xfc)
}

/// How the interfaces of containers, virtual machines and tunnels are called, on Linux, macOS and the BSDs.
const VIRTUAL: [&str; 24] = [
    "docker",
    "br-",
    "veth",
    "virbr",
    "vmnet",
    "vboxnet",
    "podman",
    "cni",
    "flannel",
    "cali",
    "lxc",
    "lxd",
    "incus",
    "tun",
    "tap",
    "utun",
    "wg",
    "zt",
    "tailscale",
    "ppp",
    "awdl",
    "llw",
    "bridge1",
    "dummy",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_local_network_come_first_and_those_of_nobody_else_last() {
        let reach = |address: &str, interface| Reach::of(address.parse().unwrap(), interface);
        assert_eq!(reach("192.168.0.5", "eth0"), Reach::Lan);
        assert_eq!(reach("fd00::5", "en0"), Reach::Lan);
        assert_eq!(reach("100.64.0.5", "wlan0"), Reach::Lan);
        assert_eq!(reach("203.0.113.5", "eth0"), Reach::Public);
        assert_eq!(reach("2001:db8::5", "eth0"), Reach::Public);
        assert_eq!(reach("172.17.0.1", "docker0"), Reach::Virtual);
        assert_eq!(reach("100.100.1.1", "tailscale0"), Reach::Virtual);
        assert_eq!(reach("169.254.3.4", "eth0"), Reach::LinkLocal);
        assert_eq!(reach("fe80::1", "docker0"), Reach::LinkLocal);
        assert_eq!(reach("127.0.0.1", "lo"), Reach::Loopback);
        assert_eq!(reach("::1", "lo"), Reach::Loopback);
        assert!(Reach::Lan < Reach::Public && Reach::LinkLocal < Reach::Loopback);
    }

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
