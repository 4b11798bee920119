//! TLS for a certificate in memory: versions 1.2 and 1.3 by rustls, every connection with a handshake of its own.

use std::sync::Arc;

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::{default_provider, sign::any_ecdsa_type},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::NoServerSessionStorage,
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};

use super::error::ServeError;
use crate::home::InMemory;

/// How a TLS port answers.
///
/// # Errors
/// A key or chain that rustls does not take.
pub(super) fn configuration(made: &InMemory) -> Result<Arc<ServerConfig>, ServeError> {
    let chain = made.sent().map(|certificate| CertificateDer::from(certificate.as_der().to_vec())).collect();
    // The key is lent: aws-lc's own copy is the only other one, and it is wiped.
    let key = any_ecdsa_type(&PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.key.pkcs8_der())))?;
    let certified = CertifiedKey::new(chain, key);
    certified.keys_match()?;
    let mut configuration = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    // A session that is taken up again would tell of trust that was proven before, and not of trust now.
    configuration.session_storage = Arc::new(NoServerSessionStorage {});
    configuration.send_tls13_tickets = 0;
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(configuration))
}
