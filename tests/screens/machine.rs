//! A machine with a fixed clock and a scripted terminal, on which the commands run as the program runs them.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::network::BusyNetwork;
use hubca::{
    authority::{Doors, LedgerError},
    cli::{
        self,
        context::{Context, Environment},
        scripted_terminal::ScriptedTerminal,
    },
    home::{Home, Layout},
    system::{FixedClock, SystemProcesses, SystemRandom},
};
use snapbox::{Assert, Data, assert::DEFAULT_ACTION_ENV};
use time::macros::datetime;

pub(crate) struct Machine {
    directory: tempfile::TempDir,
}

/// What was seen, with nothing in it that changes from run to run.
pub(crate) struct Seen {
    pub(crate) code: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) questions: Vec<String>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::Builder::new().prefix("hubca-").tempdir_in("/tmp").unwrap() }
    }

    pub(crate) fn with_ca() -> Self {
        let machine = Self::new();
        assert_eq!(machine.run(&["init", "--no-passphrase"]).code, 0);
        machine
    }

    /// Lets the clock be so many days ahead for one entry in the audit log.
    pub(crate) fn leap(&self, days: i64) {
        let clock = Arc::new(FixedClock::at(datetime!(2026-11-21 12:00 UTC) + time::Duration::days(days)));
        let doors = Doors { clock, random: Arc::new(SystemRandom) };
        let home = Home::open(Layout::new(self.file("home")), doors).unwrap();
        home.authority().change_key_protection::<LedgerError>("root", "file_mode", || Ok(())).unwrap();
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A copy of a file of `tests/fixtures/pki`: paths of this machine have no place in a snapshot.
    pub(crate) fn fixture(&self, name: &str) -> String {
        let path = self.file(name);
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pki").join(name);
        std::fs::copy(fixture, &path).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn run(&self, line: &[&str]) -> Seen {
        self.run_before(line, &ScriptedTerminal::absent())
    }

    /// Runs a command before a person who gives these replies.
    pub(crate) fn run_with(&self, line: &[&str], replies: &[&str]) -> Seen {
        self.run_before(line, &ScriptedTerminal::with_replies(replies.iter().copied()))
    }

    fn run_before(&self, line: &[&str], terminal: &ScriptedTerminal) -> Seen {
        let clock = Arc::new(FixedClock::at(datetime!(2026-11-21 12:00 UTC)));
        let environment = Environment {
            default_home: Some(self.file("home")),
            host_name: Some(String::from("server.example.org")),
            ..Environment::default()
        };
        let doors = Doors { clock, random: Arc::new(SystemRandom) };
        let context = Context::new(
            doors,
            Box::new(BusyNetwork),
            Box::new(SystemProcesses::default()),
            Box::new(terminal.clone()),
            environment,
        );
        let words = std::iter::once("hubca").chain(line.iter().copied()).map(OsString::from);
        let code = cli::run(words, context);
        let said = terminal.said();
        Seen {
            code,
            stdout: self.steady(&String::from_utf8(said.stdout).unwrap()),
            stderr: self.steady(&said.stderr),
            questions: said.questions,
        }
    }

    /// The text with this directory called `/srv`, every long run of hexadecimal digits as zeros, and a fingerprint as dots.
    fn steady(&self, text: &str) -> String {
        let text = without_fingerprints(text);
        let text = text.replace(self.directory.path().to_str().unwrap(), "/srv");
        let is_uuid = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
        let uuid = text.split_whitespace().filter(|word| is_uuid(word)).map(str::to_owned).collect::<Vec<_>>();
        let text = uuid.iter().fold(text.clone(), |text, uuid| text.replace(uuid, UUID));
        let mut steady = String::new();
        let mut run = String::new();
        for character in text.chars().chain(['\0']) {
            if character.is_ascii_hexdigit() && !character.is_ascii_uppercase() {
                run.push(character);
                continue;
            }
            steady.push_str(&if run.len() >= 8 { "0".repeat(run.len()) } else { run.clone() });
            run.clear();
            steady.push(character);
        }
        steady.trim_end_matches('\0').to_owned()
    }
}

/// The text with dots for the groups and words of fingerprints, whose lengths change from run to run.
fn without_fingerprints(text: &str) -> String {
    const FIELDS: [&str; 2] = ["  root SHA-256  ", "  in words      "];
    let mut steady = String::new();
    let mut is_fingerprint = false;
    for line in text.split_inclusive('\n') {
        if let Some(field) = FIELDS.into_iter().find(|field| line.starts_with(field)) {
            steady.push_str(&format!("{field}…\n"));
            is_fingerprint = true;
        } else if !(is_fingerprint && line.starts_with(&" ".repeat(FIELDS[0].len()))) {
            steady.push_str(line);
            is_fingerprint = false;
        }
    }
    steady
}

const UUID: &str = "00000000-0000-0000-0000-000000000000";

impl Seen {
    /// The screen, as a snapshot has it: stdout, stderr, and the exit code.
    #[track_caller]
    pub(crate) fn is(&self, name: &str) {
        let questions: String = self.questions.iter().map(|question| format!("? {question}\n")).collect();
        let text = format!("{questions}{}{}-> {}\n", self.stdout, self.stderr, self.code);
        let width = text.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(width <= 100 || text.starts_with('{'), "{name} has {width} columns:\n{text}");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/screens").join(format!("{name}.txt"));
        Assert::new().normalize_paths(false).action_env(DEFAULT_ACTION_ENV).eq(text, Data::read_from(&path, None));
    }
}
