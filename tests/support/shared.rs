//! A page that `hubca share` serves on loopback, and a visitor of it: plain HTTP, and TLS with a WebSocket as browsers do it.

#![allow(dead_code, reason = "each test target uses another part of this module")]

use std::{
    io::{Read, Write},
    net::TcpStream,
    ops::{Deref, DerefMut},
    process::Command,
    sync::Arc,
};

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, pki_types::ServerName};
use serde_json::Value;

use super::{
    TestHome,
    telling::{PATIENCE, Telling, port_of},
};

/// A page that is served until this is dropped.
pub(crate) struct Shared {
    told: Telling,
    pub(crate) port: u16,
    pub(crate) tls_port: u16,
}

impl Shared {
    /// `hubca share` at free ports of 127.0.0.1, open.
    pub(crate) fn start(home: &TestHome, options: &[&str]) -> Self {
        let arguments = ["share", "--bind", "127.0.0.1:0", "--tls-port", "0", "--json"];
        Self::run(home.command().args(arguments).args(options))
    }

    /// Runs a command line of `hubca share --json` until the page is open.
    pub(crate) fn run(command: &mut Command) -> Self {
        let told = Telling::run(command);
        let started = told.event("started");
        let port = port_of(started["address"].as_str().unwrap());
        let tls_port = u16::try_from(started["probes"][0]["port"].as_u64().unwrap()).unwrap();
        Self { told, port, tls_port }
    }

    /// Stops it as Ctrl-C does.
    pub(crate) fn stop(mut self) -> Vec<Value> {
        self.told.stopped_by(rustix::process::Signal::INT)
    }

    /// `127.0.0.1:<port>`.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A request for a path, with further headers.
    pub(crate) fn get(&self, path: &str, headers: &[&str]) -> Reply {
        self.ask(&request("GET", path, &self.host(), headers, ""))
    }

    /// Sends bytes and reads the answer.
    pub(crate) fn ask(&self, bytes: &[u8]) -> Reply {
        let mut stream = self.connect();
        // A server that refuses in mid-request may close before the rest is sent.
        let _ = stream.write_all(bytes);
        Reply::read(&mut stream)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.port)
    }

    /// The token in the page, and the cookie that came with it.
    pub(crate) fn visit(&self, headers: &[&str]) -> (String, Option<String>) {
        let page = self.get("/?device=ios", headers);
        assert_eq!(page.status, 200, "{page:?}");
        let token = page.body.split("data-token=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let cookie = page.header("set-cookie").map(|cookie| cookie.split(';').next().unwrap().to_owned());
        (token, cookie)
    }
}

impl Deref for Shared {
    type Target = Telling;

    fn deref(&self) -> &Telling {
        &self.told
    }
}

impl DerefMut for Shared {
    fn deref_mut(&mut self) -> &mut Telling {
        &mut self.told
    }
}

pub(crate) fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A request after which the connection is closed.
pub(crate) fn request(method: &str, path: &str, host: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for header in headers {
        text.push_str(&format!("{header}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    format!("{text}\r\n{body}").into_bytes()
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Reply {
    /// 0 where the connection was closed without one.
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn read(stream: &mut impl Read) -> Self {
        let mut bytes = Vec::new();
        // Closed by force is closed as well.
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|word| word.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(": "));
        Self {
            status: status.unwrap_or(0),
            headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// A connection by whoever trusts a root, PEM.
pub(crate) fn connect_trusting(root_pem: &str, port: u16) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    for block in hubca::x509::pem::parse(root_pem.as_bytes()).unwrap() {
        roots.add(block.contents.into()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::IpAddress(std::net::IpAddr::from([127, 0, 0, 1]).into());
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), connect(port))
}

/// Opens the WebSocket of a token, hears the word and closes as a browser does. An error where TLS is refused.
pub(crate) fn prove(root_pem: &str, port: u16, token: &str) -> std::io::Result<String> {
    let mut stream = connect_trusting(root_pem, port);
    let headers = [
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    let asked = request("GET", &format!("/probe/{token}"), &format!("127.0.0.1:{port}"), &headers, "");
    let asked = String::from_utf8(asked).unwrap().replace("Connection: close\r\n", "");
    stream.write_all(asked.as_bytes())?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        stream.read_exact(&mut octet)?;
        head.push(octet[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    if !head.starts_with("HTTP/1.1 101 ") {
        return Ok(head.lines().next().unwrap_or_default().to_owned());
    }
    // RFC 6455 1.3: the answer to the key of its example.
    assert!(head.to_lowercase().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
    let mut frame = [0; 9];
    stream.read_exact(&mut frame)?;
    assert_eq!(frame[..2], [0x81, 7], "a text of seven letters");
    // A closing of our own, masked with zeros, for theirs.
    stream.write_all(&[0x88, 0x80, 0, 0, 0, 0])?;
    let _ = stream.read_to_end(&mut Vec::new());
    Ok(String::from_utf8_lossy(&frame[2..]).into_owned())
}
