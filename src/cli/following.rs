//! Following this machine's address: the options of `issue` and `edit`, and what is said where it changed.

use std::net::IpAddr;

use clap::Args;
use serde::Serialize;

use super::{context::Context, failure::Failure};
use crate::{
    authority::{FollowIp, RecordedName},
    home::{AddressChange, Home, Moved},
    plan::shell_word,
    preset::Target,
    system::LocalAddress,
};

/// What is done when this machine gets another address.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct FollowArguments {
    /// When this machine gets another address, let renewals put it in the place of the old one
    #[arg(long)]
    pub follow_ip: bool,
    /// When this machine gets another address, say and do nothing about it here
    #[arg(long, conflicts_with = "follow_ip")]
    pub no_follow_ip: bool,
}

impl FollowArguments {
    /// What is said, if anything is.
    pub fn said(self) -> Option<FollowIp> {
        match (self.follow_ip, self.no_follow_ip) {
            (true, _) => Some(FollowIp::Follow),
            (_, true) => Some(FollowIp::Leave),
            _ => None,
        }
    }
}

/// An address of before and those that this machine has instead.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeReport {
    from: String,
    to: Vec<String>,
}

impl ChangeReport {
    /// Whether the new address is among names.
    pub fn is_in(&self, names: &[RecordedName]) -> bool {
        names.iter().any(|name| matches!(name, RecordedName::Ip(text) if self.to.contains(text)))
    }

    /// Whether it is a change from this address, as a label is made of it.
    pub fn is_from(&self, label: &str) -> bool {
        self.from.replace(':', "-") == label
    }

    /// The change in words.
    pub fn told(&self) -> String {
        format!("{} in place of {}", self.to.join(" or "), self.from)
    }
}

impl From<&AddressChange> for ChangeReport {
    fn from(change: &AddressChange) -> Self {
        Self { from: change.from.to_string(), to: change.to.iter().map(ToString::to_string).collect() }
    }
}

/// The addresses of this machine; none where it does not tell, and so nothing is noticed.
pub fn here(context: &Context) -> Vec<LocalAddress> {
    context.network().addresses().unwrap_or_default()
}

/// The same as mere addresses.
pub fn addresses(context: &Context) -> impl Iterator<Item = IpAddr> {
    here(context).into_iter().map(|here| here.address)
}

/// Says of which certificates an address of this machine is another now: a few of them.
pub fn note_moved(home: &Home, here: &[LocalAddress], context: &Context) -> Result<(), Failure> {
    let all = home.moved(here)?;
    for moved in all.iter().take(MOST) {
        context.note(&format!("{}; {}", moved.message(), mend(moved)));
    }
    if all.len() > MOST {
        context.note(&format!("and so of {} more: hubca status", all.len() - MOST));
    }
    Ok(())
}

/// Says it of one label.
pub fn note_moved_of(home: &Home, label: &str, here: &[LocalAddress], context: &Context) -> Result<(), Failure> {
    if let Some(moved) = home.moved_of(label, here)? {
        context.note(&format!("{}; {}", moved.message(), mend(&moved)));
    }
    Ok(())
}

/// Says how the configuration of a server that names its addresses gets the new ones.
pub fn note_configuration(home: &Home, label: &str, context: &Context) -> Result<(), Failure> {
    let server = home.authority().intent(label)?.and_then(|intent| intent.destination.server);
    let target = server.and_then(|word| word.parse::<Target>().ok()).filter(|target| target.names_its_addresses());
    if let Some(target) = target {
        let line = format!("hubca export preset {target} {} --install", shell_word(label));
        context
            .note(&format!("the configuration of `{target}` names the address of before; to write it again: {line}"));
    }
    Ok(())
}

/// The command that mends it.
pub fn mend(moved: &Moved) -> String {
    let label = shell_word(&moved.label);
    if !moved.is_clear() {
        return format!("say which it is: {}", issue(moved));
    }
    if moved.follow_ip == FollowIp::Follow {
        return format!("hubca renew {label}");
    }
    format!("{}, or let renewals do it: hubca edit {label} --follow-ip", issue(moved))
}

/// What issues the names that the certificate should have; where it is not clear which, the command has a blank.
fn issue(moved: &Moved) -> String {
    let is_unclear = |text: &str| {
        let open = |change: &&AddressChange| change.successor().is_none();
        moved.changes.iter().filter(open).any(|change| change.from.to_string() == text)
    };
    let mut line = "hubca issue".to_owned();
    for name in &moved.names {
        match name {
            RecordedName::Ip(text) if is_unclear(text) => line.push_str(" --ip ADDRESS"),
            RecordedName::Ip(text) => line.push_str(&format!(" --ip {text}")),
            RecordedName::Dns(text) => line.push_str(&format!(" --dns {}", shell_word(text))),
        }
    }
    line.push_str(&format!(" --label {} --force", shell_word(&moved.label)));
    // A server that is looked at under its old address would never be found.
    if moved.is_verified_elsewhere {
        moved.verify.iter().for_each(|place| line.push_str(&format!(" --verify {}", shell_word(place))));
    }
    line
}

/// How many are told one by one.
const MOST: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(to: &[&str], follow_ip: FollowIp) -> Moved {
        Moved {
            label: "hub".to_owned(),
            follow_ip,
            changes: vec![AddressChange {
                from: "10.0.0.5".parse().unwrap(),
                to: to.iter().map(|text| text.parse().unwrap()).collect(),
            }],
            names: vec![
                RecordedName::Dns("*.hub.lan".to_owned()),
                RecordedName::Ip(if to.len() == 1 { to[0] } else { "10.0.0.5" }.to_owned()),
            ],
            verify: vec!["[fd00::1]:443".to_owned()],
            is_verified_elsewhere: false,
        }
    }

    #[test]
    fn the_command_that_mends_it_can_be_typed_as_it_stands() {
        let told = moved(&["10.0.0.9"], FollowIp::Tell);
        let line = "hubca issue --dns '*.hub.lan' --ip 10.0.0.9 --label hub --force";
        assert_eq!(mend(&told), format!("{line}, or let renewals do it: hubca edit hub --follow-ip"));
        let looked_at = Moved { is_verified_elsewhere: true, ..told };
        assert!(mend(&looked_at).starts_with(&format!("{line} --verify '[fd00::1]:443',")), "{}", mend(&looked_at));
        assert_eq!(mend(&moved(&["10.0.0.9"], FollowIp::Follow)), "hubca renew hub");
        let unclear = mend(&moved(&["10.0.0.8", "10.0.0.9"], FollowIp::Follow));
        assert_eq!(unclear, "say which it is: hubca issue --dns '*.hub.lan' --ip ADDRESS --label hub --force");
    }
}
