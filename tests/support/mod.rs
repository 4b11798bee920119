//! A home in a temporary directory and the built program, run in it as a person would, with nothing of the surroundings' environment.

#![allow(dead_code, reason = "each test target uses another part of this module")]

pub(crate) mod changed_root;
pub(crate) mod machine;
pub(crate) mod other_clock;
pub(crate) mod responder;
pub(crate) mod server;
pub(crate) mod shared;
pub(crate) mod telling;
pub(crate) mod tools;
pub(crate) mod visitor;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A directory of its own that is gone with the test, and the place of a home in it.
pub(crate) struct TestHome {
    directory: tempfile::TempDir,
    home: PathBuf,
}

impl TestHome {
    /// A place for a home; nothing is made in it yet.
    pub(crate) fn empty() -> Self {
        let directory = tempfile::Builder::new().prefix("hubca-test-").tempdir().unwrap();
        let home = directory.path().join("home");
        Self { directory, home }
    }

    /// A home with a CA whose root key has no passphrase: `hubca init` with `options`.
    pub(crate) fn with_ca<S: AsRef<OsStr>>(options: &[S]) -> Self {
        let home = Self::empty();
        let mut arguments: Vec<&OsStr> =
            ["init", "--name", "Test Hub", "--no-passphrase", "--json"].map(OsStr::new).to_vec();
        arguments.extend(options.iter().map(AsRef::as_ref));
        home.hubca(&arguments).succeeded();
        home
    }

    /// The temporary directory: a place for a test's other files.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Where `--home` points.
    pub(crate) fn path(&self) -> &Path {
        &self.home
    }

    /// A file of the home.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// Runs `hubca --home HOME ARGUMENTS…` to its end.
    pub(crate) fn hubca<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Answer {
        Answer::of(self.command().args(arguments))
    }

    /// `hubca --home HOME` with a bare environment, for a test that needs to feed it or watch it.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hubca"));
        command
            .arg("--home")
            .arg(&self.home)
            .current_dir(self.directory.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.directory.path())
            .env("LANG", "C.UTF-8")
            .env("COLUMNS", "80");
        command
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) arguments: Vec<String>,
    /// None where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// Runs a command of [`TestHome::command`] to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.stdin(Stdio::null()).output().unwrap();
        Self {
            // Without `--home HOME`.
            arguments: command.get_args().skip(2).map(|word| word.to_string_lossy().into_owned()).collect(),
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Itself, if the command succeeded; otherwise the test fails with all it said.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// Itself, if the command refused or failed with `code`.
    #[track_caller]
    pub(crate) fn failed_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// The one JSON document on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("standard output is not JSON ({error}): {self}"))
    }

    /// The error that a failed command with `--json` wrote on standard error.
    #[track_caller]
    pub(crate) fn error(&self) -> Value {
        let document: Value = serde_json::from_str(&self.stderr)
            .unwrap_or_else(|error| panic!("standard error is not JSON ({error}): {self}"));
        document["error"].clone()
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "hubca {} ended with {:?}", self.arguments.join(" "), self.code)?;
        writeln!(f, "--- standard output\n{}\n--- standard error\n{}", self.stdout, self.stderr)
    }
}

/// Every file below a directory, no link followed.
pub(crate) fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match std::fs::symlink_metadata(&path).unwrap().file_type() {
            kind if kind.is_dir() => found.extend(files_below(&path)),
            kind if kind.is_file() => found.push(path),
            _ => {}
        }
    }
    found
}
