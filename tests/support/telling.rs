//! A command that stays, and tells what happens a JSON document to a line.

#![allow(dead_code, reason = "each test target uses another part of this module")]

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// It runs until this is dropped.
pub(crate) struct Telling {
    process: Child,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Telling {
    pub(crate) fn run(command: &mut Command) -> Self {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (output, kept) = (BufReader::new(process.stdout.take().unwrap()), lines.clone());
        std::thread::spawn(move || {
            for line in output.lines() {
                kept.lock().unwrap().push(serde_json::from_str(&line.unwrap()).unwrap());
            }
        });
        Self { process, lines }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it told so far.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for the first event of that name.
    #[track_caller]
    pub(crate) fn event(&self, name: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let lines = self.lines();
            if let Some(line) = lines.iter().find(|line| line["event"] == name) {
                return line.clone();
            }
            assert!(Instant::now() < deadline, "no `{name}` in {lines:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.process), signal).unwrap();
    }

    /// Waits for its end; gives the exit code.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops it with a signal; gives all that it told, with the word of its end.
    #[track_caller]
    pub(crate) fn stopped_by(&mut self, signal: rustix::process::Signal) -> Vec<Value> {
        self.signal(signal);
        assert_eq!(self.ended(), Some(0));
        self.event("stopped");
        self.lines()
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// The port at the end of an address that was told.
pub(crate) fn port_of(address: &str) -> u16 {
    address.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap()
}
