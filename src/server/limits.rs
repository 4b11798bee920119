//! How much of this machine a visitor may use, and for how long: whoever is slow, many or large takes nothing from others.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The connections that are open, counted by address.
#[derive(Clone, Default)]
pub(super) struct Seats {
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One open connection; dropped when it ends.
pub(super) struct Seat {
    seats: Seats,
    address: IpAddr,
}

impl Seats {
    /// A seat for one more connection from an address, unless it has too many or all together have.
    pub(super) fn take(&self, address: IpAddr) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let total: usize = taken.values().sum();
        let own = taken.get(&address).copied().unwrap_or_default();
        if total >= MOST_CONNECTIONS || own >= MOST_FROM_ONE_ADDRESS {
            return None;
        }
        taken.insert(address, own + 1);
        Some(Seat { seats: self.clone(), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get_mut(&self.address) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                taken.remove(&self.address);
            }
        }
    }
}

/// Open connections of everybody, on all ports. A class of browsers opens about six each.
const MOST_CONNECTIONS: usize = 512;
/// Open connections from one address.
const MOST_FROM_ONE_ADDRESS: usize = 128;

/// Octets of a request's head; browsers send about one kilobyte.
pub(super) const MOST_OF_HEAD: usize = 16 * 1024;
/// Headers of a request.
pub(super) const MOST_HEADERS: usize = 64;
/// Octets of a request's target.
pub(super) const MOST_OF_TARGET: usize = 1024;
/// Octets of a request's body: the name of a device.
pub(super) const MOST_OF_BODY: usize = 2 * 1024;
/// Octets of a WebSocket message by a visitor, who has nothing to say.
pub(super) const MOST_OF_MESSAGE: usize = 256;

/// For the head of a request, and for the silence before it.
pub(super) const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// For the answer to a request, body of the request included.
pub(super) const REQUEST_PATIENCE: Duration = Duration::from_secs(10);
/// For a TLS handshake.
pub(super) const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// For a WebSocket, from its first octet to its last.
pub(super) const SOCKET_PATIENCE: Duration = Duration::from_secs(5);
/// For a whole connection: after it, no further request is taken.
pub(super) const CONNECTION_PATIENCE: Duration = Duration::from_secs(120);
/// For the end of a connection's last request.
pub(super) const LAST_REQUEST_PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_seats_and_a_seat_is_free_again() {
        let seats = Seats::default();
        let one = IpAddr::from([192, 168, 0, 1]);
        let mut held: Vec<_> = (0..MOST_FROM_ONE_ADDRESS).map(|_| seats.take(one).unwrap()).collect();
        assert!(seats.take(one).is_none());
        assert!(seats.take(IpAddr::from([192, 168, 0, 2])).is_some());
        held.pop();
        assert!(seats.take(one).is_some());
        held.extend((0..=255).map_while(|host| seats.take(IpAddr::from([10, 0, 0, host]))));
        held.extend((0..=255).map_while(|host| seats.take(IpAddr::from([10, 0, 1, host]))));
        assert_eq!(held.len(), MOST_CONNECTIONS);
        assert!(seats.take(IpAddr::from([10, 0, 2, 1])).is_none());
        drop(held);
        assert!(seats.taken.lock().unwrap().is_empty());
    }
}
