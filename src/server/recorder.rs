//! What visitors do, written down by a thread of its own: the ledger waits for the disk, and the server waits for nobody.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError},
    },
};

use super::event::{Event, Guest, Proof, RootAge};
use super::visitors::MOST_NEW_DEVICES;
use crate::{
    authority::{Arrival, Authority, DeviceKey, LedgerError},
    onboarding::Recording,
    x509::Certificate,
};

/// Something that a visitor did, the first time.
pub(super) enum Deed {
    /// It came.
    Came {
        /// What it is known by.
        key: DeviceKey,
        /// From where.
        address: IpAddr,
        /// What kind of device it says it is.
        platform: Option<&'static str>,
        /// What its browser calls itself.
        user_agent: String,
    },
    /// It was given a name.
    Named(DeviceKey, String),
    /// It fetched the root.
    Fetched(DeviceKey),
    /// Somebody without a token did.
    FetchedFrom(IpAddr),
    /// It proved that it trusts a root: the number of that root's port.
    Trusts(DeviceKey, usize),
    /// It was one too many.
    TooMany,
}

/// The way to the recorder. What does not fit is dropped: a ledger that is stuck must not hold the server up.
#[derive(Clone)]
pub(super) struct Deeds(pub(super) SyncSender<Deed>);

impl Deeds {
    pub(super) fn tell(&self, deed: Deed) {
        match self.0.try_send(deed) {
            Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }
}

/// Who writes down, and tells.
pub(super) struct Recorder<'a> {
    authority: &'a Authority,
    recording: Recording,
    /// The root of each TLS port; the first is the one of today.
    roots: &'a [Certificate],
    guests: HashMap<DeviceKey, Guest>,
    has_failed: bool,
    /// Whether the page is served no more.
    is_over: &'a AtomicBool,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(
        authority: &'a Authority,
        recording: Recording,
        roots: &'a [Certificate],
        is_over: &'a AtomicBool,
    ) -> Self {
        Self { authority, recording, roots, guests: HashMap::new(), has_failed: false, is_over }
    }

    /// Writes down and tells what is done, until nobody does anything any more or nobody listens.
    pub(super) fn run(mut self, deeds: &Receiver<Deed>, events: &SyncSender<Event>) {
        for deed in deeds {
            let (failure, event) = self.take_down(deed);
            let failure = failure.filter(|_| !std::mem::replace(&mut self.has_failed, true));
            let failure = failure.map(|error| Event::NotRecorded { reason: error.to_string() });
            for event in failure.into_iter().chain(event) {
                if events.send(event).is_err() {
                    return;
                }
            }
        }
    }

    fn take_down(&mut self, deed: Deed) -> (Option<LedgerError>, Option<Event>) {
        // A ledger that somebody holds is not waited for once for each of those who came, when all the rest has ended.
        let is_given_up = self.has_failed && self.is_over.load(Ordering::Relaxed);
        let is_on = self.recording == Recording::On && !is_given_up;
        match deed {
            Deed::Came { key, address, platform, user_agent } => {
                let mut guest =
                    Guest { platform: platform.map(str::to_owned), address: address.to_string(), ..Guest::default() };
                let mut failure = None;
                if is_on {
                    let platform = platform.unwrap_or(UNKNOWN).to_owned();
                    let arrival = Arrival { key, address: address.to_string(), platform, user_agent };
                    match self.authority.meet_device(&arrival) {
                        Ok(device) => (guest.place, guest.name) = (Some(device.place), device.name),
                        Err(error) => failure = Some(error),
                    }
                }
                self.guests.insert(key, guest.clone());
                (failure, Some(Event::Came(guest)))
            }
            Deed::Named(key, name) => {
                let named = if is_on { self.authority.name_device(&key, &name) } else { Ok(None) };
                let name = named.as_ref().ok().cloned().flatten();
                let Some(guest) = self.guests.get_mut(&key) else { return (named.err(), None) };
                guest.name = name;
                (named.err(), Some(Event::Named(guest.clone())))
            }
            Deed::Fetched(key) => {
                let root = self.roots.first().filter(|_| is_on);
                let failure = root.and_then(|root| self.authority.device_fetched(&key, root).err());
                (failure, self.guests.get(&key).cloned().map(Event::Fetched))
            }
            Deed::FetchedFrom(address) => {
                (None, Some(Event::Fetched(Guest { address: address.to_string(), ..Guest::default() })))
            }
            Deed::Trusts(key, number) => {
                let Some(root) = self.roots.get(number) else { return (None, None) };
                let failure = if is_on { self.authority.device_trusts(&key, root).err() } else { None };
                let age = if number == 0 { RootAge::Current } else { RootAge::Earlier };
                let proof = Proof { root_sha256: root.fingerprint(), age };
                (failure, self.guests.get(&key).cloned().map(|guest| Event::Trusts(guest, proof)))
            }
            Deed::TooMany => (None, Some(Event::Full { devices: MOST_NEW_DEVICES })),
        }
    }
}

/// The platform of a device that does not say what it is.
pub(super) const UNKNOWN: &str = "unknown";
