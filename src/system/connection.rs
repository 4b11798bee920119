//! A connection to somebody who may be hostile: it ends after a time and after so many bytes, whatever the other side does.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs},
    sync::mpsc,
    time::Duration,
};

use super::{
    clock::{Clock, Stopwatch, SystemClock},
    network_error::NetworkError,
};

/// A TCP connection with an end.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    watch: Stopwatch,
    limit: Duration,
    bytes_left: usize,
}

/// Connects to a port of a host, by whichever of its addresses answers first in order.
pub(super) fn connect(host: &str, port: u16, limit: Duration) -> Result<Connection, NetworkError> {
    let watch = SystemClock.stopwatch();
    let mut reason = None;
    for at in addresses(host, port, limit)? {
        let left = limit.saturating_sub(watch.elapsed());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&at, left) {
            Ok(stream) => return Ok(Connection { stream, watch, limit, bytes_left: MOST_BYTES }),
            Err(error) => reason = Some(error),
        }
    }
    let reason = reason.unwrap_or_else(|| io::ErrorKind::TimedOut.into());
    Err(NetworkError::Unreachable { host: host.to_owned(), port, reason })
}

/// Asking for a name has no time limit of its own, so somebody else does it.
fn addresses(host: &str, port: u16, limit: Duration) -> Result<Vec<SocketAddr>, NetworkError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let unknown = |reason| NetworkError::UnknownHost { host: host.to_owned(), reason };
    let (sender, receiver) = mpsc::channel();
    let asked = (host.to_owned(), port);
    std::thread::spawn(move || {
        // Whoever asked may have given up.
        let _ = sender.send(asked.to_socket_addrs().map(|found| found.take(MOST_ADDRESSES).collect()));
    });
    match receiver.recv_timeout(limit) {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(unknown(error)),
        Err(_) => Err(unknown(io::ErrorKind::TimedOut.into())),
    }
}

impl Connection {
    /// The same, which takes so many bytes and no more.
    #[must_use]
    pub fn with_room_for(self, bytes: usize) -> Self {
        Self { bytes_left: bytes, ..self }
    }

    fn time_left(&self) -> io::Result<Duration> {
        let left = self.limit.saturating_sub(self.watch.elapsed());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

/// A read that ran out of time says so by one of two names, as the system likes.
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes_left == 0 {
            return Err(io::Error::other("the other side sends without end"));
        }
        self.stream.set_read_timeout(Some(self.time_left()?))?;
        let room = buffer.len().min(self.bytes_left);
        let read = self.stream.read(buffer.get_mut(..room).unwrap_or_default()).map_err(timed_out)?;
        self.bytes_left -= read;
        Ok(read)
    }
}

impl Write for Connection {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.time_left()?))?;
        self.stream.write(buffer).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// More than a handshake with the longest chain has.
const MOST_BYTES: usize = 1024 * 1024;
const MOST_ADDRESSES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    const SHORT: Duration = Duration::from_millis(300);

    #[test]
    fn whoever_says_nothing_or_drips_is_left_in_time() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let dripping = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            while stream.write_all(b".").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let watch = SystemClock.stopwatch();
        let mut connection = connect("localhost", port, SHORT).or_else(|_| connect("127.0.0.1", port, SHORT)).unwrap();
        let error = connection.read_exact(&mut [0; 1000]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(watch.elapsed() < Duration::from_secs(5));
        drop(connection);
        dripping.join().unwrap();
    }

    #[test]
    fn whoever_sends_without_end_is_left_as_well() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let sending = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            while stream.write_all(&[0; 65_536]).is_ok() {}
        });
        let mut connection = connect("127.0.0.1", port, Duration::from_secs(20)).unwrap();
        let mut read = Vec::new();
        let error = connection.read_to_end(&mut read).unwrap_err();
        assert!(error.to_string().contains("without end"), "{error}");
        assert_eq!(read.len(), MOST_BYTES);
        drop(connection);
        sending.join().unwrap();
    }

    #[test]
    fn a_closed_port_and_a_name_that_is_nobodys_are_told_apart() {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let error = connect("127.0.0.1", closed, SHORT).unwrap_err();
        assert!(matches!(error, NetworkError::Unreachable { port, .. } if port == closed), "{error}");
        let error = connect("nobody.invalid", 443, Duration::from_secs(10)).unwrap_err();
        assert!(matches!(error, NetworkError::UnknownHost { .. }), "{error}");
    }
}
