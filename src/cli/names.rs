//! `--ip` and `--dns`: which names, in the order in which they were typed.

use clap::{ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::failure::{Failure, FailureKind};
use crate::{
    plan::shell_word,
    x509::{DnsName, DnsNameError, GeneralName, IpAddressError, SubjectAltNames, SubjectAltNamesError},
};

/// The names of a command line, as they were typed, in the order across both options: the first is the default label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameArguments {
    typed: Vec<Typed>,
}

/// One name as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Behind `--ip`.
    Ip(String),
    /// Behind `--dns`.
    Dns(String),
}

impl NameArguments {
    /// Names from elsewhere than the command line.
    pub fn new(typed: Vec<Typed>) -> Self {
        Self { typed }
    }

    /// Whether none was typed.
    pub fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }

    /// The names.
    ///
    /// # Errors
    /// No name, too many, one twice, or one that is none; each says its rule and the way out.
    pub fn parse(&self) -> Result<SubjectAltNames, Failure> {
        let names = self.typed.iter().map(Typed::parse).collect::<Result<Vec<_>, _>>()?;
        SubjectAltNames::new(names).map_err(|error| {
            let failure = Failure::usage(error.to_string());
            match error {
                SubjectAltNamesError::Empty => {
                    failure.hint("name the server as devices reach it: --ip 192.168.0.1, --dns hub.local, or both")
                }
                SubjectAltNamesError::Duplicate(name) => {
                    failure.hint(format!("give `{name}` once; spellings of the same name count as one"))
                }
                SubjectAltNamesError::TooMany(_) => failure.hint("issue several certificates, or one for `*.hub.lan`"),
            }
        })
    }
}

impl Typed {
    fn parse(&self) -> Result<GeneralName, Failure> {
        match self {
            Self::Ip(text) => GeneralName::parse_ip(text).map_err(|error| ip_failure(text, &error)),
            Self::Dns(text) => DnsName::parse(text).map(GeneralName::Dns).map_err(|error| dns_failure(text, &error)),
        }
    }
}

fn ip_failure(text: &str, error: &IpAddressError) -> Failure {
    if let Some(hint) = host_alone(text) {
        return Failure::usage(format!("`{text}` is more than an address")).hint(hint);
    }
    let failure = Failure::usage(error.to_string());
    match error {
        IpAddressError::Empty => failure.hint("write the address: --ip 192.168.0.1"),
        IpAddressError::Zone(_) => {
            let bare = text.split('%').next().unwrap_or(text);
            failure.hint(format!("leave the zone out: --ip {bare}"))
        }
        IpAddressError::Network(_) => {
            let bare = text.split('/').next().unwrap_or(text);
            failure.hint(format!("name one address: --ip {bare}"))
        }
        IpAddressError::Ambiguous(_) => failure.hint("write four decimal numbers without leading zeros: 192.168.0.1"),
        IpAddressError::NotOneHost(_) => failure.hint("use the address that devices type: --ip 192.168.0.1"),
        IpAddressError::NotAnAddress(_) if DnsName::parse(text).is_ok() => {
            failure.hint(format!("it is a name: use --dns {text}"))
        }
        IpAddressError::NotAnAddress(_) => failure.hint("an address looks like 192.168.0.1 or fd00::1"),
    }
}

fn dns_failure(text: &str, error: &DnsNameError) -> Failure {
    if let Some(hint) = host_alone(text) {
        return Failure::usage(format!("`{text}` is more than a name")).hint(hint);
    }
    let failure = Failure::usage(error.to_string());
    match error {
        DnsNameError::Empty => failure.hint("write the name: --dns hub.local"),
        DnsNameError::Address(_) => match GeneralName::parse_ip(text.trim_end_matches('.')) {
            Ok(address) => failure.hint(format!("use --ip {address}: devices look for addresses in another place")),
            Err(_) => failure.hint("if it is an address, write it as 192.168.0.1 and use --ip"),
        },
        DnsNameError::Character { character, .. } => failure.hint(
            without_underscores(text)
                .filter(|_| *character == '_')
                .unwrap_or_else(|| "names are made of letters, digits and hyphens: --dns hub.local".to_owned()),
        ),
        DnsNameError::EmptyLabel(_) => {
            let mended = text.trim_matches('.');
            match DnsName::parse(mended) {
                Ok(_) => failure.hint(format!("use --dns {mended}")),
                Err(_) => failure.hint("a name looks like hub.local"),
            }
        }
        DnsNameError::LongLabel(_) | DnsNameError::Long(_) => failure.hint("use a shorter name (RFC 1035 2.3.4)"),
        DnsNameError::Hyphen(_) => failure.hint("start and end every part with a letter or digit (RFC 1123 2.1)"),
        DnsNameError::Punycode(_) => failure.hint("type the name in its own letters: --dns bücher.lan"),
        DnsNameError::Star(_) => failure.hint("a star stands for one whole part, the first: --dns '*.hub.lan'"),
        DnsNameError::ShallowWildcard(_) => {
            let top = text.trim_start_matches("*.");
            failure.hint(format!("use `*.hub.{top}`, or name each host: --dns hub.{top} --dns nas.{top}"))
        }
    }
}

/// How to spell a name that has underscores: with hyphens, but none at the ends of its parts (RFC 1123 2.1).
fn without_underscores(text: &str) -> Option<String> {
    let with_hyphens = text.replace('_', "-");
    let parts: Vec<&str> = with_hyphens.split('.').map(|part| part.trim_matches('-')).collect();
    let mended = parts.join(".");
    DnsName::parse(&mended).ok()?;
    let how = if mended == with_hyphens { "use a hyphen" } else { "leave out an underscore at an end" };
    Some(format!("{how}: --dns {}", shell_word(&mended)))
}

/// How to name the host alone, where the text has it with what stands around it in a URL (RFC 3986 3).
fn host_alone(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit('@').next()?;
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, after)) => (host, after.strip_prefix(':')),
        None => match authority.split_once(':').filter(|(_, port)| is_port(port)) {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    if let Ok(address) = GeneralName::parse_ip(host) {
        // `192.168.0.0/24` is a network, and brackets alone are a spelling of the address.
        return (scheme.is_some() || port.is_some()).then(|| format!("use --ip {address}"));
    }
    let name = DnsName::parse(host).ok().filter(|_| host != text)?;
    Some(if name.is_wildcard() { format!("use --dns '{host}'") } else { format!("use --dns {host}") })
}

/// What a request by others asks for is input, not usage.
pub(super) fn as_input(failure: Failure) -> Failure {
    let renamed = Failure::new(FailureKind::Input, failure.message());
    let renamed = failure.causes().iter().fold(renamed, |renamed, cause| renamed.because(cause.as_str()));
    failure.hints().iter().fold(renamed, |renamed, hint| renamed.hint(hint.as_str()))
}

impl FromArgMatches for NameArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut names = Self::default();
        names.update_from_arg_matches(matches)?;
        Ok(names)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let of = |id: &str, typed: fn(String) -> Typed| {
            let indices = matches.indices_of(id).into_iter().flatten();
            let values = matches.get_many::<String>(id).into_iter().flatten();
            indices.zip(values.map(move |value| typed(value.clone()))).collect::<Vec<_>>()
        };
        let mut typed = of("ip", Typed::Ip);
        typed.extend(of("dns", Typed::Dns));
        typed.sort_by_key(|(index, _)| *index);
        self.typed = typed.into_iter().map(|(_, typed)| typed).collect();
        Ok(())
    }
}

impl Args for NameArguments {
    fn augment_args(command: Command) -> Command {
        let argument = |id: &'static str, value: &'static str, help: &'static str| {
            clap::Arg::new(id)
                .long(id)
                .value_name(value)
                .help(help)
                .action(ArgAction::Append)
                .value_parser(clap::builder::NonEmptyStringValueParser::new())
        };
        command
            .arg(argument("ip", "ADDRESS", "An address that devices reach the server at; may be given again"))
            .arg(argument("dns", "NAME", "A name that devices reach the server by, or `*.hub.lan`; may be given again"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &[&str]) -> Result<String, Failure> {
        let command = NameArguments::augment_args(Command::new("x"));
        let matches = command.try_get_matches_from(std::iter::once(&"x").chain(line)).unwrap();
        let names = NameArguments::from_arg_matches(&matches).unwrap().parse()?;
        Ok(names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }

    fn hint(line: &[&str]) -> String {
        let failure = parsed(line).unwrap_err();
        assert_eq!(failure.exit_code(), 2);
        failure.hints().join("; ")
    }

    #[test]
    fn the_order_across_both_options_is_kept() {
        let line = ["--dns", "b.lan", "--ip", "192.168.0.1", "--dns", "a.lan", "--ip", "fd00::1"];
        assert_eq!(parsed(&line).unwrap(), "b.lan 192.168.0.1 a.lan fd00::1");
    }

    #[test]
    fn every_wrong_name_has_a_way_out() {
        assert!(hint(&["--dns", "*.lan"]).starts_with("use `*.hub.lan`, or name each host"));
        assert!(hint(&["--dns", "192.168.0.1"]).starts_with("use --ip 192.168.0.1"));
        assert!(hint(&["--dns", "192.168.0.1."]).starts_with("use --ip 192.168.0.1"));
        assert_eq!(hint(&["--ip", "hub.lan"]), "it is a name: use --dns hub.lan");
        assert_eq!(hint(&["--ip", "192.168.0.0/24"]), "name one address: --ip 192.168.0.0");
        assert_eq!(hint(&["--ip", "fe80::1%eth0"]), "leave the zone out: --ip fe80::1");
        assert_eq!(hint(&["--dns", "my_hub.lan"]), "use a hyphen: --dns my-hub.lan");
        assert_eq!(hint(&["--dns", "*.my_hub.lan"]), "use a hyphen: --dns '*.my-hub.lan'");
        assert_eq!(hint(&["--dns", "_a.hub.lan"]), "leave out an underscore at an end: --dns a.hub.lan");
        assert_eq!(hint(&["--dns", "_a_b_.hub_.lan"]), "leave out an underscore at an end: --dns a-b.hub.lan");
        for hopeless in ["_.lan", "_", "_ä.lan!"] {
            assert_eq!(hint(&["--dns", hopeless]), "names are made of letters, digits and hyphens: --dns hub.local");
        }
        assert_eq!(hint(&["--dns", "hub.lan."]), "use --dns hub.lan");
        assert_eq!(hint(&["--dns", "https://hub.lan"]), "use --dns hub.lan");
        assert_eq!(hint(&["--dns", "https://me@hub.lan:8443/lab?token=1"]), "use --dns hub.lan");
        assert_eq!(hint(&["--dns", "hub.lan:8443"]), "use --dns hub.lan");
        assert_eq!(hint(&["--dns", "hub.lan/lab"]), "use --dns hub.lan");
        assert_eq!(hint(&["--dns", "*.hub.lan:443"]), "use --dns '*.hub.lan'");
        assert_eq!(hint(&["--dns", "https://192.168.0.1"]), "use --ip 192.168.0.1");
        assert_eq!(hint(&["--ip", "https://[fd00::1]:8443/"]), "use --ip fd00::1");
        assert_eq!(hint(&["--ip", "192.168.0.1:8888"]), "use --ip 192.168.0.1");
        assert_eq!(hint(&["--ip", "hub.lan:8888"]), "use --dns hub.lan");
        assert!(hint(&[]).contains("--ip 192.168.0.1"));
        assert!(hint(&["--dns", "hub.lan", "--dns", "HUB.lan"]).contains("once"));
    }
}
