//! This machine has another address than its certificates name: which are meant, and which address takes the place.
//!
//! `docs/renewal.md` tells when that is so. It is never a guess from the certificate alone: a home issues for many machines.

use std::net::IpAddr;

use super::{error::HomeError, opened::Home};
use crate::{
    authority::{FollowIp, OwnAddresses, OwnLineage, RecordedName, Whereabouts},
    probe::Address,
    system::{LocalAddress, Reach, Stay},
    x509::GeneralName,
};

/// A lineage that names addresses which were this machine's and are not any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its label.
    pub label: String,
    /// What is done then.
    pub follow_ip: FollowIp,
    /// Each address with what takes its place.
    pub changes: Vec<AddressChange>,
    /// The names that its certificate should have, as far as they are clear.
    pub names: Vec<RecordedName>,
    /// Where its server should be looked at then.
    pub verify: Vec<String>,
    /// Whether that is elsewhere than is remembered.
    pub is_verified_elsewhere: bool,
}

/// An address that this machine has no more, and those that it has instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressChange {
    /// The address that a certificate names.
    pub from: IpAddr,
    /// The one that takes its place; where several could, a person has to say.
    pub to: Vec<IpAddr>,
}

impl AddressChange {
    /// The address that takes the place, where it is clear which one does.
    pub fn successor(&self) -> Option<IpAddr> {
        match self.to.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }
}

impl Moved {
    /// Whether every address has one that takes its place.
    pub fn is_clear(&self) -> bool {
        self.changes.iter().all(|change| change.successor().is_some())
    }

    /// Whether a renewal puts the new address in the place of the old one.
    pub fn is_followed(&self) -> bool {
        self.follow_ip == FollowIp::Follow
    }

    /// What is, in a sentence.
    pub fn message(&self) -> String {
        let told = |change: &AddressChange| {
            let now: Vec<_> = change.to.iter().map(|address| format!("`{address}`")).collect();
            format!("`{}`, which is not this machine's any more: it has {}", change.from, now.join(" or "))
        };
        let told: Vec<_> = self.changes.iter().map(told).collect();
        format!("the certificate of `{}` names {}", self.label, told.join("; and "))
    }
}

impl Home {
    /// The lineages that name an address which this machine has no more. Of a machine that has no network nothing is known.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn moved(&self, here: &[LocalAddress]) -> Result<Vec<Moved>, HomeError> {
        if !here.iter().any(is_reached) {
            return Ok(Vec::new());
        }
        Ok(self.authority.own_lineages()?.into_iter().filter_map(|lineage| moved(lineage, here)).collect())
    }

    /// The same of one lineage.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn moved_of(&self, label: &str, here: &[LocalAddress]) -> Result<Option<Moved>, HomeError> {
        if !here.iter().any(is_reached) {
            return Ok(None);
        }
        Ok(self.authority.own_lineage(label)?.and_then(|lineage| moved(lineage, here)))
    }

    /// What is remembered of a lineage from now on, because somebody says so.
    ///
    /// # Errors
    /// There is nothing in its newest certificate that could be followed, or a ledger that fails.
    pub fn own_from_now_on(
        &self,
        label: &str,
        before: &OwnAddresses,
        follow_ip: FollowIp,
        here: &[LocalAddress],
    ) -> Result<OwnAddresses, HomeError> {
        if follow_ip != FollowIp::Follow {
            return Ok(OwnAddresses { follow_ip, ..before.clone() });
        }
        let newest = self.authority.by_label(label, 1)?.pop();
        let newest = newest.ok_or_else(|| HomeError::NoCertificate { label: label.to_owned() })?;
        let names: Vec<IpAddr> = newest.names.iter().filter_map(RecordedName::address).collect();
        let had = match Self::own_among(label, &names, &before.had, here) {
            // Of the only one there is it is clear which is meant.
            Err(HomeError::NoOwnAddress { names, .. }) if names.len() == 1 => names,
            found => found?,
        };
        Ok(OwnAddresses { had, follow_ip })
    }

    /// The addresses that this machine has or had, where one of them is among those of a certificate.
    ///
    /// # Errors
    /// None is.
    pub fn own_among(
        label: &str,
        names: &[IpAddr],
        had: &[IpAddr],
        here: &[LocalAddress],
    ) -> Result<Vec<IpAddr>, HomeError> {
        let here = whereabouts(here, None).here;
        let own = [had, &here].into_iter().find(|own| own.iter().any(|address| names.contains(address)));
        own.map(<[_]>::to_vec).ok_or_else(|| HomeError::NoOwnAddress {
            label: label.to_owned(),
            names: names.iter().copied().filter(|address| !address.is_loopback()).collect(),
            here: here.clone(),
        })
    }
}

/// What is known of a machine with these addresses when a certificate is wanted. Those of containers and tunnels come and go,
/// and those of one cable are told to nobody.
pub fn whereabouts(here: &[LocalAddress], follow_ip: Option<FollowIp>) -> Whereabouts {
    Whereabouts { here: here.iter().filter(|local| is_reached(local)).map(|local| local.address).collect(), follow_ip }
}

/// Names with the new addresses in the places of the old ones.
pub(super) fn with_changes(names: &[RecordedName], changes: &[AddressChange]) -> Vec<RecordedName> {
    let changed = |name: &RecordedName| {
        let successor = name.address().and_then(|address| successor_of(address, changes));
        successor.map_or_else(|| name.clone(), |address| RecordedName::Ip(address.to_string()))
    };
    names.iter().map(changed).collect()
}

/// Places of servers with the new addresses in those of the old ones.
pub(super) fn places_with_changes(places: &[String], changes: &[AddressChange]) -> Vec<String> {
    let changed = |place: &String| {
        let parsed = Address::parse(place).ok()?;
        let GeneralName::Ip(host) = parsed.host() else { return None };
        successor_of(*host, changes).map(|address| parsed.with_host(GeneralName::Ip(address)).to_string())
    };
    places.iter().map(|place| changed(place).unwrap_or_else(|| place.clone())).collect()
}

fn successor_of(address: IpAddr, changes: &[AddressChange]) -> Option<IpAddr> {
    changes.iter().find(|change| change.from == address)?.successor()
}

fn moved(lineage: OwnLineage, here: &[LocalAddress]) -> Option<Moved> {
    let changes = changes(&lineage.addresses(), &lineage.own.had, here);
    if changes.is_empty() {
        return None;
    }
    let OwnLineage { label, names, own, verify } = lineage;
    let names = with_changes(&names, &changes);
    let places = places_with_changes(&verify, &changes);
    let is_verified_elsewhere = places != verify;
    Some(Moved { label, follow_ip: own.follow_ip, changes, names, verify: places, is_verified_elsewhere })
}

/// The addresses among the names that this machine had and has no more, each with what takes its place. Where nothing could,
/// nothing has changed: an interface is down, and its address may come back.
fn changes(names: &[IpAddr], had: &[IpAddr], here: &[LocalAddress]) -> Vec<AddressChange> {
    let is_here = |address: &IpAddr| here.iter().any(|local| local.address == *address);
    let lost = names.iter().filter(|name| had.contains(name) && !is_here(name));
    let mut free: Vec<&LocalAddress> = here
        .iter()
        .filter(|local| is_reached(local) && local.stay == Stay::Lasting && !names.contains(&local.address))
        .collect();
    // Those of which a place is clear by its network take theirs first.
    let (near, far): (Vec<&IpAddr>, Vec<&IpAddr>) =
        lost.partition(|lost| free.iter().any(|local| is_near(local, **lost)));
    let mut changes = Vec::new();
    for from in near.into_iter().chain(far) {
        let to = successors(*from, had, &free);
        if let [one] = to.as_slice() {
            free.retain(|local| local.address != *one);
        }
        if !to.is_empty() {
            changes.push(AddressChange { from: *from, to });
        }
    }
    changes
}

/// What could take the place of an address: the nearest alone, where there is one.
fn successors(lost: IpAddr, had: &[IpAddr], free: &[&LocalAddress]) -> Vec<IpAddr> {
    let possible: Vec<&LocalAddress> = free
        .iter()
        .copied()
        // What this machine had all the while in another network was left out of the certificate on purpose.
        .filter(|local| is_near(local, lost) || !had.contains(&local.address))
        .filter(|local| local.address.is_ipv4() == lost.is_ipv4())
        // An address of a home network is not followed by one of the internet where there are both.
        .filter(|local| lost.is_ipv4() || local.reach == Reach::of(lost, &local.interface))
        .collect();
    let nearest = narrowed(possible, |local| is_near(local, lost));
    let nearest = narrowed(nearest, |local| local.reach == Reach::of(lost, &local.interface));
    let nearest = if nearest.len() > 1 { narrowed(nearest, |local| local.is_way_out) } else { nearest };
    nearest.into_iter().map(|local| local.address).collect()
}

/// Those of which something is true, or all where it is true of none.
fn narrowed(all: Vec<&LocalAddress>, is_wanted: impl Fn(&LocalAddress) -> bool) -> Vec<&LocalAddress> {
    if all.iter().any(|local| is_wanted(local)) {
        all.into_iter().filter(|local| is_wanted(local)).collect()
    } else {
        all
    }
}

/// Whether an address is the likely next of another: of the same network, or of the same interface in a network whose number
/// changed (RFC 4291 2.5.1).
fn is_near(local: &LocalAddress, lost: IpAddr) -> bool {
    let is_same_interface = match (local.address, lost) {
        (IpAddr::V6(ours), IpAddr::V6(lost)) => ours.to_bits() as u64 == lost.to_bits() as u64,
        _ => false,
    };
    local.is_beside(lost) || is_same_interface
}

/// Whether others reach this machine there, and not only on one cable or from within.
fn is_reached(local: &LocalAddress) -> bool {
    matches!(local.reach, Reach::Lan | Reach::Public)
}

#[cfg(test)]
#[path = "moved_tests.rs"]
mod tests;
