//! Servers of every kind, looked at over loopback.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread::JoinHandle,
};

use std::sync::Arc;

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, Stream,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::{NoClientAuth, ResolvesServerCertUsingSni, WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};

use super::*;
use crate::{probe::Opening, system::SystemNetwork, x509::DnsName};

const LIMIT: Duration = Duration::from_secs(20);

struct Identity {
    certificate: Vec<u8>,
    key: KeyPair,
}

fn identity(name: &str) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
    Identity { certificate: certificate.der().to_vec(), key }
}

fn certified(shown: &Identity, key: &KeyPair) -> CertifiedKey {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
    CertifiedKey::new(vec![CertificateDer::from(shown.certificate.clone())], key)
}

fn serve(configuration: ServerConfig) -> (Address, JoinHandle<()>) {
    listen(move |mut stream| {
        let mut connection = ServerConnection::new(Arc::new(configuration.clone())).unwrap();
        let _ = connection.complete_io(&mut stream);
        let _ = Stream::new(&mut connection, &mut stream).read(&mut [0; 1]);
    })
}

fn listen(answer: impl FnOnce(TcpStream) + Send + 'static) -> (Address, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::parse(&listener.local_addr().unwrap().to_string()).unwrap();
    (address, std::thread::spawn(move || answer(listener.accept().unwrap().0)))
}

fn configuration(versions: &[&'static rustls::SupportedProtocolVersion], certified: CertifiedKey) -> ServerConfig {
    with_clients(versions, certified, Arc::new(NoClientAuth))
}

fn with_clients(
    versions: &[&'static rustls::SupportedProtocolVersion],
    certified: CertifiedKey,
    clients: Arc<dyn ClientCertVerifier>,
) -> ServerConfig {
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider())).with_protocol_versions(versions);
    let builder = builder.unwrap().with_client_cert_verifier(clients);
    let mut configuration = builder.with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)));
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    configuration
}

fn seen(address: &Address) -> Result<Served, ProbeError> {
    look(&SystemNetwork, address, None, LIMIT)
}

#[test]
fn a_chain_is_seen_as_it_is_served_whoever_signed_it() {
    for (version, told) in [(&TLS13, TlsVersion::Tls13), (&TLS12, TlsVersion::Tls12)] {
        let hub = identity("hub.lan");
        let (address, server) = serve(configuration(&[version], certified(&hub, &hub.key)));
        let served = seen(&address).unwrap();
        assert_eq!(served.chain, [hub.certificate]);
        assert_eq!((served.version, served.protocol.as_deref()), (Some(told), Some("http/1.1")));
        server.join().unwrap();
    }
}

#[test]
fn a_certificate_without_its_key_is_found_out() {
    for version in [&TLS13, &TLS12] {
        let (hub, other) = (identity("hub.lan"), identity("hub.lan"));
        let (address, server) = serve(configuration(&[version], certified(&hub, &other.key)));
        let error = seen(&address).unwrap_err();
        assert!(matches!(error, ProbeError::NoProof { .. }), "{error}");
        server.join().unwrap();
    }
}

#[test]
fn a_server_that_wants_a_certificate_of_ours_shows_its_own() {
    for version in [&TLS13, &TLS12] {
        let hub = identity("hub.lan");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(hub.certificate.clone())).unwrap();
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(default_provider()));
        let (address, server) = serve(with_clients(&[version], certified(&hub, &hub.key), clients.build().unwrap()));
        assert_eq!(seen(&address).unwrap().chain, [hub.certificate]);
        server.join().unwrap();
    }
}

#[test]
fn one_address_with_two_servers_is_asked_by_name() {
    let (hub, nas) = (identity("hub.lan"), identity("nas.lan"));
    let mut by_name = ResolvesServerCertUsingSni::new();
    by_name.add("hub.lan", certified(&hub, &hub.key)).unwrap();
    by_name.add("nas.lan", certified(&nas, &nas.key)).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let (address, server) = serve(builder.with_cert_resolver(Arc::new(by_name)));
    let name = GeneralName::Dns(DnsName::parse("nas.lan").unwrap());
    let served = look(&SystemNetwork, &address, Some(&name), LIMIT).unwrap();
    assert_eq!(served.chain, [nas.certificate]);
    server.join().unwrap();
}

#[test]
fn whoever_speaks_no_tls_or_nothing_at_all_is_left_in_time() {
    let (address, server) = listen(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = stream.read(&mut [0; 1024]);
    });
    assert!(matches!(seen(&address), Err(ProbeError::NoHandshake { .. })));
    server.join().unwrap();
    let (address, server) = listen(|mut stream| while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {});
    let short = look(&SystemNetwork, &address, None, Duration::from_millis(300));
    assert!(
        matches!(short, Err(ProbeError::NoHandshake { ref reason, .. }) if reason.contains("timed out")),
        "{short:?}"
    );
    server.join().unwrap();
    let (address, server) = listen(drop);
    assert!(matches!(seen(&address), Err(ProbeError::NoHandshake { .. })));
    server.join().unwrap();
    // What it was asked first is told, because it may be none of those who are asked so.
    let (address, server) = listen(drop);
    let told = seen(&address.opened_by(Opening::Postgresql)).unwrap_err().to_string();
    assert!(told.contains("asked for TLS as PostgreSQL wants to be asked, and it closes the connection"), "{told}");
    server.join().unwrap();
}

#[test]
fn a_chain_of_rubbish_is_shown_and_proves_nothing() {
    let mut parameters = CertificateParams::new(vec!["hub.lan".to_owned()]).unwrap();
    let mut strange = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![0; 40_000]);
    strange.set_criticality(true);
    parameters.custom_extensions = vec![strange];
    let key = KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap().der().to_vec();
    let hub = Identity { certificate, key };
    let (address, server) = serve(configuration(&[&TLS13], certified(&hub, &hub.key)));
    let error = seen(&address).unwrap_err();
    assert!(matches!(error, ProbeError::NoProof { .. }), "{error}");
    server.join().unwrap();
}
