//! A home, a passphrase in a file, and backups beside it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Answer, TestHome};

pub(crate) const PASSPHRASE: &str = "six random words that nobody guesses";

/// A home with a CA, and the file with the passphrase of its backups.
pub(crate) struct Scene {
    pub(crate) home: TestHome,
    passphrase: String,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let home = TestHome::with_ca::<&str>(&[]);
        let passphrase = secret(home.directory(), "passphrase", PASSPHRASE);
        Self { home, passphrase }
    }

    /// A file beside the home.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.directory().join(name)
    }

    /// Runs a command with the passphrase of backups.
    pub(crate) fn run(&self, line: &[&str]) -> Answer {
        let more = ["--backup-passphrase-file", &self.passphrase];
        self.home.hubca(&[line, &more].concat())
    }

    /// Makes a backup beside the home.
    pub(crate) fn back_up(&self, name: &str, more: &[&str]) -> PathBuf {
        let path = self.file(name);
        self.run(&[&["backup", path.to_str().unwrap()], more].concat()).succeeded();
        path
    }

    /// Restores a backup into a home of another name.
    pub(crate) fn restore(&self, backup: &Path, name: &str) -> Answer {
        self.restore_with(backup, name, &[])
    }

    /// The same with more options.
    pub(crate) fn restore_with(&self, backup: &Path, name: &str, more: &[&str]) -> Answer {
        let line = ["restore", backup.to_str().unwrap(), "--backup-passphrase-file", &self.passphrase];
        self.elsewhere(name, &[&line, more].concat())
    }

    /// Runs a command in a home of another name, for a program.
    pub(crate) fn elsewhere(&self, name: &str, line: &[&str]) -> Answer {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hubca"));
        command.arg("--home").arg(self.file(name)).args(line).arg("--json");
        command.current_dir(self.home.directory()).env("HOME", self.home.directory());
        Answer::of(&mut command)
    }
}

/// A file that nobody else can read.
pub(crate) fn secret(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    fs::write(&path, format!("{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}
