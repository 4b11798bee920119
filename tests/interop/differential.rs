//! hubca's own judgement of names against openssl's and rustls-webpki's, over random scopes and names: what hubca grants both accept,
//! and what one of them refuses hubca refuses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::chain::{Case, Chain, Name};
use crate::hand_made::Authority;
use crate::random::Random;
use crate::support::TestHome;
use crate::witness::{OpenSsl, WebPki, Witness as _, present};

const SCOPES: usize = 40;
const NAMES_IN_A_SCOPE: usize = 50;

#[test]
fn hubca_grants_no_name_that_openssl_or_rustls_webpki_refuses() {
    if !present("differential", &OpenSsl.needs()) {
        return;
    }
    let mut random = Random::of_this_run("differential");
    let mut homes = Vec::new();
    let mut granted = Vec::new();
    let mut cases = Vec::new();
    for _ in 0..SCOPES {
        let scope = Scope::any(&mut random);
        let home = TestHome::with_ca(&scope.options());
        let thief = Authority::stolen_from(&home);
        for number in 0..NAMES_IN_A_SCOPE {
            let name = scope.name_about_the_edge(&mut random);
            let issued = issue(&home, number, &name);
            granted.push(issued.is_some());
            let chain = issued.unwrap_or_else(|| thief.leaf(std::slice::from_ref(&name)));
            cases.push(Case::new(&format!("{name} under {:?}", scope.options()), &chain, &name.host()));
        }
        homes.push(home);
    }
    let (by_openssl, by_webpki) = (OpenSsl.judge(&cases), WebPki.judge(&cases));
    let mut disagreements = Vec::new();
    let mut refused_alone = 0;
    for (((case, granted), openssl), webpki) in cases.iter().zip(&granted).zip(&by_openssl).zip(&by_webpki) {
        if *granted && !(openssl.is_acceptance() && webpki.is_acceptance()) {
            disagreements.push(format!("{}: hubca grants, openssl {openssl:?}, rustls-webpki {webpki:?}", case.title));
        }
        if !granted && openssl.is_acceptance() && webpki.is_acceptance() {
            refused_alone += 1;
        }
    }
    let grants = granted.iter().filter(|granted| **granted).count();
    eprintln!("{} pairs: {grants} granted, {refused_alone} refused by hubca alone", cases.len());
    assert!(disagreements.is_empty(), "{disagreements:#?}");
    // Names that all land on one side would make the test an empty one.
    let pairs = SCOPES * NAMES_IN_A_SCOPE;
    assert!(grants > pairs / 5 && grants < pairs * 4 / 5, "{grants} of {pairs} were granted");
    // hubca may be stricter, but one that refuses everything is of no use.
    assert!(refused_alone <= pairs / 50, "{refused_alone} of {pairs} were refused by hubca alone");
}

/// The certificate, or none where hubca says that the name is out of scope. Any other refusal is a fault of this test or of hubca.
fn issue(home: &TestHome, number: usize, name: &Name) -> Option<Chain> {
    let label = format!("pair-{number}");
    let answer = home.hubca(&["issue", "--json", "--label", &label, name.option(), &name.to_string()]);
    if answer.code == Some(0) {
        let answer = answer.json();
        let file = |kind: &str| answer["files"][kind].as_str().unwrap().into();
        return Some(Chain {
            root: home.file("root/root.crt.pem"),
            issuing: file("chain"),
            leaf: file("cert"),
            key: file("key"),
        });
    }
    let answer = answer.failed_with(1);
    let message = answer.error()["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("is outside what this CA may vouch for"), "{answer}");
    None
}

struct Scope {
    dns: Vec<String>,
    networks: Vec<IpNet>,
}

impl Scope {
    fn any(random: &mut Random) -> Self {
        let mut dns: Vec<String> = (0..random.below(4)).map(|_| any_domain(random)).collect();
        let mut networks: Vec<IpNet> = (0..random.below(4)).map(|_| any_network(random)).collect();
        if dns.is_empty() && networks.is_empty() {
            dns.push("lan".to_owned());
        }
        dns.sort();
        dns.dedup();
        networks.sort();
        networks.dedup();
        Self { dns, networks }
    }

    fn options(&self) -> Vec<String> {
        let mut options = vec!["--permit-only".to_owned()];
        let permits = self.dns.iter().cloned().chain(self.networks.iter().map(ToString::to_string));
        options.extend(permits.flat_map(|permit| ["--permit".to_owned(), permit]));
        options
    }

    /// A name inside, just outside, or somewhere else.
    fn name_about_the_edge(&self, random: &mut Random) -> Name {
        let domain =
            if self.dns.is_empty() || random.one_in(8) { any_domain(random) } else { random.pick(&self.dns).clone() };
        let network = if self.networks.is_empty() || random.one_in(8) {
            any_network(random)
        } else {
            *random.pick(&self.networks)
        };
        match random.below(10) {
            0 => Name::Dns(domain),
            1 => Name::Dns(format!("hub.{domain}")),
            2 => Name::Dns(format!("a.b.{domain}")),
            3 => Name::Dns(format!("x{domain}")),
            4 => Name::Dns(format!("{domain}.example.net")),
            5 => Name::Dns(
                domain.split_once('.').map_or_else(|| format!("hub.{domain}"), |(_, parent)| format!("hub.{parent}")),
            ),
            // `*.lan` is no name that anyone may have: the wildcard always stands above two labels.
            6 => Name::Dns(format!("*.hub.{domain}")),
            7 => Name::Ip(a_servers(inside(&network, random), random)),
            8 => Name::Ip(a_servers(just_outside(&network, random), random)),
            _ => Name::Ip(any_address(random)),
        }
    }
}

fn any_domain(random: &mut Random) -> String {
    let tops = ["lan", "internal", "home.arpa", "example.com", "example.org", "school.example", "test"];
    let mut domain = (*random.pick(&tops)).to_owned();
    for _ in 0..random.below(3) {
        domain = format!("{}.{domain}", random.pick(&["hub", "lab", "a", "b2", "lan", "xn--bcher-kva"]));
    }
    domain
}

fn any_network(random: &mut Random) -> IpNet {
    let network = match any_address(random) {
        IpAddr::V4(address) => IpNet::new(address.into(), u8::try_from(1 + random.below(32)).unwrap()),
        IpAddr::V6(address) => IpNet::new(address.into(), u8::try_from(1 + random.below(128)).unwrap()),
    };
    network.unwrap().trunc()
}

fn any_address(random: &mut Random) -> IpAddr {
    let bits = random.next();
    if random.one_in(2) {
        // From 1.0.0.0 up to the multicast addresses, which no server has.
        Ipv4Addr::from_bits(0x0100_0000 + u32::try_from(bits % 0xdf00_0000).unwrap()).into()
    } else {
        // Unicast of one prefix or the other.
        let prefix = if random.one_in(2) { 0x2001_0db8_u128 << 96 } else { 0xfd00_u128 << 112 };
        Ipv6Addr::from_bits(prefix | (u128::from(bits) << 32) | u128::from(random.next() >> 32)).into()
    }
}

/// The address, or another where no server could have it: the question here is the scope alone.
fn a_servers(address: IpAddr, random: &mut Random) -> IpAddr {
    let impossible = match address {
        IpAddr::V4(v4) => v4.octets()[0] == 0 || v4.octets()[0] >= 224,
        IpAddr::V6(v6) => v6.segments()[0] == 0 || v6.is_multicast(),
    };
    if impossible { any_address(random) } else { address }
}

fn inside(network: &IpNet, random: &mut Random) -> IpAddr {
    match network {
        IpNet::V4(network) => {
            let host = u32::try_from(random.next() >> 32).unwrap() & network.hostmask().to_bits();
            Ipv4Addr::from_bits(network.network().to_bits() | host).into()
        }
        IpNet::V6(network) => {
            let any = (u128::from(random.next()) << 64) | u128::from(random.next());
            Ipv6Addr::from_bits(network.network().to_bits() | (any & network.hostmask().to_bits())).into()
        }
    }
}

/// An address inside, with one bit of the prefix turned.
fn just_outside(network: &IpNet, random: &mut Random) -> IpAddr {
    let turned = random.below(usize::from(network.prefix_len()));
    match inside(network, random) {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() ^ (1 << (31 - turned))).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() ^ (1 << (127 - turned))).into(),
    }
}
