//! A handshake as far as it goes: any chain is let pass, and what was seen is kept wherever it ends.

use std::{
    fmt,
    io::{self, Read, Write},
    sync::Arc,
    time::Duration,
};

use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error as TlsError, InvalidMessage, ProtocolVersion, StreamOwned,
    SupportedProtocolVersion,
    client::Resumption,
    crypto::aws_lc_rs::default_provider,
    pki_types::{IpAddr, ServerName},
    version::{TLS12, TLS13},
};

use super::{address::Address, opening::Opening, witness::Witness};
use crate::{
    lint::TlsVersion,
    system::{Connection, Network, NetworkError},
    x509::GeneralName,
};

/// What is offered to a server.
#[derive(Clone, Copy)]
pub(super) struct Offer {
    versions: &'static [&'static SupportedProtocolVersion],
    protocols: &'static [&'static [u8]],
}

/// A handshake, and how it ended.
pub(super) struct Handshake {
    /// The certificates as they were sent, the server's own first.
    pub(super) chain: Vec<Vec<u8>>,
    /// Whether what was signed fits the key of that one; none where nothing was signed.
    pub(super) proof: Option<Result<(), TlsError>>,
    pub(super) version: Option<TlsVersion>,
    pub(super) protocol: Option<String>,
    /// The connection where the handshake came to its end.
    pub(super) ended: Result<Box<Tunnel>, NoHandshake>,
}

/// A connection over TLS.
pub(super) type Tunnel = StreamOwned<ClientConnection, Overheard>;

/// Why a handshake did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoHandshake {
    /// Nothing more came in time.
    TimedOut(Duration),
    /// The other side closed the connection.
    Closed,
    /// It said why it does not go on.
    Alert(AlertDescription),
    /// It answered, in HTTP without TLS.
    PlainHttp,
    /// It spoke first, as servers of another kind do: which kind.
    Another(&'static str),
    /// It breaks the rules of TLS.
    Misbehaved,
    /// It has no way of TLS in common with browsers.
    Incompatible,
    /// What it says is no TLS.
    NoTls,
    /// It takes TLS 1.2 and nothing of what is offered in it.
    NoForwardSecrecy,
    /// It sends more certificates than any browser reads.
    TooLarge,
    /// It does not go on to TLS where it was asked for that beforehand.
    Unopened(Opening, Box<Self>),
    /// What it said is no handshake.
    Other(String),
}

/// A connection whose first bytes are kept.
pub(super) struct Overheard {
    connection: Connection,
    first: Vec<u8>,
}

impl Offer {
    /// What browsers offer.
    pub(super) const USUAL: Self = Self { versions: &[&TLS13, &TLS12], protocols: &[b"h2", b"http/1.1"] };
    /// No more than TLS 1.2.
    pub(super) const TLS12: Self = Self { versions: &[&TLS12], ..Self::USUAL };
    /// HTTP/1.1, in which a WebSocket begins.
    pub(super) const HTTP11: Self = Self { protocols: &[b"http/1.1"], ..Self::USUAL };
}

/// Connects and shakes hands; the server is asked for `name` (RFC 6066 3).
///
/// # Errors
/// Nobody answers there.
pub(super) fn shake_hands(
    network: &dyn Network,
    address: &Address,
    name: &GeneralName,
    offer: Offer,
    limit: Duration,
) -> Result<Handshake, NetworkError> {
    let mut connection = network.connect(&address.host().to_string(), address.port(), limit)?;
    let opening = address.opening();
    if let Err(error) = opening.say(&mut connection) {
        let reason = NoHandshake::of(&error, &[], limit);
        return Ok(Handshake::without(NoHandshake::Unopened(opening, Box::new(reason))));
    }
    let offer = opening.protocols().map_or(offer, |protocols| Offer { protocols, ..offer });
    let provider = Arc::new(default_provider());
    let witness = Arc::new(Witness::new(provider.clone()));
    let mut stream = match client(name, offer, witness.clone(), provider) {
        Ok(client) => StreamOwned::new(client, Overheard { connection, first: Vec::new() }),
        Err(error) => return Ok(Handshake::without(NoHandshake::Other(error.to_string()))),
    };
    let outcome = finish(&mut stream);
    let seen = witness.seen();
    let client = &stream.conn;
    Ok(Handshake {
        chain: seen.chain,
        proof: seen.proof,
        version: client.protocol_version().and_then(version),
        protocol: client.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        ended: match outcome {
            Ok(()) => Ok(Box::new(stream)),
            Err(error) => Err(NoHandshake::of(&error, &stream.sock.first, limit)),
        },
    })
}

fn client(
    name: &GeneralName,
    offer: Offer,
    witness: Arc<Witness>,
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<ClientConnection, TlsError> {
    let mut configuration = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(offer.versions)?
        .dangerous()
        .with_custom_certificate_verifier(witness)
        .with_no_client_auth();
    // A session that is taken up again shows the certificate of before.
    configuration.resumption = Resumption::disabled();
    configuration.alpn_protocols = offer.protocols.iter().map(|name| name.to_vec()).collect();
    let name = match name {
        GeneralName::Ip(address) => ServerName::IpAddress(IpAddr::from(*address)),
        GeneralName::Dns(name) => {
            ServerName::try_from(name.as_str().to_owned()).map_err(|error| TlsError::General(error.to_string()))?
        }
    };
    ClientConnection::new(Arc::new(configuration), name)
}

fn finish(stream: &mut Tunnel) -> io::Result<()> {
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(())
}

fn version(version: ProtocolVersion) -> Option<TlsVersion> {
    match version {
        ProtocolVersion::TLSv1_2 => Some(TlsVersion::Tls12),
        ProtocolVersion::TLSv1_3 => Some(TlsVersion::Tls13),
        _ => None,
    }
}

impl Handshake {
    fn without(reason: NoHandshake) -> Self {
        Self { chain: Vec::new(), proof: None, version: None, protocol: None, ended: Err(reason) }
    }

    /// Says goodbye; whether the other side hears it makes no difference.
    pub(super) fn leave(self) {
        if let Ok(mut tunnel) = self.ended {
            tunnel.conn.send_close_notify();
            let _ = tunnel.conn.write_tls(&mut tunnel.sock);
        }
    }
}

impl NoHandshake {
    /// Whether nothing was said in time.
    pub(super) fn is_late(&self) -> bool {
        match self {
            Self::TimedOut(_) => true,
            Self::Unopened(_, reason) => reason.is_late(),
            _ => false,
        }
    }

    fn of(error: &io::Error, first: &[u8], limit: Duration) -> Self {
        if first.starts_with(b"HTTP/") {
            return Self::PlainHttp;
        }
        if let Some((_, kind)) = GREETINGS.iter().find(|(greeting, _)| first.starts_with(greeting)) {
            return Self::Another(kind);
        }
        match (error.kind(), error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>())) {
            (_, Some(TlsError::AlertReceived(alert))) => Self::Alert(*alert),
            (_, Some(TlsError::InvalidMessage(message))) if is_too_large(message) => Self::TooLarge,
            (_, Some(TlsError::PeerIncompatible(_))) => Self::Incompatible,
            (_, Some(TlsError::PeerMisbehaved(_) | TlsError::InappropriateHandshakeMessage { .. })) => Self::Misbehaved,
            (_, Some(TlsError::InappropriateMessage { .. })) => Self::Misbehaved,
            (_, Some(TlsError::InvalidMessage(_))) if first.first().is_some_and(|kind| RECORDS.contains(kind)) => {
                Self::Misbehaved
            }
            (_, Some(TlsError::InvalidMessage(_))) => Self::NoTls,
            (_, Some(error)) => Self::Other(error.to_string()),
            (io::ErrorKind::TimedOut, _) => Self::TimedOut(limit),
            (
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe,
                _,
            ) => Self::Closed,
            _ => Self::Other(error.to_string()),
        }
    }
}

fn is_too_large(message: &InvalidMessage) -> bool {
    matches!(message, InvalidMessage::HandshakePayloadTooLarge | InvalidMessage::CertificatePayloadTooLarge)
}

impl fmt::Display for NoHandshake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(limit) => write!(formatter, "it timed out after {} s", limit.as_secs_f32()),
            Self::Closed => formatter.write_str("it closes the connection"),
            Self::Alert(alert) => write!(formatter, "it refuses, with the alert {}", alert_name(*alert)),
            Self::Another(kind) => write!(formatter, "it is {kind}, and speaks no TLS at once"),
            Self::Misbehaved => formatter.write_str("it breaks the rules of TLS"),
            Self::Incompatible => formatter.write_str("it has no way of TLS in common with browsers"),
            Self::NoTls => formatter.write_str("what it says is no TLS"),
            Self::PlainHttp => formatter.write_str("it speaks HTTP there, without TLS"),
            Self::NoForwardSecrecy => formatter
                .write_str("it takes TLS 1.2, and no cipher with forward secrecy, without which it is not spoken here"),
            Self::TooLarge => formatter.write_str("its certificates fill more than 64 KiB"),
            Self::Unopened(opening, reason) => {
                write!(formatter, "it was asked for TLS as {opening} wants to be asked, and {reason}")
            }
            Self::Other(reason) => write!(formatter, "what it says is no handshake: {reason}"),
        }
    }
}

/// The name in RFC 8446 6, or the number of one that has none.
fn alert_name(alert: AlertDescription) -> String {
    let name = format!("{alert:?}").replace("Unrecognised", "Unrecognized");
    if !name.bytes().all(|letter| letter.is_ascii_alphanumeric()) {
        return format!("number {}", u8::from(alert));
    }
    let mut spelled = String::new();
    for (place, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && place > 0 {
            spelled.push('_');
        }
        spelled.push(letter.to_ascii_lowercase());
    }
    spelled
}

impl Read for Overheard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.connection.read(buffer)?;
        let room = FIRST.saturating_sub(self.first.len()).min(read);
        self.first.extend_from_slice(buffer.get(..room).unwrap_or_default());
        Ok(read)
    }
}

impl Write for Overheard {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.connection.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.connection.flush()
    }
}

/// How many of the first bytes are kept.
const FIRST: usize = 8;
/// The types of records, RFC 8446 5.1.
const RECORDS: std::ops::RangeInclusive<u8> = 20..=23;
/// How servers greet that do not wait to be spoken to.
const GREETINGS: [(&[u8], &str); 5] = [
    (b"SSH-", "an SSH server"),
    (b"220", "a mail or FTP server"),
    (b"* OK", "an IMAP server"),
    (b"+OK", "a POP3 server"),
    (b"RFB ", "a VNC server"),
];
