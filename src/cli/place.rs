//! `FILE|HOST:PORT`: which of the two a word is. A file that is there wins, and so does whatever has a slash.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use url::{Host, Url};

use super::failure::{Failure, FailureKind};
use crate::{
    probe::{Address, AddressError, Opening, ProbeError},
    system::NetworkError,
    x509::{DnsName, GeneralName},
};

/// What a word stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file, or `-`.
    File(PathBuf),
    /// A server.
    Server(Address),
}

/// How a server is asked.
#[derive(Args, Clone, Debug)]
pub struct AskingArguments {
    /// Ask the server for this name or address instead of HOST
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The longest that the server may take for one answer
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=120))]
    pub timeout: u64,
}

impl Place {
    /// Tells which it is.
    ///
    /// # Errors
    /// Neither a file that is there nor a server.
    pub fn of(word: &OsStr) -> Result<Self, Failure> {
        let path = Path::new(word);
        let is_there = path.exists() && !path.is_dir();
        let Some(text) = word.to_str().filter(|text| !is_there && *text != "-") else {
            return Ok(Self::File(path.to_owned()));
        };
        if let Some(hint) = within_url(text) {
            return Err(neither(text).because("it is a URL, and a server is HOST:PORT").hint(hint));
        }
        if text.contains(['/', '\\']) {
            return Ok(Self::File(path.to_owned()));
        }
        if text.is_empty() {
            return Err(Failure::usage("an empty word is neither a file nor a server").hint(FORMS));
        }
        let opened = |address: Address| {
            let opening = Opening::usual_at(address.port());
            Self::Server(address.opened_by(opening))
        };
        Address::parse(text).map(opened).map_err(|error| {
            let failure = neither(text).because(error.to_string());
            match error {
                AddressError::Wildcard(_) => failure.hint("name one of them: www.hub.lan:443"),
                AddressError::Uncertified(..) => failure.hint(
                    "call it by its address, and ask for a name of its certificate: 192.168.0.5:443 --name hub.lan",
                ),
                AddressError::Host(_) if text.starts_with(|first: char| first.is_ascii_digit()) => {
                    failure.hint("an IPv4 address has four numbers: 127.0.0.1, 192.168.0.1:8443").hint(FORMS)
                }
                _ => failure.hint(FORMS),
            }
        })
    }
}

const FORMS: &str = "a server is a name or an address, perhaps with a port: hub.lan, 192.168.0.1:8443, [fd00::1]:443";

fn neither(text: &str) -> Failure {
    Failure::new(FailureKind::NotFound, format!("there is no file `{text}`, and no server is called so"))
}

/// How to call on the server of a URL.
fn within_url(text: &str) -> Option<String> {
    let url = text.contains("://").then(|| Url::parse(text).ok()).flatten()?;
    let host = match url.host()? {
        Host::Ipv6(address) => format!("[{address}]"),
        host => host.to_string(),
    };
    Some(format!("leave out what stands around it: {host}:{}", url.port_or_known_default().unwrap_or(443)))
}

impl AskingArguments {
    /// Whether something was said that has no meaning for a file.
    pub fn is_for_server(&self) -> bool {
        self.name.is_some()
    }

    /// The name or address that a server is asked for.
    ///
    /// # Errors
    /// Text that is neither.
    pub fn asked(&self, address: &Address) -> Result<GeneralName, Failure> {
        let Some(text) = &self.name else { return Ok(address.host().clone()) };
        let none = || Failure::usage(format!("`{text}` names no server to ask for"));
        let hint = "name one as devices do: --name hub.lan, --name 192.168.0.1";
        if let Ok(address) = GeneralName::parse_ip(text) {
            return Ok(address);
        }
        match DnsName::parse(text) {
            Ok(name) if name.is_wildcard() => Err(none().because("it stands for many").hint(hint)),
            Ok(name) => Ok(GeneralName::Dns(name)),
            Err(error) => Err(none().because(error.to_string()).hint(hint)),
        }
    }

    /// The longest that one answer may take.
    pub fn limit(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// That nobody answers; a word without a port may have been meant for a file.
pub fn unanswered(error: NetworkError, word: &OsString) -> Failure {
    let text = word.to_string_lossy();
    let failure = Failure::from(error);
    if text.contains(':') { failure } else { failure.because(format!("there is no file `{text}` either")) }
}

/// The same of a look.
pub fn not_seen(error: ProbeError, word: &OsString) -> Failure {
    match error {
        ProbeError::Network(error) => unanswered(error, word),
        other => {
            Failure::of(FailureKind::Network, &other).hint(format!("hubca check {} says more", word.to_string_lossy()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Result<Place, Failure> {
        Place::of(OsStr::new(text))
    }

    #[test]
    fn the_port_of_postgresql_says_how_it_is_asked() {
        let address = Address::parse("db.lan:5432").unwrap().opened_by(Opening::Postgresql);
        assert_eq!(place("db.lan:5432").unwrap(), Place::Server(address));
        assert_eq!(place("db.lan:5433").unwrap(), Place::Server(Address::parse("db.lan:5433").unwrap()));
    }

    #[test]
    fn a_file_that_is_there_wins_and_a_slash_makes_one() {
        for text in ["Cargo.toml", "-", "./hub.lan", "hub.lan/443", "/no/such/file"] {
            assert_eq!(place(text).unwrap(), Place::File(PathBuf::from(text)));
        }
        for text in ["hub.lan:8443", "hub.lan", "192.168.0.1", "[::1]:8443", "bücher.lan", "src"] {
            assert!(matches!(place(text).unwrap(), Place::Server(_)), "{text}");
        }
    }

    #[test]
    fn what_is_neither_is_told_so_with_a_way_out() {
        for (text, hint) in [
            ("https://hub.lan:8443/lab?x", "leave out what stands around it: hub.lan:8443"),
            ("https://[fd00::1]", "leave out what stands around it: [fd00::1]:443"),
            ("*.hub.lan", "name one of them: www.hub.lan:443"),
            ("hub.lan:99999", "a server is a name or an address"),
            ("127.1:1", "an IPv4 address has four numbers: 127.0.0.1"),
            ("my certificate.pem", "a server is a name or an address"),
        ] {
            let failure = place(text).unwrap_err();
            assert_eq!(failure.message(), format!("there is no file `{text}`, and no server is called so"));
            assert!(failure.hints()[0].starts_with(hint), "{failure:?}");
        }
        assert_eq!(place("").unwrap_err().message(), "an empty word is neither a file nor a server");
    }
}
