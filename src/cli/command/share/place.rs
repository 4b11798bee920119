//! Where the page is served: an address of this machine, its ports, and perhaps a name.

use std::net::{IpAddr, SocketAddr, TcpListener};

use crate::{
    cli::{
        bind::Bind,
        context::Context,
        failure::{Failure, FailureKind},
        terminal::Person,
    },
    system::{LocalAddress, NetworkError, Reach},
    x509::{DnsName, GeneralName},
};

/// The address that devices shall go to: the one that was named, the only one that can be meant, or the one a person
/// chooses.
///
/// # Errors
/// The address is not this machine's or is none that a device can be told, or nobody is there to choose.
pub(super) fn address(bind: Option<Bind>, context: &Context) -> Result<IpAddr, Failure> {
    let own = context.network().addresses()?;
    if let Some(bind) = bind {
        return checked(bind.address(), &own);
    }
    let likely: Vec<&LocalAddress> = own.iter().filter(|local| is_tellable(local.address)).collect();
    let reached = |wanted: fn(&IpAddr) -> bool| {
        let mut lan = likely.iter().filter(|local| local.reach == Reach::Lan && wanted(&local.address));
        lan.next().filter(|_| lan.next().is_none()).map(|only| only.address)
    };
    let has_lan_ipv4 = likely.iter().any(|local| local.reach == Reach::Lan && local.address.is_ipv4());
    // Most devices have IPv4, and its addresses are those that people know.
    let only = if has_lan_ipv4 { reached(IpAddr::is_ipv4) } else { reached(IpAddr::is_ipv6) };
    if let Some(only) = only {
        return Ok(only);
    }
    let choices: Vec<String> = likely.iter().map(|local| told(local)).collect();
    if context.person() == Person::Present && !choices.is_empty() {
        let chosen = context.terminal().choose("at which address do devices reach this machine?", &choices)?;
        return likely.get(chosen).map(|local| local.address).ok_or_else(|| several(&choices));
    }
    Err(several(&choices))
}

fn checked(address: IpAddr, own: &[LocalAddress]) -> Result<IpAddr, Failure> {
    let failure = |message| Failure::usage(message).hint(format!("this machine has {}", listed(own)));
    if address.is_unspecified() {
        return Err(failure(format!("`{address}` means every address, and the page has to name one to devices")));
    }
    if !is_tellable(address) {
        return Err(failure(format!("`{address}` is good on one cable only: a browser cannot be told which")));
    }
    if !own.iter().any(|local| local.address == address) && !address.is_loopback() {
        return Err(failure(format!("`{address}` is not an address of this machine")));
    }
    Ok(address)
}

fn several(choices: &[String]) -> Failure {
    let failure = match choices {
        [] => return Failure::new(FailureKind::NotFound, "this machine has no address that devices could reach"),
        [_] => Failure::usage("this machine has no address of a private network"),
        _ => Failure::usage("this machine has several addresses, and nobody is there to choose one"),
    };
    let choices = choices.iter().map(|choice| choice.split(' ').next().unwrap_or(choice));
    choices.fold(failure, |failure, address| failure.hint(format!("hubca share --bind {address}")))
}

/// Addresses of a cable need its name beside them, which has no place in a URL (RFC 9844).
fn is_tellable(address: IpAddr) -> bool {
    !matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}

fn told(local: &LocalAddress) -> String {
    let what = match local.reach {
        Reach::Lan | Reach::Public => "",
        Reach::Virtual => ", virtual",
        Reach::LinkLocal => ", one cable",
        Reach::Loopback => ", this machine only",
    };
    format!("{} ({}{what})", local.address, local.interface)
}

fn listed(own: &[LocalAddress]) -> String {
    let addresses: Vec<_> =
        own.iter().filter(|local| is_tellable(local.address)).map(|local| local.address.to_string()).collect();
    addresses.join(", ")
}

/// A port to listen on: exactly the one that was named, or the first that is free from another one on.
pub(super) fn listen(
    address: IpAddr,
    named: Option<u16>,
    first: u16,
    option: &str,
    context: &Context,
) -> Result<TcpListener, Failure> {
    if let Some(port) = named {
        return context.network().listen(SocketAddr::new(address, port)).map_err(|error| {
            let is_taken = matches!(error, NetworkError::Taken { .. } | NetworkError::Privileged(_));
            let failure = Failure::from(error);
            if is_taken {
                failure.hint(format!("name another one with {option}, or none: a free one is found"))
            } else {
                failure
            }
        });
    }
    let mut last = None;
    for port in (first..=u16::MAX).take(TRIES) {
        match context.network().listen(SocketAddr::new(address, port)) {
            Err(error @ (NetworkError::Taken { .. } | NetworkError::Privileged(_))) => last = Some(error),
            listening => return Ok(listening?),
        }
    }
    let failure = last.map_or_else(|| Failure::usage(format!("there is no port from {first} on")), Failure::from);
    Err(failure.hint(format!("name one that is free with {option}")))
}

/// `NAME` or `NAME.local`, which others find by multicast DNS (RFC 6762 3).
pub(super) fn announced_name(text: &str) -> Result<DnsName, &'static str> {
    let wrong = "a name to announce is one word of letters, digits and hyphens, such as `hub`";
    let label = text.strip_suffix(".local").unwrap_or(text);
    if label.contains(['.', '*']) {
        return Err(wrong);
    }
    DnsName::parse(&format!("{label}.local")).map_err(|_| wrong)
}

/// A host as it stands in an address.
pub(super) fn host_of(name: &GeneralName) -> String {
    match name {
        GeneralName::Ip(IpAddr::V6(address)) => format!("[{address}]"),
        GeneralName::Ip(address) => address.to_string(),
        GeneralName::Dns(name) => name.as_str().to_owned(),
    }
}

/// The port of the page: HUBC on the keys of a telephone.
pub(super) const PAGE_PORT: u16 = 4822;
/// How many ports are tried.
const TRIES: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_to_announce_is_one_label() {
        let name = |text: &str| announced_name(text).map(|name| name.as_str().to_owned());
        assert_eq!(name("hub"), Ok("hub.local".to_owned()));
        assert_eq!(name("Hub.local"), Ok("hub.local".to_owned()));
        for bad in ["", "a.b", "*", "hub.lan", "-", "a b", ".local", &"a".repeat(64)] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }
}
