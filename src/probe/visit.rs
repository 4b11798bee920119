//! A visit to a server: what it shows, which versions of TLS it takes, whether a WebSocket opens, and where HTTP leads.
//!
//! One question comes after the other, because small devices bear one connection at a time. Each has its own limit, and
//! all together have one.

use std::time::Duration;

use super::{
    address::Address,
    handshake::{Handshake, NoHandshake, Offer, Tunnel, shake_hands},
    http::{self, HttpError},
    old_versions,
    opening::Opening,
};
use crate::{
    lint::TlsVersion,
    system::{Clock, Network, NetworkError, Stopwatch},
    x509::GeneralName,
};

/// Which server is visited, and how.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// Where it is.
    pub address: &'a Address,
    /// What it is asked for.
    pub name: &'a GeneralName,
    /// The path at which a WebSocket may open.
    pub path: &'a str,
    /// The longest that one question may take.
    pub limit: Duration,
}

/// What was seen on a visit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The certificates as they were sent, in DER, the server's own first.
    pub chain: Vec<Vec<u8>>,
    /// Whether what it signed fits the key of that one, and why not; none where nothing was signed.
    pub proof: Option<Result<(), String>>,
    /// Why the handshake did not come to its end, where it did not.
    pub broken_off: Option<NoHandshake>,
    /// The versions of TLS that it takes, the oldest first.
    pub versions: Vec<TlsVersion>,
    /// The protocol that was agreed on, if any (RFC 7301).
    pub protocol: Option<String>,
    /// What became of the WebSocket; none where there was no handshake.
    pub websocket: Option<WebSocket>,
    /// What HTTP without TLS says at port 80; none where TLS is not at port 443, or nobody answers.
    pub plain: Option<Plain>,
}

/// What became of a WebSocket, RFC 6455 4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebSocket {
    /// It opens.
    Open,
    /// Something else was answered: the status.
    Refused(u16),
    /// It would open, but what it says to the key that it was given is not what RFC 6455 4.2.2 asks for.
    Unproven,
    /// Nothing in HTTP/1.1 was answered.
    Silent(String),
}

/// What HTTP without TLS says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plain {
    /// It leads somewhere else.
    Leads(String),
    /// It answers by itself: the status.
    Answers(u16),
    /// It is open, and nothing in HTTP is answered: why.
    Silent(String),
}

/// Visits a server.
///
/// # Errors
/// Nobody answers there.
pub(super) fn visit(network: &dyn Network, clock: &dyn Clock, visitor: &Visitor<'_>) -> Result<Visit, NetworkError> {
    let walk = Walk { network, visitor, watch: clock.stopwatch() };
    let handshake = walk.handshake(Offer::USUAL)?;
    let mut visit = Visit {
        chain: handshake.chain.clone(),
        proof: handshake.proof.clone().map(|proof| proof.map_err(|error| error.to_string())),
        broken_off: handshake.ended.as_ref().err().cloned(),
        versions: Vec::new(),
        protocol: handshake.protocol.clone(),
        websocket: None,
        plain: None,
    };
    let version = handshake.version;
    handshake.leave();
    match &visit.broken_off {
        _ if !visit.chain.is_empty() => {
            visit.versions = walk.versions(version);
            // Whoever wants to be told something first speaks no HTTP.
            let is_http = visitor.address.opening() == Opening::Tls;
            visit.websocket = is_http.then(|| walk.websocket());
            visit.plain = (is_http && visitor.address.port() == HTTPS).then(|| walk.plain(HTTP)).flatten();
        }
        // Whoever said nothing is asked once more, in HTTP.
        Some(reason) if reason.is_late() => walk.recognise_http(&mut visit),
        Some(NoHandshake::PlainHttp) => {}
        _ => {
            visit.versions = walk.versions_below(TlsVersion::Tls12);
            if visit.versions.last() == Some(&TlsVersion::Tls12) {
                visit.broken_off = Some(NoHandshake::NoForwardSecrecy);
            } else if visit.versions.is_empty() {
                walk.recognise_http(&mut visit);
            }
        }
    }
    Ok(visit)
}

struct Walk<'a> {
    network: &'a dyn Network,
    visitor: &'a Visitor<'a>,
    watch: Stopwatch,
}

impl Walk<'_> {
    /// What is left for the next question.
    fn limit(&self) -> Duration {
        let all = self.visitor.limit * MOST_LIMITS;
        self.visitor.limit.min(all.saturating_sub(self.watch.elapsed()))
    }

    fn handshake(&self, offer: Offer) -> Result<Handshake, NetworkError> {
        shake_hands(self.network, self.visitor.address, self.visitor.name, offer, self.limit())
    }

    /// A server takes the newest of what is offered: one that took 1.3 may take 1.2 as well, and not the other way round.
    fn versions(&self, newest: Option<TlsVersion>) -> Vec<TlsVersion> {
        let mut versions = self.versions_below(TlsVersion::Tls11);
        if newest == Some(TlsVersion::Tls13)
            && let Ok(handshake) = self.handshake(Offer::TLS12)
        {
            versions.extend(handshake.version.filter(|_| !handshake.chain.is_empty()));
            handshake.leave();
        }
        versions.extend(newest);
        versions
    }

    /// Those that it takes by a hand-made hello, down from one.
    fn versions_below(&self, newest: TlsVersion) -> Vec<TlsVersion> {
        let Visitor { address, name, .. } = self.visitor;
        let mut versions = Vec::new();
        let mut next = Some(newest);
        while let Some(version) = next {
            let taken = old_versions::taken(self.network, address, name, version, self.limit());
            versions.extend(taken);
            next = taken.and_then(TlsVersion::before);
        }
        versions.reverse();
        versions
    }

    fn websocket(&self) -> WebSocket {
        let handshake = match self.handshake(Offer::HTTP11) {
            Ok(handshake) => handshake,
            Err(error) => return WebSocket::Silent(error.to_string()),
        };
        match handshake.ended {
            Ok(mut tunnel) => match self.upgrade(&mut tunnel) {
                Ok(websocket) => websocket,
                Err(error) => WebSocket::Silent(told(&error)),
            },
            Err(reason) => WebSocket::Silent(reason.to_string()),
        }
    }

    fn upgrade(&self, tunnel: &mut Tunnel) -> Result<WebSocket, HttpError> {
        let (host, path) = (self.authority(self.visitor.address.port(), HTTPS), self.visitor.path);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{host}\r\nUser-Agent: hubca\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
        );
        let answer = http::ask(tunnel, request.as_bytes())?;
        if answer.status == http::SWITCHING {
            if answer.header("sec-websocket-accept") != Some(ACCEPT) {
                return Ok(WebSocket::Unproven);
            }
            // A masked close without a reason, RFC 6455 5.5.1; whether it is heard makes no difference.
            let _ = io_write(tunnel, &[0x88, 0x80, 0, 0, 0, 0]);
            return Ok(WebSocket::Open);
        }
        Ok(WebSocket::Refused(answer.status))
    }

    fn plain(&self, port: u16) -> Option<Plain> {
        let host = self.visitor.address.host().to_string();
        let mut connection = self.network.connect(&host, port, self.limit()).ok()?;
        let named = self.authority(port, HTTP);
        let request = format!("GET / HTTP/1.0\r\nHost: {named}\r\nUser-Agent: hubca\r\n\r\n");
        let answer = match http::ask(&mut connection, request.as_bytes()) {
            Ok(answer) => answer,
            Err(error) => return Some(Plain::Silent(told(&error))),
        };
        let is_redirection = REDIRECTIONS.contains(&answer.status);
        Some(match answer.header("location").filter(|_| is_redirection) {
            Some(location) => Plain::Leads(location.chars().take(MOST_OF_LOCATION).collect()),
            None => Plain::Answers(answer.status),
        })
    }

    fn recognise_http(&self, visit: &mut Visit) {
        let heard = self.plain(self.visitor.address.port());
        if heard.is_some_and(|heard| !matches!(heard, Plain::Silent(_))) {
            visit.broken_off = Some(NoHandshake::PlainHttp);
        }
    }

    /// The name in the Host header, RFC 9110 7.2; the port is left out where everybody knows it.
    fn authority(&self, port: u16, usual: u16) -> String {
        let host = match self.visitor.name {
            GeneralName::Ip(address) if address.is_ipv6() => format!("[{address}]"),
            name => name.to_string(),
        };
        if port == usual { host } else { format!("{host}:{port}") }
    }
}

fn io_write(stream: &mut impl std::io::Write, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes)?;
    stream.flush()
}

/// The words of a TLS that ends are its own affair.
fn told(error: &HttpError) -> String {
    match error {
        HttpError::Connection(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            "it closes the connection".to_owned()
        }
        HttpError::Connection(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            "it says nothing in time".to_owned()
        }
        other => other.to_string(),
    }
}

const HTTP: u16 = 80;
const HTTPS: u16 = 443;
/// How many times the limit of one question all of them may take.
const MOST_LIMITS: u32 = 3;
/// The answers whose `Location` a browser follows, RFC 9110 15.4.
const REDIRECTIONS: [u16; 5] = [301, 302, 303, 307, 308];
/// The key and its answer in RFC 6455 1.3: it tells servers from caches, and is no secret.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const MOST_OF_LOCATION: usize = 200;
