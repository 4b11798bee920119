//! `hubca ocsp serve` at work, and somebody who asks.

#![allow(dead_code, reason = "each test target uses another part of this module")]

use std::{
    io::{Read as _, Write as _},
    ops::Deref,
};

use serde_json::Value;

use super::{
    TestHome,
    shared::{Reply, connect},
    telling::{Telling, port_of},
};

/// A responder that is at work until this is dropped.
pub(crate) struct AtWork {
    told: Telling,
    pub(crate) url: String,
    pub(crate) port: u16,
}

impl AtWork {
    /// `hubca ocsp serve` at a free port of 127.0.0.1.
    pub(crate) fn start(home: &TestHome, options: &[&str]) -> Self {
        Self::run(home, &["ocsp", "serve"], options)
    }

    /// One of the two commands that serve.
    pub(crate) fn run(home: &TestHome, command_words: &[&str], options: &[&str]) -> Self {
        Self::under(home, command_words, options, &[])
    }

    /// The same with more in the environment.
    pub(crate) fn under(
        home: &TestHome,
        command_words: &[&str],
        options: &[&str],
        environment: &[(&str, String)],
    ) -> Self {
        Self::bound(0, home, command_words, options, environment)
    }

    /// `hubca ocsp serve` at a port that is known before.
    pub(crate) fn at(port: u16, home: &TestHome, options: &[&str]) -> Self {
        Self::bound(port, home, &["ocsp", "serve"], options, &[])
    }

    fn bound(
        port: u16,
        home: &TestHome,
        command_words: &[&str],
        options: &[&str],
        environment: &[(&str, String)],
    ) -> Self {
        let mut command = home.command();
        command.args(command_words).args(["--bind", &format!("127.0.0.1:{port}"), "--json"]).args(options);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        let told = Telling::run(&mut command);
        let url = told.event("started")["address"].as_str().unwrap().to_owned();
        Self { port: port_of(&url), told, url }
    }

    /// Stops it with a signal; gives its last line.
    #[track_caller]
    pub(crate) fn stop(mut self, signal: rustix::process::Signal) -> Value {
        self.told.stopped_by(signal);
        self.event("stopped")
    }

    /// Sends bytes, and reads all that comes back.
    pub(crate) fn ask(&self, bytes: &[u8]) -> Reply {
        let mut stream = connect(self.port);
        // A server that refuses in mid-request may close before the rest is sent.
        let _ = stream.write_all(bytes);
        Reply::read(&mut stream)
    }

    /// POST of some bytes as a request.
    pub(crate) fn post(&self, der: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = connect(self.port);
        let head = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/ocsp-request\r\nContent-Length: {}\r\n\r\n",
            der.len()
        );
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.write_all(der);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_default();
        let status = String::from_utf8_lossy(&answer[..end]).split(' ').nth(1).and_then(|code| code.parse().ok());
        (status.unwrap_or_default(), answer.get(end + 4..).unwrap_or_default().to_vec())
    }
}

impl Deref for AtWork {
    type Target = Telling;

    fn deref(&self) -> &Telling {
        &self.told
    }
}
