//! What is said to a server before TLS begins.

use std::{
    fmt,
    io::{self, Read, Write},
};

/// What a server wants to be told before TLS begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opening {
    /// Nothing: TLS begins with the first octet.
    #[default]
    Tls,
    /// That of PostgreSQL, as its documentation has it under Message Formats: an `SSLRequest`, to which it answers `S` or `N`.
    Postgresql,
}

impl Opening {
    /// What the server wants to be told that usually listens at a port.
    pub fn usual_at(port: u16) -> Self {
        match port {
            POSTGRESQL => Self::Postgresql,
            _ => Self::Tls,
        }
    }

    /// Says it, and hears the answer.
    ///
    /// # Errors
    /// The other side does not go on to TLS.
    pub(super) fn say(self, connection: &mut (impl Read + Write)) -> io::Result<()> {
        match self {
            Self::Tls => Ok(()),
            Self::Postgresql => {
                connection.write_all(&SSL_REQUEST)?;
                connection.flush()?;
                let mut answer = [0];
                connection.read_exact(&mut answer)?;
                if answer == *b"S" { Ok(()) } else { Err(io::Error::other("no TLS was switched on there")) }
            }
        }
    }

    /// The protocol that is offered within TLS (RFC 7301), where it is not that of browsers: PostgreSQL 17 ends a handshake without it.
    pub(super) fn protocols(self) -> Option<&'static [&'static [u8]]> {
        match self {
            Self::Tls => None,
            Self::Postgresql => Some(&[b"postgresql"]),
        }
    }
}

impl fmt::Display for Opening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Tls => "TLS",
            Self::Postgresql => "PostgreSQL",
        })
    }
}

/// The port of PostgreSQL.
const POSTGRESQL: u16 = 5432;
/// Its own length, and the number 80877103.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

#[cfg(test)]
mod tests {
    use super::*;

    /// Who answers, and keeps what was said.
    struct Server {
        answer: io::Cursor<Vec<u8>>,
        heard: Vec<u8>,
    }

    impl Read for Server {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.answer.read(buffer)
        }
    }

    impl Write for Server {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            self.heard.extend_from_slice(buffer);
            Ok(buffer.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn postgresql_is_asked_for_tls_in_its_own_words() {
        for (answer, goes_on) in [(&b"S\x16"[..], true), (b"N", false), (b"", false), (b"E", false)] {
            let mut server = Server { answer: io::Cursor::new(answer.to_vec()), heard: Vec::new() };
            assert_eq!(Opening::Postgresql.say(&mut server).is_ok(), goes_on, "{answer:?}");
            assert_eq!(server.heard, [8_u32.to_be_bytes(), 80_877_103_u32.to_be_bytes()].concat());
            // Nothing of the handshake is taken for an answer.
            assert!(server.answer.position() <= 1);
        }
        let mut server = Server { answer: io::Cursor::new(Vec::new()), heard: Vec::new() };
        assert!(Opening::Tls.say(&mut server).is_ok() && server.heard.is_empty());
    }
}
