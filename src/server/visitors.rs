//! The visitors of the page while it is served: what this server saw of each, within bounds.
//!
//! A visitor is kept from when a token of its own comes back, so that whoever only looks costs nothing. What is seen on
//! a TLS port before a token comes is kept by address.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

use crate::authority::DeviceKey;

/// What was seen of everybody.
#[derive(Default)]
pub(super) struct Visitors {
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Counts what is seen: what has a higher number came later.
    now: u64,
    visitors: HashMap<DeviceKey, Visitor>,
    peers: HashMap<IpAddr, Peer>,
    new_devices: usize,
}

#[derive(Default)]
struct Visitor {
    standing: Standing,
    last_seen: u64,
    /// When it came over TLS with its token.
    completed: u64,
    fetched: bool,
    names: u8,
    /// A bit for each root.
    trusts: u64,
}

#[derive(Default)]
struct Peer {
    last_seen: u64,
    connected: u64,
    refused: u64,
    completed: u64,
    fetched: bool,
}

/// Whether a visitor is told of and written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Standing {
    /// It is not: too many came before it.
    #[default]
    Passing,
    /// It is.
    Kept,
}

/// Whether a visitor was here on another day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acquaintance {
    /// The ledger has it.
    Known,
    /// Nobody has.
    New,
}

/// How a visitor came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coming {
    /// For the first time.
    First,
    /// As before.
    Again,
    /// As the first of those that are too many.
    FirstTooMany,
}

/// What this server saw of a visitor on the TLS port after a moment that the visitor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Sight {
    /// Up to where this tells: what to name when asking again. Each window of a browser keeps its own.
    moment: u64,
    /// Whether it connected at all.
    connection: bool,
    /// How far it came.
    handshake: Handshake,
    /// Whether it fetched the root.
    fetched: bool,
}

/// How far a visitor came on the TLS port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Handshake {
    /// It said nothing that is TLS.
    None,
    /// It did not take the certificate.
    Refused,
    /// It did.
    Completed,
}

impl Visitors {
    /// A token came back.
    pub(super) fn came(&self, id: DeviceKey, acquaintance: Acquaintance) -> Coming {
        let mut seen = self.lock();
        let now = seen.tick();
        if let Some(visitor) = seen.visitors.get_mut(&id) {
            visitor.last_seen = now;
            return Coming::Again;
        }
        let passing = |visitor: &Visitor| (visitor.standing == Standing::Passing).then_some(visitor.last_seen);
        let has_room = make_room(&mut seen.visitors, passing);
        let is_welcome = has_room && (acquaintance == Acquaintance::Known || seen.new_devices < MOST_NEW_DEVICES);
        if has_room {
            let standing = if is_welcome { Standing::Kept } else { Standing::Passing };
            seen.visitors.insert(id, Visitor { standing, last_seen: now, ..Visitor::default() });
        }
        match acquaintance {
            _ if is_welcome && acquaintance == Acquaintance::Known => Coming::First,
            _ if is_welcome => {
                seen.new_devices += 1;
                Coming::First
            }
            // One more, so that it is said once.
            _ if seen.new_devices == MOST_NEW_DEVICES => {
                seen.new_devices += 1;
                Coming::FirstTooMany
            }
            _ => Coming::Again,
        }
    }

    /// Whether a visitor that is kept fetches the root for the first time.
    pub(super) fn fetched(&self, id: DeviceKey) -> bool {
        self.kept(id, |visitor| !std::mem::replace(&mut visitor.fetched, true))
    }

    /// Whether an address without a token fetches the root for the first time.
    pub(super) fn fetched_from(&self, address: IpAddr) -> bool {
        let mut seen = self.lock();
        seen.peer(address).is_some_and(|peer| !std::mem::replace(&mut peer.fetched, true))
    }

    /// Whether a visitor that is kept may still be given a name.
    pub(super) fn named(&self, id: DeviceKey) -> bool {
        self.kept(id, |visitor| {
            visitor.names = visitor.names.saturating_add(1);
            visitor.names <= MOST_NAMES
        })
    }

    /// Whether a visitor that is kept proves its trust in a root for the first time.
    pub(super) fn trusts(&self, id: DeviceKey, root: usize) -> bool {
        let bit = u32::try_from(root).ok().and_then(|root| 1_u64.checked_shl(root)).unwrap_or_default();
        self.kept(id, |visitor| {
            let is_first = visitor.trusts & bit == 0 && bit != 0;
            visitor.trusts |= bit;
            is_first
        })
    }

    /// An address connected to the TLS port.
    pub(super) fn connected(&self, address: IpAddr) {
        self.on_peer(address, |peer, now| peer.connected = now);
    }

    /// An address ended its handshake there, either way.
    pub(super) fn shook_hands(&self, address: IpAddr, handshake: Handshake) {
        self.on_peer(address, |peer, now| match handshake {
            Handshake::None => {}
            Handshake::Refused => peer.refused = now,
            Handshake::Completed => peer.completed = now,
        });
    }

    /// A visitor came over the TLS port with its token.
    pub(super) fn probed(&self, id: DeviceKey) {
        let mut seen = self.lock();
        let now = seen.tick();
        if let Some(visitor) = seen.visitors.get_mut(&id) {
            visitor.completed = now;
        }
    }

    /// What was seen of a visitor at an address after a moment, 0 being the start.
    pub(super) fn tell(&self, id: DeviceKey, address: IpAddr, since: u64) -> Sight {
        let mut seen = self.lock();
        let moment = seen.tick();
        let visitor = seen.visitors.get(&id);
        let (completed, fetched) = visitor.map(|visitor| (visitor.completed, visitor.fetched)).unwrap_or_default();
        let nobody = Peer::default();
        let peer = seen.peers.get(&address).unwrap_or(&nobody);
        let handshake = if completed.max(peer.completed) > since {
            Handshake::Completed
        } else if peer.refused > since {
            Handshake::Refused
        } else {
            Handshake::None
        };
        let connection = peer.connected > since || handshake != Handshake::None;
        Sight { moment, connection, handshake, fetched: fetched || peer.fetched }
    }

    fn kept(&self, id: DeviceKey, change: impl FnOnce(&mut Visitor) -> bool) -> bool {
        let mut seen = self.lock();
        let visitor = seen.visitors.get_mut(&id);
        visitor.filter(|visitor| visitor.standing == Standing::Kept).is_some_and(change)
    }

    fn on_peer(&self, address: IpAddr, change: impl FnOnce(&mut Peer, u64)) {
        let mut seen = self.lock();
        let now = seen.tick();
        if let Some(peer) = seen.peer(address) {
            change(peer, now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        // Whoever panicked with it in hand left at worst one visitor half told of.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    fn peer(&mut self, address: IpAddr) -> Option<&mut Peer> {
        let now = self.tick();
        if !self.peers.contains_key(&address) {
            make_room(&mut self.peers, |peer| Some(peer.last_seen));
        }
        let peer = self.peers.entry(address).or_default();
        peer.last_seen = now;
        Some(peer)
    }
}

/// Makes room for one more in a table, by forgetting whoever may be forgotten and was seen longest ago.
fn make_room<K: Copy + Eq + Hash, V>(table: &mut HashMap<K, V>, last_seen: impl Fn(&V) -> Option<u64>) -> bool {
    if table.len() < MOST_KEPT {
        return true;
    }
    let candidates = table.iter().filter_map(|(key, value)| Some((last_seen(value)?, *key)));
    match candidates.min_by_key(|(last_seen, _)| *last_seen) {
        Some((_, key)) => table.remove(&key).is_some(),
        None => false,
    }
}

/// How many new devices are told of and written down while the page is served once.
pub(super) const MOST_NEW_DEVICES: usize = 250;
/// How many visitors, and how many addresses, are kept at a time.
const MOST_KEPT: usize = 2000;
/// How often a device may be given another name.
const MOST_NAMES: u8 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(number: usize) -> DeviceKey {
        DeviceKey::of(&number.to_be_bytes())
    }

    fn address() -> IpAddr {
        IpAddr::from([192, 168, 0, 23])
    }

    #[test]
    fn a_visitor_is_told_what_was_seen_since_the_moment_it_names() {
        let visitors = Visitors::default();
        let told = |since, (connection, handshake, fetched)| {
            let sight = visitors.tell(visitor(1), address(), since);
            assert_eq!(sight, Sight { moment: sight.moment, connection, handshake, fetched });
            sight.moment
        };
        visitors.came(visitor(1), Acquaintance::New);
        let start = told(0, (false, Handshake::None, false));
        visitors.connected(address());
        let connected = told(start, (true, Handshake::None, false));
        visitors.connected(address());
        visitors.shook_hands(address(), Handshake::Refused);
        let refused = told(connected, (true, Handshake::Refused, false));
        // Another window of the same browser asks about the same time, and hears the same.
        told(connected, (true, Handshake::Refused, false));
        told(refused, (false, Handshake::None, false));
        assert!(visitors.fetched(visitor(1)) && !visitors.fetched(visitor(1)));
        visitors.probed(visitor(1));
        // Another address: what the token says is seen all the same.
        let elsewhere = visitors.tell(visitor(1), IpAddr::from([10, 0, 0, 1]), refused);
        assert!(elsewhere.connection && elsewhere.fetched && elsewhere.handshake == Handshake::Completed);
    }

    #[test]
    fn each_first_time_comes_once() {
        let visitors = Visitors::default();
        assert!(!visitors.trusts(visitor(1), 0), "it never came");
        assert_eq!(visitors.came(visitor(1), Acquaintance::Known), Coming::First);
        assert_eq!(visitors.came(visitor(1), Acquaintance::Known), Coming::Again);
        assert!(visitors.trusts(visitor(1), 0) && !visitors.trusts(visitor(1), 0));
        assert!(visitors.trusts(visitor(1), 63) && !visitors.trusts(visitor(1), 64));
        assert_eq!((0..9).filter(|_| visitors.named(visitor(1))).count(), usize::from(MOST_NAMES));
        assert!(visitors.fetched_from(address()) && !visitors.fetched_from(address()));
    }

    #[test]
    fn too_many_are_served_and_not_kept() {
        let visitors = Visitors::default();
        let comings: Vec<_> = (0..5000).map(|number| visitors.came(visitor(number), Acquaintance::New)).collect();
        assert!(comings[..MOST_NEW_DEVICES].iter().all(|coming| *coming == Coming::First));
        assert_eq!(comings[MOST_NEW_DEVICES], Coming::FirstTooMany);
        assert!(comings[MOST_NEW_DEVICES + 1..].iter().all(|coming| *coming == Coming::Again));
        assert!(visitors.trusts(visitor(0), 0) && !visitors.trusts(visitor(4999), 0));
        assert_eq!(visitors.lock().visitors.len(), MOST_KEPT);
        assert_eq!(visitors.came(visitor(9999), Acquaintance::Known), Coming::First);
        for number in 0..5000_u32 {
            visitors.connected(IpAddr::from(number.to_be_bytes()));
        }
        assert_eq!(visitors.lock().peers.len(), MOST_KEPT);
    }
}
