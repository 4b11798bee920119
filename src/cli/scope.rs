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
    x509::{DnsName, GeneralName, PRIVATE_SUBTREES, template::Criticality},
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
        match (self.dns.join(", "), self.ip.join(", ")) {
            (dns, ip) if ip.is_empty() => format!("{dns}; no addresses"),
            (dns, ip) if dns.is_empty() => format!("no names; {ip}"),
            (dns, ip) => format!("{dns}; {ip}"),
        }
    }
}

/// The option that lets a CA vouch for a name, as narrow as can be.
pub fn permit(name: &GeneralName) -> String {
    match name {
        GeneralName::Dns(name) => format!("--permit {}", name.as_str().trim_start_matches("*.")),
        GeneralName::Ip(address) => format!("--permit {address}/{}", if address.is_ipv4() { 32 } else { 128 }),
    }
}

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
