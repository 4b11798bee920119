//! Whether a server shows its new certificate: asked again for a while, because servers take their time.

use std::time::Duration;

use super::{generation::Generation, outside::Outside, route::Route};
use crate::{
    probe::{Address, ProbeError, look},
    system::Clock,
    x509::{AltName, Certificate, DnsName, GeneralName},
};

/// An address that does not show the new certificate.
pub(super) struct Unseen {
    pub(super) what: Sight,
    /// In words, with the address.
    pub(super) reason: String,
}

/// What is seen there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing: nobody answers.
    Nobody,
    /// A certificate of before.
    Before,
    /// Anything else.
    Other,
}

/// Looks at every address until each shows the certificate, and proves that it has the key.
/// `is_earlier` knows those that were there before.
///
/// # Errors
/// What each of the others shows when the time is over.
pub(super) fn verify(
    new: &Generation,
    is_earlier: &dyn Fn(&[u8]) -> bool,
    route: &Route,
    outside: &Outside<'_>,
    clock: &dyn Clock,
) -> Result<(), Vec<Unseen>> {
    let watch = clock.stopwatch();
    let mut waited = Duration::ZERO;
    let mut pause = FIRST_PAUSE;
    let mut missing: Vec<&Address> = route.addresses.iter().collect();
    loop {
        let mut unseen = Vec::new();
        missing.retain(|address| match verify_one(new, is_earlier, address, outside) {
            Ok(()) => false,
            Err(what) => {
                unseen.push(what);
                true
            }
        });
        if missing.is_empty() {
            return Ok(());
        }
        // A clock that stands still counts the pauses all the same.
        let left = outside.verify_limit.saturating_sub(watch.elapsed().max(waited));
        if left.is_zero() {
            return Err(unseen);
        }
        let pausing = pause.min(left);
        std::thread::sleep(pausing);
        waited += pausing;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn verify_one(
    new: &Generation,
    is_earlier: &dyn Fn(&[u8]) -> bool,
    address: &Address,
    outside: &Outside<'_>,
) -> Result<(), Unseen> {
    let name = asked_by(&new.certificate, address);
    let served = look(outside.network, address, name.as_ref(), LOOK_LIMIT).map_err(|error| Unseen {
        what: if matches!(error, ProbeError::Network(_)) { Sight::Nobody } else { Sight::Other },
        reason: error.to_string(),
    })?;
    match served.chain.first() {
        Some(leaf) if leaf == new.certificate.as_der() => Ok(()),
        Some(leaf) => Err(Unseen {
            what: if is_earlier(leaf) { Sight::Before } else { Sight::Other },
            reason: format!("`{address}` shows {}", other_certificate(leaf, &new.certificate)),
        }),
        None => Err(Unseen { what: Sight::Other, reason: format!("`{address}` shows no certificate") }),
    }
}

/// The name that a server with several certificates is asked by: the host where the certificate has it, else the first
/// name that it has.
pub fn asked_by(ours: &Certificate, address: &Address) -> Option<GeneralName> {
    let names = ours.tbs().subject_alt_names().ok().flatten().unwrap_or_default();
    if let GeneralName::Ip(asked) = address.host()
        && !names.iter().any(|name| name.ip() == Some(*asked))
    {
        let mut hosts = names.iter().filter_map(|name| match name {
            AltName::Dns(text) => DnsName::parse(text).ok().filter(|host| !host.is_wildcard()),
            _ => None,
        });
        return hosts.next().map(GeneralName::Dns);
    }
    None
}

/// What is shown instead; it may be by anybody, so of its bytes nothing but its number is told.
pub(super) fn other_certificate(leaf: &[u8], ours: &Certificate) -> String {
    match Certificate::from_der(leaf) {
        Err(_) => "a certificate that cannot be read".to_owned(),
        Ok(shown) => match shown.tbs().serial_number() {
            Ok(serial) if shown.tbs().issuer() == ours.tbs().issuer() => {
                let wanted = ours.tbs().serial_number().map(|serial| serial.to_string()).unwrap_or_default();
                format!("the certificate {serial}, and not the new one {wanted}")
            }
            _ => "a certificate of another CA".to_owned(),
        },
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long one look may take.
const LOOK_LIMIT: Duration = Duration::from_secs(5);
