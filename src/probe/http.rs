//! As much of HTTP as a look needs (RFC 9112): one question, the head of its answer, and a body that ends with the connection.

use std::io::{self, Read, Write};

use thiserror::Error;

/// The head of an answer, and what came behind it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    begun: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(super) enum HttpError {
    /// The connection ended, or took too long.
    #[error("{0}")]
    Connection(#[from] io::Error),
    /// What came is no answer in HTTP.
    #[error("what it says is not HTTP")]
    NotHttp,
    /// The head does not end, or has more lines than anybody reads.
    #[error("the head of its answer does not end")]
    Endless,
    /// An answer that is not the one that was wanted.
    #[error("it answers with the status {0}")]
    Status(u16),
}

/// Asks, and reads the head of the answer.
///
/// # Errors
/// A connection that ends before, or something that is no answer.
pub(super) fn ask(stream: &mut (impl Read + Write), request: &[u8]) -> Result<Answer, HttpError> {
    stream.write_all(request)?;
    stream.flush()?;
    let (mut heard, mut all) = (Vec::new(), 0);
    let mut buffer = [0; 4096];
    loop {
        let read = match stream.read(&mut buffer) {
            Ok(0) => return Err(if heard.is_empty() { closed() } else { HttpError::NotHttp }),
            Ok(read) => read,
            Err(error) => return Err(error.into()),
        };
        heard.extend_from_slice(buffer.get(..read).unwrap_or_default());
        all += read;
        while let Some(answer) = Answer::parse(&heard)? {
            if !answer.is_interim() {
                return Ok(answer);
            }
            heard = answer.begun;
        }
        if all > MOST_OF_HEAD {
            return Err(HttpError::Endless);
        }
    }
}

fn closed() -> HttpError {
    HttpError::Connection(io::Error::new(io::ErrorKind::UnexpectedEof, "it closes the connection"))
}

impl Answer {
    /// None where the head goes on.
    fn parse(heard: &[u8]) -> Result<Option<Self>, HttpError> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let length = match response.parse(heard) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(HttpError::Endless),
            Err(_) => return Err(HttpError::NotHttp),
        };
        let text = |header: &httparse::Header<'_>| {
            (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned())
        };
        Ok(Some(Self {
            status: response.code.ok_or(HttpError::NotHttp)?,
            headers: response.headers.iter().map(text).collect(),
            begun: heard.get(length..).unwrap_or_default().to_vec(),
        }))
    }

    /// Whether another answer follows, RFC 9110 15.2: any of 1xx but the one that ends HTTP.
    fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != SWITCHING
    }

    /// The first header of that name, which is in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The body, of an answer to a question in HTTP/1.0: nobody may send that in pieces (RFC 9112 6.1).
    ///
    /// # Errors
    /// A connection that ends too early, or too late.
    pub(super) fn body(mut self, stream: &mut impl Read) -> Result<Vec<u8>, HttpError> {
        let length = self.header("content-length").map(|digits| digits.trim().parse::<usize>());
        let length = length.transpose().map_err(|_| HttpError::NotHttp)?;
        let mut body = std::mem::take(&mut self.begun);
        match length {
            Some(length) => {
                let missing = length.saturating_sub(body.len());
                let read = stream.take(missing as u64).read_to_end(&mut body)?;
                if read < missing {
                    return Err(closed());
                }
                body.truncate(length);
            }
            None => {
                stream.read_to_end(&mut body)?;
            }
        }
        Ok(body)
    }
}

/// More than any server's head has.
const MOST_OF_HEAD: usize = 32 * 1024;
const MOST_HEADERS: usize = 192;
/// 101 Switching Protocols.
pub(super) const SWITCHING: u16 = 101;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A connection that was recorded.
    struct Recorded(io::Cursor<Vec<u8>>);

    impl Read for Recorded {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            // In pieces, as a network has it.
            let room = buffer.len().min(7);
            self.0.read(&mut buffer[..room])
        }
    }

    impl Write for Recorded {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            Ok(buffer.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn answered(bytes: impl Into<Vec<u8>>) -> Result<(u16, Vec<u8>), HttpError> {
        let mut stream = Recorded(io::Cursor::new(bytes.into()));
        let answer = ask(&mut stream, b"GET / HTTP/1.0\r\n\r\n")?;
        let status = answer.status;
        answer.body(&mut stream).map(|body| (status, body))
    }

    #[test]
    fn an_answer_is_read_to_its_end() {
        assert_eq!(
            answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more").unwrap(),
            (200, b"hello".to_vec())
        );
        assert_eq!(answered("HTTP/1.0 301 Moved\r\nLocation: x\r\n\r\nhello").unwrap(), (301, b"hello".to_vec()));
        assert!(matches!(
            answered("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"),
            Err(HttpError::Connection(_))
        ));
        assert!(matches!(answered("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello"), Err(HttpError::NotHttp)));
    }

    #[test]
    fn an_answer_that_is_on_its_way_is_waited_for() {
        let hints = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(3);
        let then = |answer: &str| answered(format!("{hints}{answer}"));
        assert_eq!(then("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").unwrap(), (200, b"hi".to_vec()));
        assert_eq!(then("HTTP/1.1 101 Switching Protocols\r\n\r\n").unwrap().0, SWITCHING);
        assert!(matches!(then(""), Err(HttpError::Connection(_))));
        assert!(matches!(then(&"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(4000)), Err(HttpError::Endless)));
    }

    #[test]
    fn what_is_no_answer_is_told_by_what_it_is() {
        assert!(matches!(answered(""), Err(HttpError::Connection(_))));
        assert!(matches!(answered("SSH-2.0-OpenSSH_10.0\r\n"), Err(HttpError::NotHttp)));
        assert!(matches!(answered("HTTP/1.1 200 OK\r\n"), Err(HttpError::NotHttp)));
        assert!(matches!(answered(format!("HTTP/1.1 200 OK\r\nA: {}", "x".repeat(40_000))), Err(HttpError::Endless)));
        assert!(matches!(
            answered(format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(300))),
            Err(HttpError::Endless)
        ));
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = answered(bytes.clone());
            let _ = answered([b"HTTP/1.1 200 ".to_vec(), bytes].concat());
        }
    }
}
