//! The addresses of this machine: of which network they are, who reaches them, and whether they stay.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    path::Path,
};

use if_addrs::{IfAddr, Interface, get_if_addrs};

use super::files::read_bounded;

/// An address of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalAddress {
    /// The address.
    pub address: IpAddr,
    /// What the system calls the interface that has it.
    pub interface: String,
    /// Who can be expected to reach it.
    pub reach: Reach,
    /// How many of its leading bits are those of its network.
    pub prefix_length: u8,
    /// Whether it is there to be used from outside for long.
    pub stay: Stay,
    /// Whether its interface is the one by which this machine sends to where it has no nearer way: the default route.
    pub is_way_out: bool,
}

/// Whether an address is there for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// As long as the network gives it.
    Lasting,
    /// For hours or a day: one of the temporary ones of RFC 8981, or one that is given up already.
    Passing,
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

/// The addresses of this machine, those first at which others most likely reach it.
pub(super) fn local_addresses() -> io::Result<Vec<LocalAddress>> {
    let interfaces: Vec<Interface> =
        get_if_addrs()?.into_iter().filter(|interface| interface.is_oper_up() || interface.is_loopback()).collect();
    let ways_out: Vec<&str> = [v4_way_out(), v6_way_out()]
        .into_iter()
        .flatten()
        .filter_map(|used| interfaces.iter().find(|interface| interface.ip() == used))
        .map(|interface| interface.name.as_str())
        .collect();
    let passing = read_bounded(Path::new(IPV6_OF_LINUX), MOST_BYTES).map(|text| passing(&text)).unwrap_or_default();
    let mut addresses: Vec<_> = interfaces
        .iter()
        .map(|interface| {
            let address = interface.ip();
            LocalAddress {
                prefix_length: match &interface.addr {
                    IfAddr::V4(v4) => v4.prefixlen,
                    IfAddr::V6(v6) => v6.prefixlen,
                },
                stay: if passing.contains(&address) { Stay::Passing } else { Stay::Lasting },
                is_way_out: ways_out.contains(&interface.name.as_str()),
                ..LocalAddress::new(address, &interface.name)
            }
        })
        .collect();
    addresses.sort_by_key(|local| (local.reach, local.address));
    addresses.dedup();
    Ok(addresses)
}

impl LocalAddress {
    /// An address of which no more is known than its interface.
    pub fn new(address: IpAddr, interface: &str) -> Self {
        Self {
            address,
            interface: interface.to_owned(),
            reach: Reach::of(address, interface),
            prefix_length: if address.is_ipv4() { 32 } else { 128 },
            stay: Stay::Lasting,
            is_way_out: false,
        }
    }

    /// Whether another address is of the same network.
    pub fn is_beside(&self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => {
                let differing = u32::from(ours) ^ u32::from(other);
                differing.leading_zeros() >= u32::from(self.prefix_length)
            }
            (IpAddr::V6(ours), IpAddr::V6(other)) => {
                let differing = u128::from(ours) ^ u128::from(other);
                differing.leading_zeros() >= u32::from(self.prefix_length)
            }
            _ => false,
        }
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

/// From which address this machine would send to the rest of the world. Nothing is sent: the system only chooses.
fn v4_way_out() -> Option<IpAddr> {
    chosen_for(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)), SocketAddr::from((TEST_NET, DISCARD)))
}

fn v6_way_out() -> Option<IpAddr> {
    chosen_for(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)), SocketAddr::from((DOCUMENTATION, DISCARD)))
}

fn chosen_for(any: SocketAddr, far: SocketAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(far).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// The addresses in Linux's list of those of IPv6 that are temporary or given up: each line has the address, the number of
/// the interface, the length of the prefix, the scope, the flags, and the interface.
fn passing(list: &[u8]) -> Vec<IpAddr> {
    let read = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [address, _, _, _, flags, _] = words.as_slice() else { return None };
        let flags = u32::from_str_radix(flags, 16).ok()?;
        let address = Ipv6Addr::from(u128::from_str_radix(address, 16).ok()?);
        (flags & (TEMPORARY | DEPRECATED) != 0).then_some(IpAddr::V6(address))
    };
    String::from_utf8_lossy(list).lines().filter_map(read).collect()
}

/// RFC 5737 and RFC 3849: nobody's, so that there is no nearer way to them than the default route.
const TEST_NET: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const DOCUMENTATION: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
/// RFC 863.
const DISCARD: u16 = 9;

const IPV6_OF_LINUX: &str = "/proc/net/if_inet6";
const TEMPORARY: u32 = 0x01;
const DEPRECATED: u32 = 0x20;
/// Room for thousands of addresses.
const MOST_BYTES: usize = 1024 * 1024;

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
    fn an_address_is_beside_those_of_its_network() {
        let local = |address: &str, prefix_length| LocalAddress {
            prefix_length,
            ..LocalAddress::new(address.parse().unwrap(), "eth0")
        };
        let beside = |local: LocalAddress, other: &str| local.is_beside(other.parse().unwrap());
        assert!(beside(local("192.168.1.77", 24), "192.168.1.5"));
        assert!(!beside(local("192.168.1.77", 24), "192.168.2.5"));
        assert!(beside(local("192.168.1.77", 16), "192.168.2.5"));
        assert!(!beside(local("192.168.1.77", 32), "192.168.1.5"));
        assert!(beside(local("10.0.0.1", 0), "192.168.1.5"));
        assert!(beside(local("fd00:1::77", 64), "fd00:1::5"));
        assert!(!beside(local("fd00:1::77", 64), "fd00:2::77"));
        assert!(!beside(local("fd00:1::77", 0), "192.168.1.5"));
    }

    #[test]
    fn what_linux_says_of_temporary_addresses_is_read_and_what_is_no_line_of_it_is_not() {
        let list = b"fd000001000000000000000000000005 02 40 00 80 eth0\n\
                     fd000001000000000000000000000006 02 40 00 01 eth0\n\
                     fd000001000000000000000000000007 02 40 00 20 eth0\n\
                     fd00 x\nzz 02 40 00 01 eth0\n\xff\n";
        let told: Vec<String> = passing(list).iter().map(ToString::to_string).collect();
        assert_eq!(told, ["fd00:1::6", "fd00:1::7"]);
    }

    #[test]
    fn the_loopback_address_is_no_way_out() {
        let addresses = local_addresses().unwrap();
        let loopback = addresses.iter().find(|local| local.reach == Reach::Loopback).unwrap();
        assert!(!loopback.is_way_out);
        assert!(loopback.is_beside(loopback.address));
    }
}
