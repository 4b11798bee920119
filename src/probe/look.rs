//! One look: connect, shake hands as far as the certificate and its proof, and tell what was there.

use std::{io, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, ClientConnection, ProtocolVersion,
    client::Resumption,
    crypto::aws_lc_rs::default_provider,
    pki_types::{IpAddr, ServerName},
};

use super::{address::Address, error::ProbeError, witness::Witness};
use crate::{system::Network, x509::GeneralName};

/// What a server shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The certificates as they were sent, in DER, the server's own first: by whomever they are, and not yet read.
    pub chain: Vec<Vec<u8>>,
    /// The version of TLS, where the handshake came to its end.
    pub version: Option<&'static str>,
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
    let at = address.to_string();
    let unspeakable =
        |reason: &dyn std::fmt::Display| ProbeError::NoHandshake { at: at.clone(), reason: reason.to_string() };
    let provider = Arc::new(default_provider());
    let witness = Arc::new(Witness::new(provider.clone()));
    let mut configuration = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unspeakable(&error))?
        .dangerous()
        .with_custom_certificate_verifier(witness.clone())
        .with_no_client_auth();
    // A session that is taken up again shows the certificate of before.
    configuration.resumption = Resumption::disabled();
    configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = server_name(name.unwrap_or(address.host())).map_err(|error| unspeakable(&error))?;
    let mut client = ClientConnection::new(Arc::new(configuration), name).map_err(|error| unspeakable(&error))?;
    let mut connection = network.connect(&address.host().to_string(), address.port(), limit)?;
    let outcome = shake_hands(&mut client, &mut connection);
    let seen = witness.seen();
    let reason = match outcome {
        // A server that wants a certificate of ours shows its own first, and that was all there is to see.
        Err(error) if !seen.has_key => error.to_string(),
        _ if !seen.has_key => "nothing was signed".to_owned(),
        _ => {
            let version = client.protocol_version().and_then(version_name);
            let protocol = client.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
            // Whether the other side hears the goodbye makes no difference to what was seen.
            client.send_close_notify();
            let _ = client.write_tls(&mut connection);
            return Ok(Served { chain: seen.chain, version, protocol });
        }
    };
    Err(if seen.chain.is_empty() { ProbeError::NoHandshake { at, reason } } else { ProbeError::NoProof { at, reason } })
}

fn shake_hands(client: &mut ClientConnection, connection: &mut (impl io::Read + io::Write)) -> io::Result<()> {
    while client.is_handshaking() {
        client.complete_io(connection)?;
    }
    Ok(())
}

fn server_name(name: &GeneralName) -> Result<ServerName<'static>, rustls::pki_types::InvalidDnsNameError> {
    match name {
        GeneralName::Ip(address) => Ok(ServerName::IpAddress(IpAddr::from(*address))),
        GeneralName::Dns(name) => ServerName::try_from(name.as_str().to_owned()),
    }
}

fn version_name(version: ProtocolVersion) -> Option<&'static str> {
    match version {
        ProtocolVersion::TLSv1_2 => Some("TLS 1.2"),
        ProtocolVersion::TLSv1_3 => Some("TLS 1.3"),
        _ => None,
    }
}

#[cfg(test)]
#[path = "look_tests.rs"]
mod tests;
