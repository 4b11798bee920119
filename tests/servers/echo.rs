//! The server behind the others: it tells the head of what it was asked, and gives back what comes over a WebSocket.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
};

/// Starts it at a port of loopback, in the network of the caller, until the end of the tests.
pub(crate) fn start(port: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    std::thread::spawn(move || {
        for visitor in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _gone = answer(visitor);
            });
        }
    });
}

/// Answers until the visitor goes.
fn answer(visitor: TcpStream) -> std::io::Result<()> {
    let (mut reader, mut writer) = (BufReader::new(visitor.try_clone()?), visitor);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let lower = head.to_lowercase();
        if lower.contains("\r\nupgrade: websocket\r\n") {
            return echo(&mut reader, &mut writer);
        }
        let length = lower.split("\r\ncontent-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
        let taken = std::io::copy(&mut reader.by_ref().take(length.unwrap_or(0)), &mut std::io::sink())?;
        let body = format!("{lower}octets: {taken}\n");
        write!(writer, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
    }
}

/// What is sent is sent back as it is: to whoever stands between, a WebSocket is octets.
fn echo(reader: &mut BufReader<TcpStream>, writer: &mut TcpStream) -> std::io::Result<()> {
    // RFC 6455 1.3: the answer to the key of its example, which the visitor takes.
    writer.write_all(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
          Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    )?;
    let mut octets = [0; 4096];
    loop {
        let count = reader.read(&mut octets)?;
        if count == 0 {
            return Ok(());
        }
        writer.write_all(&octets[..count])?;
    }
}
