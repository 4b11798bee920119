//! A home in a temporary directory, and the commands that work in it as they do on the command line.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, LazyLock, Mutex},
};

use hubca::{
    authority::Doors,
    cli::{
        self,
        context::{Context, Environment},
        scripted_terminal::ScriptedTerminal,
    },
    home::Layout,
    system::{FixedClock, SystemNetwork, SystemProcesses, SystemRandom},
};
use serde_json::Value;
use tempfile::TempDir;
use time::{OffsetDateTime, macros::datetime};

/// When everything takes place: what lies in tests/fixtures is good then.
pub const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

/// A CA with the default scope, in a temporary directory.
pub struct Hub {
    directory: TempDir,
    inputs: u32,
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Answer {
    /// Its exit code.
    pub code: u8,
    stdout: Vec<u8>,
    stderr: String,
}

/// Does something with the CA of this process. One that has seen many inputs is replaced, so that the last of them is as fast as the
/// first.
pub fn with_hub<T>(act: impl FnOnce(&Hub) -> T) -> T {
    static HUB: LazyLock<Mutex<Hub>> = LazyLock::new(|| Mutex::new(Hub::new()));
    let mut hub = HUB.lock().unwrap();
    if hub.inputs >= MOST_INPUTS {
        *hub = Hub::new();
    }
    hub.inputs += 1;
    act(&hub)
}

impl Hub {
    fn new() -> Self {
        let hub = Self { directory: tempfile::tempdir().unwrap(), inputs: 0 };
        let answer = hub.run(&["init", "--name", "Hub", "--no-passphrase"]);
        assert_eq!(answer.code, 0, "{answer:?}");
        hub
    }

    /// A path beside the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Where everything lies in the home.
    pub fn layout(&self) -> Layout {
        Layout::new(self.path("home"))
    }

    /// The certificate of the root, in PEM.
    pub fn root(&self) -> Vec<u8> {
        fs::read(self.layout().root_certificate(1)).unwrap()
    }

    /// Writes a file beside the home or in it, and gives its path.
    pub fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs a command, which answers or says why not, with nothing in it that a terminal obeys.
    pub fn run(&self, words: &[&str]) -> Answer {
        let terminal = ScriptedTerminal::absent();
        let environment = Environment { home: Some(self.path("home")), ..Environment::default() };
        let (network, processes) = (Box::new(SystemNetwork), Box::new(SystemProcesses::new(Vec::new())));
        let context = Context::new(doors(), network, processes, Box::new(terminal.clone()), environment);
        let code = cli::run(["hubca", "--json"].iter().chain(words).map(Into::into), context);
        let said = terminal.said();
        let answer = Answer { code, stdout: said.stdout, stderr: said.stderr };
        assert!(matches!(code, 0 | 1 | 3), "{answer:?}");
        assert!(code != 1 || answer.stderr.contains("\"message\""), "it failed and does not say why: {answer:?}");
        answer
    }
}

impl Answer {
    /// The answer, where the command did what it was asked.
    pub fn done(&self) -> Option<Value> {
        (self.code == 0).then(|| serde_json::from_slice(&self.stdout).unwrap())
    }
}

/// A clock that stands still, and random numbers.
pub fn doors() -> Doors {
    Doors { clock: Arc::new(FixedClock::at(NOW)), random: Arc::new(SystemRandom) }
}

const MOST_INPUTS: u32 = 2_000;
