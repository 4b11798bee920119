//! Where another machine is, and the program that leads there.

use std::{fmt, net::Ipv6Addr, str::FromStr};

use thiserror::Error;

use crate::system::conversation::Company;

/// Where another machine is: `ssh://[USER@]HOST[:PORT]`, `docker:CONTAINER` or `podman:CONTAINER`.
///
/// A name holds letters, digits and a few other signs only: configurations of ssh hand it on to shells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostAddress {
    /// A machine with a server of SSH.
    Ssh {
        /// As whom, where that is not for the configuration of ssh to say.
        user: Option<String>,
        /// Its name, an address, or what the configuration of ssh calls it.
        host: String,
        /// At which port, where that is not for the configuration of ssh to say.
        port: Option<u16>,
    },
    /// A container that runs on this machine.
    Container {
        /// What runs it.
        engine: Engine,
        /// Its name or number.
        container: String,
    },
}

/// What runs containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Docker.
    Docker,
    /// Podman, whose program takes the same words.
    Podman,
}

/// Why text is no address of a machine.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AddressError {
    /// It begins like none.
    #[error("a machine is named by ssh://[USER@]HOST[:PORT], docker:CONTAINER or podman:CONTAINER")]
    Kind,
    /// A name is empty, too long, begins with a sign that it may not begin with, or has one that it may not have.
    #[error("`{}` is no name of a {what}: it has letters, digits, {signs}, and begins with a letter or digit", .name.escape_debug())]
    Name {
        /// The name.
        name: String,
        /// Whose it would be.
        what: &'static str,
        /// Which other signs it may have.
        signs: &'static str,
    },
    /// No address of IPv6 in brackets.
    #[error("`{}` is no address of IPv6", .0.escape_debug())]
    Ipv6(String),
    /// A port that is none.
    #[error("`{}` is no port", .0.escape_debug())]
    Port(String),
}

impl Engine {
    fn as_str(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }
}

impl HostAddress {
    /// The words of the program that leads to a shell there.
    pub(super) fn words(&self, company: Company) -> Vec<String> {
        match self {
            Self::Ssh { user, host, port } => {
                let mut words = vec!["ssh".to_owned(), "-T".to_owned()];
                // What else its configuration says stays: keys, jumps, other names. But nobody can be asked who is not there, and what
                // it would do beside this is not wanted now.
                let alone = (company == Company::Nobody).then_some("BatchMode=yes");
                words.extend(OPTIONS.into_iter().chain(alone).flat_map(|option| ["-o", option]).map(str::to_owned));
                words.extend(user.iter().flat_map(|user| ["-l".to_owned(), user.clone()]));
                words.extend(port.iter().flat_map(|port| ["-p".to_owned(), port.to_string()]));
                // The one line that whatever shell somebody has there reads.
                words.extend(["--".to_owned(), host.clone(), "exec /bin/sh".to_owned()]);
                words
            }
            // Root of the container: nobody else changes what its programs trust, and who may do this may be root there.
            Self::Container { engine, container } => {
                [engine.as_str(), "exec", "--interactive", "--user", "0", container, "/bin/sh"]
                    .map(str::to_owned)
                    .into()
            }
        }
    }
}

impl FromStr for HostAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(place) = text.strip_prefix("ssh://") {
            return ssh(place.strip_suffix('/').unwrap_or(place));
        }
        let engine = |engine: Engine| Some((engine, text.strip_prefix(engine.as_str())?.strip_prefix(':')?));
        let (engine, container) =
            engine(Engine::Docker).or_else(|| engine(Engine::Podman)).ok_or(AddressError::Kind)?;
        let container = named(container, "container", "`_`, `.` and `-`", "_.-")?;
        Ok(Self::Container { engine, container })
    }
}

fn ssh(place: &str) -> Result<HostAddress, AddressError> {
    // A name of a directory service has an `@` of its own.
    let (user, place) = match place.rsplit_once('@') {
        Some((user, place)) => (Some(named(user, "user", "`_`, `.`, `-`, `+` and `@`", "_.-+@")?), place),
        None => (None, place),
    };
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, "")) => (ipv6(address)?, None),
        Some((address, rest)) => {
            (ipv6(address)?, Some(rest.strip_prefix(':').ok_or_else(|| AddressError::Port(rest.to_owned()))?))
        }
        None => {
            let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
            (named(host, "host", "`.`, `-` and `_`", "_.-")?, port)
        }
    };
    let number = |port: &str| match port.parse::<u16>() {
        Ok(number) if number > 0 && port.bytes().all(|digit| digit.is_ascii_digit()) => Ok(number),
        _ => Err(AddressError::Port(port.to_owned())),
    };
    Ok(HostAddress::Ssh { user, host, port: port.map(number).transpose()? })
}

/// An address of IPv6, which may say to which network it belongs.
fn ipv6(text: &str) -> Result<String, AddressError> {
    let (address, zone) = text.split_once('%').map_or((text, None), |(address, zone)| (address, Some(zone)));
    let is_zone = |zone: &str| named(zone, "network", "`.`, `-` and `_`", "_.-").is_ok();
    if address.parse::<Ipv6Addr>().is_ok() && zone.is_none_or(is_zone) {
        return Ok(text.to_owned());
    }
    Err(AddressError::Ipv6(text.to_owned()))
}

/// A name of letters, digits and these signs.
fn named(name: &str, what: &'static str, signs: &'static str, others: &str) -> Result<String, AddressError> {
    let is_fine = |sign: char| sign.is_ascii_alphanumeric() || others.contains(sign);
    let begins = name.starts_with(|sign: char| sign.is_ascii_alphanumeric() || sign == '_');
    if begins && name.chars().all(is_fine) && name.len() <= LONGEST {
        return Ok(name.to_owned());
    }
    Err(AddressError::Name { name: name.to_owned(), what, signs })
}

impl fmt::Display for HostAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ssh { user, host, port } => {
                let user = user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
                let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
                let port = port.map(|port| format!(":{port}")).unwrap_or_default();
                write!(formatter, "ssh://{user}{host}{port}")
            }
            Self::Container { engine, container } => write!(formatter, "{}:{container}", engine.as_str()),
        }
    }
}

/// A machine that is silent for a minute is gone.
const OPTIONS: [&str; 5] = [
    "ConnectTimeout=20",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
    "RemoteCommand=none",
    "ClearAllForwardings=yes",
];
/// No name is longer.
const LONGEST: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_as_it_was_read() {
        for text in [
            "ssh://nas",
            "ssh://ann@nas.lan",
            "ssh://ann@corp.lan@nas:2222",
            "ssh://root@[fd00::1]:22",
            "ssh://[fe80::1%eth0]",
            "ssh://[::1]",
            "docker:hub_web-1",
            "podman:3f2a90c1",
        ] {
            assert_eq!(text.parse::<HostAddress>().unwrap().to_string(), text);
        }
        assert_eq!("ssh://nas/".parse::<HostAddress>().unwrap().to_string(), "ssh://nas");
    }

    #[test]
    fn whatever_a_shell_or_a_program_could_misread_is_no_address() {
        for text in [
            "",
            "nas",
            "ssh://",
            "ssh://-oProxyCommand=id",
            "ssh://-l@nas",
            "ssh://@nas",
            "ssh://nas lan",
            "ssh://nas\nlan",
            "ssh://nas'",
            "ssh://nas\"",
            "ssh://$(id)",
            "ssh://`id`@nas",
            "ssh://a;b",
            "ssh://nas:",
            "ssh://nas:0",
            "ssh://nas:+22",
            "ssh://nas:22:22",
            "ssh://nas:65536",
            "ssh://nas/tmp",
            "ssh://[nas]",
            "ssh://[::1]x",
            "ssh://[::1%-e]",
            "ssh://hüb",
            "docker:",
            "docker:-it",
            "docker:a b",
            "docker:a/b",
            "docker://a",
        ] {
            assert!(text.parse::<HostAddress>().is_err(), "{text}");
        }
        assert!(format!("ssh://{}", "a".repeat(256)).parse::<HostAddress>().is_err());
    }

    #[test]
    fn the_line_for_the_shell_there_is_one_that_every_shell_reads() {
        let words = |text: &str, company| text.parse::<HostAddress>().unwrap().words(company).join(" ");
        let alone = words("ssh://ann@nas:2222", Company::Nobody);
        assert!(alone.starts_with("ssh -T -o ") && alone.contains(" -o BatchMode=yes "), "{alone}");
        assert!(alone.ends_with(" -l ann -p 2222 -- nas exec /bin/sh"), "{alone}");
        assert!(!words("ssh://nas", Company::Somebody).contains("BatchMode"));
        assert_eq!(words("podman:web", Company::Nobody), "podman exec --interactive --user 0 web /bin/sh");
    }
}
