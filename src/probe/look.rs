//! One look: connect, shake hands as far as the certificate and its proof, and tell what was there.

use std::time::Duration;

use super::{
    address::Address,
    error::ProbeError,
    handshake::{Offer, shake_hands},
};
use crate::{lint::TlsVersion, system::Network, x509::GeneralName};

/// What a server shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The certificates as they were sent, in DER, the server's own first: by whomever they are, and not yet read.
    pub chain: Vec<Vec<u8>>,
    /// The version of TLS, where the handshake came so far.
    pub version: Option<TlsVersion>,
    /// The protocol that was agreed on, if any (RFC 7301).
    pub protocol: Option<String>,
}

/// Looks at a server; `name` is what it is asked for by (RFC 6066 3), where that is another than its address.
///
/// # Errors
/// Nobody answers, there is no handshake within `limit`, or the server has not the key of what it shows.
pub fn look(
    network: &dyn Network,
    address: &Address,
    name: Option<&GeneralName>,
    limit: Duration,
) -> Result<Served, ProbeError> {
    let handshake = shake_hands(network, address, name.unwrap_or(address.host()), Offer::USUAL, limit)?;
    let at = address.to_string();
    // A server that wants a certificate of ours shows its own first, and that was all there is to see.
    let reason = match (&handshake.proof, &handshake.ended) {
        (Some(Ok(())), _) => {
            let served = Served {
                chain: handshake.chain.clone(),
                version: handshake.version,
                protocol: handshake.protocol.clone(),
            };
            handshake.leave();
            return Ok(served);
        }
        (Some(Err(error)), _) => error.to_string(),
        (None, Err(reason)) => reason.to_string(),
        (None, Ok(_)) => "nothing was signed".to_owned(),
    };
    let is_shown = !handshake.chain.is_empty();
    Err(if is_shown { ProbeError::NoProof { at, reason } } else { ProbeError::NoHandshake { at, reason } })
}

/// The certificates that a server sends, in DER, whether or not it has their key.
///
/// # Errors
/// Nobody answers, or no certificate comes within `limit`.
pub fn shown(
    network: &dyn Network,
    address: &Address,
    name: &GeneralName,
    limit: Duration,
) -> Result<Vec<Vec<u8>>, ProbeError> {
    let mut handshake = shake_hands(network, address, name, Offer::USUAL, limit)?;
    let chain = std::mem::take(&mut handshake.chain);
    match &handshake.ended {
        Err(reason) if chain.is_empty() => {
            Err(ProbeError::NoHandshake { at: address.to_string(), reason: reason.to_string() })
        }
        _ => {
            handshake.leave();
            Ok(chain)
        }
    }
}

#[cfg(test)]
#[path = "look_tests.rs"]
mod tests;
