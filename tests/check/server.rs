//! Servers on loopback: one that sends any chain with any key, one that says any bytes, and openssl's.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::Arc,
    time::Duration,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs::{default_provider, sign::any_supported_type},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::danger::ClientCertVerifier,
    sign::{CertifiedKey, SingleCertAndKey},
};

use crate::{
    leaf::Made,
    support::server::{Server, free_port},
};

/// Calls `answer` for each who comes, for as long as the test lasts; gives the port.
pub(crate) fn listen(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, answer) = (stream.unwrap(), answer.clone());
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            std::thread::spawn(move || answer(stream));
        }
    });
    port
}

/// A server that sends this chain, signs with this key, and answers a request in HTTP/1.1 with `answer`.
pub(crate) fn serve_saying(chain: &[&[u8]], key: &[u8], answer: &'static str) -> u16 {
    let mut configuration = configuration(chain, key, rustls::server::WebPkiClientVerifier::no_client_auth());
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    serve_with(configuration, answer)
}

/// The same with an answer of no importance.
pub(crate) fn serve(chain: &[&[u8]], key: &[u8]) -> u16 {
    serve_saying(chain, key, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
}

/// The same, for those with a certificate only.
pub(crate) fn serve_known(chain: &[&[u8]], key: &[u8], clients: Arc<dyn ClientCertVerifier>) -> u16 {
    serve_with(configuration(chain, key, clients), "")
}

fn configuration(chain: &[&[u8]], key: &[u8], clients: Arc<dyn ClientCertVerifier>) -> ServerConfig {
    let key = any_supported_type(&PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.to_vec()))).unwrap();
    let chain = chain.iter().map(|der| CertificateDer::from(der.to_vec())).collect();
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key))))
}

fn serve_with(configuration: ServerConfig, answer: &'static str) -> u16 {
    let configuration = Arc::new(configuration);
    listen(move |stream| {
        let mut tls = StreamOwned::new(ServerConnection::new(configuration.clone()).unwrap(), stream);
        let mut asked = [0; 4096];
        if tls.read(&mut asked).is_ok_and(|read| read > 0) {
            let _ = tls.write_all(answer.as_bytes());
            let _ = tls.read(&mut asked);
        }
    })
}

/// `openssl s_server` with these options.
pub(crate) fn openssl(made: &Made, chain: &std::path::Path, options: &[&str]) -> Server {
    let port = free_port();
    let mut command = Command::new("openssl");
    command.args(["s_server", "-quiet", "-www", "-accept", &format!("127.0.0.1:{port}")]);
    command.arg("-cert").arg(&made.certificate_file).arg("-key").arg(&made.key_file);
    command.arg("-cert_chain").arg(chain).args(options);
    Server::start(port, &mut command)
}
