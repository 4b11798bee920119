//! Drift: what servers show, beside what is under `live/`. Many are looked at together, each for a short time.

use std::time::Duration;

use super::{finding::Finding, renewals};
use crate::{
    authority::Watched,
    home::{
        route::shown_at,
        verification::{asked_by, other_certificate},
    },
    probe::look,
    system::{Network, workers},
    x509::Certificate,
};

/// Looks at every address; gives what is not as it should be, in the order of the addresses.
pub(super) fn look_at_all(watched: &[Watched], network: &dyn Network) -> Vec<Finding> {
    let places: Vec<(&Watched, &String)> =
        watched.iter().flat_map(|watched| watched.addresses.iter().map(move |address| (watched, address))).collect();
    let look = |(watched, address): (&Watched, &String)| look_at(watched, address, network);
    workers::wait_for_all(places, MOST_TOGETHER, look, || ()).into_iter().flatten().collect()
}

fn look_at(watched: &Watched, address: &str, network: &dyn Network) -> Option<Finding> {
    let label = &watched.label;
    let address = match shown_at(address, watched.server.as_deref()) {
        Ok(address) => address,
        Err(error) => return Some(renewals::unreachable(label, &error.to_string())),
    };
    // The ledger's own bytes: if they are no certificate, that is told where it is renewed.
    let ours = Certificate::from_der(&watched.certificate).ok()?;
    let served = match look(network, &address, asked_by(&ours, &address).as_ref(), LIMIT) {
        Ok(served) => served,
        Err(error) => return Some(renewals::unreachable(label, &error.to_string())),
    };
    match served.chain.first() {
        Some(leaf) if *leaf == watched.certificate => None,
        Some(leaf) => Some(renewals::drift(label, &format!("`{address}` shows {}", other_certificate(leaf, &ours)))),
        None => Some(renewals::unreachable(label, &format!("`{address}` shows no certificate"))),
    }
}

/// How long one look may take: whoever waits for the answer waits for the slowest server.
const LIMIT: Duration = Duration::from_secs(3);
/// How many are looked at together.
const MOST_TOGETHER: usize = 32;
