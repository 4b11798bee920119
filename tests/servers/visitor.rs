//! Who visits a server: curl, openssl, and a WebSocket, all of which trust the root alone.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use rustls::{ClientConnection, StreamOwned};

use crate::{
    support::machine::Machine,
    support::shared::{connect_trusting, request},
};

/// What came of a request.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: String,
    /// `1.1`, or `2`.
    pub(crate) http: String,
    /// Where one is sent on to.
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Machine {
    /// Asks for a URL; `options` are curl's. The names of the certificate are this machine.
    #[track_caller]
    pub(crate) fn get(&self, url: &str, options: &str) -> Seen {
        let root = self.root();
        let there = if url.contains("[::1]") { "" } else { "--connect-to '::127.0.0.1:'" };
        let line = format!(
            "curl -sS -g --max-time 20 --cacert '{}' {there} {options} \
             -w '\\n%{{http_code}} %{{http_version}} %{{redirect_url}}' '{url}'",
            root.display()
        );
        let said = self.run(&line);
        let (body, end) = said.rsplit_once('\n').unwrap();
        let words: Vec<&str> = end.splitn(3, ' ').collect();
        let [status, http, location] = words[..] else { panic!("{said}") };
        Seen { status: status.to_owned(), http: http.to_owned(), location: location.to_owned(), body: body.to_owned() }
    }

    /// The serial number of the certificate that is shown at a port, found good below the root by openssl.
    #[track_caller]
    pub(crate) fn shown(&self, port: u16, options: &str) -> String {
        let root = self.root();
        let said = self.run(&format!(
            "openssl s_client -connect 127.0.0.1:{port} -verify_return_error -verify_ip 127.0.0.1 -CAfile '{}' {options} \
             </dev/null 2>/dev/null | openssl x509 -noout -serial",
            root.display()
        ));
        said.trim().trim_start_matches("serial=").to_lowercase()
    }
}

/// A WebSocket that stays open.
pub(crate) struct WebSocket(StreamOwned<ClientConnection, TcpStream>);

impl WebSocket {
    /// Opens one, as RFC 6455 has it in 1.3.
    pub(crate) fn open(machine: &Machine, port: u16) -> Self {
        let mut stream = connect_trusting(&machine.root_pem(), port);
        let headers = [
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Origin: https://127.0.0.1",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ];
        let asked = String::from_utf8(request("GET", "/api/kernels", "127.0.0.1", &headers, "")).unwrap();
        stream.write_all(asked.replace("Connection: close\r\n", "").as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut octet = [0];
            stream.read_exact(&mut octet).unwrap();
            head.push(octet[0]);
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.to_lowercase().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        Self(stream)
    }

    /// Whether what is sent comes back.
    pub(crate) fn echoes(&mut self) -> bool {
        // A text of five letters, masked with zeros.
        let frame = b"\x81\x85\0\0\0\0hello";
        let mut back = [0; 11];
        self.0.write_all(frame).and_then(|()| self.0.read_exact(&mut back)).is_ok() && back == *frame
    }
}
