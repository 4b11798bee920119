//! Whether a server takes TLS 1.0 or 1.1 (RFC 2246, RFC 4346), or 1.2 without forward secrecy, which our own TLS does not speak:
//! a ClientHello by hand, and the first eleven octets of what comes back.

use std::{
    io::{Read, Write},
    time::Duration,
};

use super::address::Address;
use crate::{lint::TlsVersion, system::Network, x509::GeneralName};

/// The version that a server takes of one and those before it; none where it takes none of them.
pub(super) fn taken(
    network: &dyn Network,
    address: &Address,
    name: &GeneralName,
    newest: TlsVersion,
    limit: Duration,
) -> Option<TlsVersion> {
    let mut connection = network.connect(&address.host().to_string(), address.port(), limit).ok()?;
    address.opening().say(&mut connection).ok()?;
    connection.write_all(&client_hello(newest, name)).ok()?;
    let mut head = [0; SERVER_HELLO_HEAD];
    connection.read_exact(&mut head).ok()?;
    chosen(&head).filter(|version| *version <= newest)
}

/// The version in the head of a ServerHello, RFC 5246 6.2.1 and 7.4.1.3: in a record of type 22 a message of type 2.
fn chosen(head: &[u8; SERVER_HELLO_HEAD]) -> Option<TlsVersion> {
    let [22, 3, _, _, _, 2, _, _, _, 3, minor] = *head else { return None };
    match minor {
        1 => Some(TlsVersion::Tls10),
        2 => Some(TlsVersion::Tls11),
        3 => Some(TlsVersion::Tls12),
        _ => None,
    }
}

/// RFC 5246 7.4.1.2, with the extensions of RFC 6066 3 and RFC 8422 5.1.
fn client_hello(newest: TlsVersion, name: &GeneralName) -> Vec<u8> {
    let version = match newest {
        TlsVersion::Tls10 => [3, 1],
        TlsVersion::Tls11 => [3, 2],
        TlsVersion::Tls12 | TlsVersion::Tls13 => [3, 3],
    };
    let suites: Vec<u8> = SUITES.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    let mut extensions = Vec::new();
    if let GeneralName::Dns(name) = name {
        let host = [&[0][..], &short(name.as_str().as_bytes())].concat();
        extensions.extend(extension(0, &short(&host)));
    }
    extensions.extend(extension(10, &short(&[0, 23, 0, 24, 0, 25])));
    extensions.extend(extension(11, &[1, 0]));
    if newest > TlsVersion::Tls11 {
        // RFC 5246 7.4.1.4.1: RSA and ECDSA, each with SHA-256, SHA-384, SHA-512 and SHA-1.
        extensions.extend(extension(13, &short(&[4, 1, 4, 3, 5, 1, 5, 3, 6, 1, 6, 3, 2, 1, 2, 3])));
    }
    // It starts a handshake that nobody ends, so nothing rests on its being random.
    let random: [u8; 32] = *b"which old TLS does a server take";
    let body = [&version[..], &random, &[0], &short(&suites), &[1, 0], &short(&extensions)].concat();
    let message = [&[1, 0][..], &short(&body)].concat();
    [&[22, 3, 1][..], &short(&message)].concat()
}

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &short(content)].concat()
}

/// Octets behind their number in two octets; all of them here are few.
fn short(octets: &[u8]) -> Vec<u8> {
    let number = u16::try_from(octets.len()).unwrap_or_default();
    [&number.to_be_bytes()[..], octets].concat()
}

/// What servers of that time take: ECDHE, DHE and RSA with AES-CBC, then 3DES and RC4; of TLS 1.2 RSA with AES-GCM and SHA-256, and
/// ECDHE and DHE with AES-CBC; and the mark of RFC 5746.
const SUITES: [u16; 21] = [
    0xc009, 0xc00a, 0xc013, 0xc014, 0x0033, 0x0039, 0x002f, 0x0035, 0xc008, 0xc012, 0x000a, 0x0005, 0x009c, 0x009d,
    0x003c, 0x003d, 0xc023, 0xc027, 0x009e, 0x0067, 0x00ff,
];
/// A record's head, a message's head, and the version that was chosen.
const SERVER_HELLO_HEAD: usize = 11;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{system::SystemNetwork, x509::DnsName};
    use proptest::prelude::*;
    use std::net::TcpListener;

    fn host() -> GeneralName {
        GeneralName::Dns(DnsName::parse("hub.lan").unwrap())
    }

    /// What a server that says these bytes is found to take.
    fn found(bytes: Vec<u8>) -> Option<TlsVersion> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Address::parse(&listener.local_addr().unwrap().to_string()).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(&bytes);
        });
        let taken = taken(&SystemNetwork, &address, &host(), TlsVersion::Tls11, Duration::from_secs(10));
        server.join().unwrap();
        taken
    }

    #[test]
    fn the_version_of_a_server_hello_is_read_and_nothing_else_is_one() {
        assert_eq!(found(vec![22, 3, 1, 0, 80, 2, 0, 0, 76, 3, 1]), Some(TlsVersion::Tls10));
        assert_eq!(found(vec![22, 3, 2, 0, 80, 2, 0, 0, 76, 3, 2, 1, 2, 3]), Some(TlsVersion::Tls11));
        // Newer than what was said.
        assert_eq!(found(vec![22, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3]), None);
        // protocol_version, RFC 5246 7.2.
        assert_eq!(found(vec![21, 3, 1, 0, 2, 2, 70]), None);
        assert_eq!(found(vec![]), None);
    }

    #[test]
    fn a_hello_is_as_long_as_it_says() {
        let hello = client_hello(TlsVersion::Tls11, &host());
        assert_eq!(hello[..3], [22, 3, 1]);
        assert_eq!(usize::from(u16::from_be_bytes([hello[3], hello[4]])), hello.len() - 5);
        assert_eq!(hello[5..7], [1, 0]);
        assert_eq!(usize::from(u16::from_be_bytes([hello[7], hello[8]])), hello.len() - 9);
        assert_eq!(hello[9..11], [3, 2]);
    }

    proptest! {
        #[test]
        fn any_eleven_octets_are_a_version_or_none(head in any::<[u8; SERVER_HELLO_HEAD]>()) {
            let version = chosen(&head);
            prop_assert!(version.is_none() || (head[0] == 22 && head[5] == 2 && version.unwrap() < TlsVersion::Tls13));
        }
    }
}
