//! What a new CA may vouch for: the options that say it, and how it is told.

use clap::Args;
use serde::Serialize;

use super::{
    context::Context,
    failure::Failure,
    page::{Page, Tone},
    terminal::Person,
};
use crate::{
    profile::Scope,
    x509::{DnsName, GeneralName, NameKind, PRIVATE_SUBTREES, template::Criticality},
};

/// The options that say what a new CA may vouch for.
#[derive(Args, Debug)]
pub struct ScopeArguments {
    /// A name or network it may vouch for besides the private ones; may be given again
    #[arg(long, value_name = "NAME|NETWORK")]
    permit: Vec<String>,
    /// Nothing but what --permit says
    #[arg(long, requires = "permit")]
    permit_only: bool,
    /// Mark the limits as not critical, for small devices (mbedTLS) that do not know them
    #[arg(long)]
    nc_compat: bool,
    /// No limits: whoever gets the key can be any site to your devices
    #[arg(long, conflicts_with_all = ["permit", "permit_only", "nc_compat"])]
    unconstrained: bool,
}

/// What a CA may vouch for.
#[derive(Debug, Serialize)]
pub struct ScopeReport {
    dns: Vec<String>,
    ip: Vec<String>,
    /// What of it is shut out.
    excluded: Vec<String>,
    /// The kinds of names of which it may vouch for any but those: `dns`, `ipv4`, `ipv6`.
    unlimited: Vec<&'static str>,
    critical: bool,
}

impl ScopeArguments {
    /// What they say; a person may be asked whether it shall have this machine's whole name.
    ///
    /// # Errors
    /// What is no name and no network, or a question that was broken off.
    pub fn scope(&self, context: &Context) -> Result<Scope, Failure> {
        if self.unconstrained {
            return Ok(Scope::Unconstrained);
        }
        let criticality = if self.nc_compat { Criticality::NonCritical } else { Criticality::Critical };
        if self.permit_only {
            return Ok(Scope::only(&self.permit, criticality)?);
        }
        let mut permit = self.permit.clone();
        let scope = Scope::private(context.host_name(), &permit, criticality)?;
        // This machine's whole name may lie in a public domain: that is for a person to decide.
        let host =
            context.host_name().and_then(|host| DnsName::parse(host).ok()).filter(|host| host.as_str().contains('.'));
        if let (Some(host), Person::Present) = (host, context.person())
            && !scope.permits(&GeneralName::Dns(host.clone()))
            && context.terminal().confirm(&format!("may it vouch for `{host}`, which this machine is called, too?"))?
        {
            permit.push(host.as_str().to_owned());
            return Ok(Scope::private(context.host_name(), &permit, criticality)?);
        }
        Ok(scope)
    }

    /// Whether any of them was given.
    pub fn are_given(&self) -> bool {
        !self.permit.is_empty() || self.nc_compat || self.unconstrained
    }
}

impl ScopeReport {
    /// Of a scope; none where it has no limits.
    pub fn of(scope: &Scope) -> Option<Self> {
        scope.constraints().map(|(_, criticality)| Self {
            dns: scope.dns(),
            ip: scope.ip(),
            excluded: scope.excluded(),
            unlimited: scope.unlimited().into_iter().map(NameKind::as_str).collect(),
            critical: criticality == Criticality::Critical,
        })
    }

    /// What is so wide that it was perhaps not meant.
    pub fn cautions(&self, context: &Context) -> Vec<String> {
        let all = self.ip.iter().filter(|network| network.ends_with("/0"));
        let all = all.map(|network| format!("`{network}` is every address there is: the CA can be any server at one"));
        let host = context.host_name().and_then(|host| host.split('.').next()).unwrap_or_default();
        let is_public = |name: &&String| {
            !name.contains('.') && !PRIVATE_SUBTREES.contains(&name.as_str()) && !name.eq_ignore_ascii_case(host)
        };
        let tops = self.dns.iter().filter(is_public);
        let tops =
            tops.map(|name| format!("`{name}` has no dot: the CA can be every site whose name ends in `.{name}`"));
        all.chain(tops).collect()
    }

    fn in_words(&self) -> String {
        let is_unlimited = |kind: NameKind| self.unlimited.contains(&kind.as_str());
        let names = match self.dns.as_slice() {
            [] if is_unlimited(NameKind::Dns) => "every name".to_owned(),
            [] => "no names".to_owned(),
            names => names.join(", "),
        };
        let addresses = match (self.ip.as_slice(), is_unlimited(NameKind::V4), is_unlimited(NameKind::V6)) {
            ([], true, true) => "every address".to_owned(),
            ([], true, false) => "every IPv4 address".to_owned(),
            ([], false, true) => "every IPv6 address".to_owned(),
            ([], false, false) => "no addresses".to_owned(),
            (networks, ..) => networks.join(", "),
        };
        format!("{names}; {addresses}")
    }
}

/// The option that lets a CA vouch for a name, as narrow as can be.
pub fn permit(name: &GeneralName) -> String {
    match name {
        GeneralName::Dns(name) => format!("--permit {}", name.as_str().trim_start_matches("*.")),
        GeneralName::Ip(address) => format!("--permit {address}/{}", if address.is_ipv4() { 32 } else { 128 }),
    }
}

/// A scope as the refusal of a name tells it: the beginnings of its lists. A CA made elsewhere may be limited in one kind of names and
/// open in the other: of the kind that was not asked for, only what is listed is told.
pub fn of_refusal(refused: &GeneralName, scope: &Scope) -> String {
    let kind = NameKind::of(refused);
    let (names, networks) = (scope.dns(), scope.ip());
    let is_open = scope.unlimited().contains(&kind);
    let told = match (networks.as_slice(), names.as_slice(), kind) {
        ([], [], NameKind::Dns) if is_open => "its scope is every name".to_owned(),
        ([], [], _) if is_open => "its scope is every address".to_owned(),
        ([], [], NameKind::Dns) => "its scope has no names".to_owned(),
        ([], [], _) => "its scope has no addresses".to_owned(),
        (networks, [], NameKind::Dns) if is_open => format!("its scope is {} and every name", beginning(networks)),
        (networks, [], NameKind::Dns) => format!("its scope is {}, and no names", beginning(networks)),
        (networks, [], _) => format!("its scope is {}", beginning(networks)),
        ([], names, NameKind::Dns) => format!("its scope is {}", beginning(names)),
        ([], names, _) if is_open => format!("its scope is every address and {}", beginning(names)),
        ([], names, _) => format!("its scope is {}, and no addresses", beginning(names)),
        (networks, names, _) => format!("its scope is {} and {}", beginning(networks), beginning(names)),
    };
    // The one in which the name lies is told before the others.
    let around = scope.shut_out(refused);
    let others = scope.excluded().into_iter().filter(|other| Some(other) != around.as_ref());
    let shut_out: Vec<String> = around.iter().cloned().chain(others).collect();
    if shut_out.is_empty() { told } else { format!("{told}, but not {}", beginning(&shut_out)) }
}

fn beginning(list: &[String]) -> String {
    let shown: Vec<&str> = list.iter().take(SHOWN).map(String::as_str).collect();
    let more = if list.len() > SHOWN { " …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// How much of a list a refusal tells.
const SHOWN: usize = 3;

/// Tells what a CA may vouch for.
pub fn tell(scope: Option<&ScopeReport>, page: &mut Page) {
    match scope {
        Some(scope) => {
            page.field("vouches for", &scope.in_words());
            if !scope.excluded.is_empty() {
                page.field("but not for", &scope.excluded.join(", "));
            }
            if !scope.critical {
                page.field("", "programs that do not know limits ignore these");
            }
        }
        None => page.toned_field(
            Tone::Caution,
            "vouches for",
            "anything: whoever gets its key can be any site to your devices",
        ),
    }
}
