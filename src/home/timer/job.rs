//! What a timer runs: this program, for this home.

use std::path::{Path, PathBuf};

use super::{chore::Chore, error::TimerError};
use crate::x509::certificate::sha256;

/// What a timer runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    program: String,
    home: String,
    suffix: String,
    passphrase_file: Option<String>,
    written: Vec<String>,
    spread: u32,
}

impl Job {
    /// `program renew` for the home in a directory. Only one home of an account goes without a mark of its own in the
    /// timer's name: its `default_home`.
    ///
    /// # Errors
    /// A path that no timer can hold.
    pub fn new(
        program: &Path,
        home: &Path,
        default_home: Option<&Path>,
        host_name: Option<&str>,
    ) -> Result<Self, TimerError> {
        let text = fit(home)?;
        let hash = sha256(text.as_bytes());
        let suffix = match default_home == Some(home) {
            true => String::new(),
            false => hash.iter().take(4).fold("-".to_owned(), |name, octet| format!("{name}{octet:02x}")),
        };
        // Not every machine of a class should wake the same file server in the same minute.
        let place = sha256(format!("{}\n{text}", host_name.unwrap_or_default()).as_bytes());
        let spread = place.iter().take(4).fold(0, |number: u32, octet| number << 8 | u32::from(*octet));
        Ok(Self { program: fit(program)?, home: text, suffix, passphrase_file: None, written: Vec::new(), spread })
    }

    /// The same job, whose issuing key is opened by a file.
    ///
    /// # Errors
    /// A path that no timer can hold.
    pub fn with_passphrase_file(self, path: &Path) -> Result<Self, TimerError> {
        Ok(Self { passphrase_file: Some(fit(path)?), ..self })
    }

    /// The same job, which also writes into these directories.
    ///
    /// # Errors
    /// A path that no timer can hold.
    pub fn writing(self, directories: &[PathBuf]) -> Result<Self, TimerError> {
        let mut written = directories.iter().map(|path| fit(path)).collect::<Result<Vec<_>, _>>()?;
        written.sort();
        written.dedup();
        Ok(Self { written, ..self })
    }

    /// What the timer is called: `hubca-renew`, with a mark of the home where it is not the default one.
    pub fn name(&self) -> String {
        self.name_of(Chore::Renew)
    }

    /// What the part of it is called that does one chore.
    pub(super) fn name_of(&self, chore: Chore) -> String {
        format!("hubca-{}{}", chore.as_str(), self.suffix)
    }

    pub(super) fn home(&self) -> &str {
        &self.home
    }

    pub(super) fn program(&self) -> &str {
        &self.program
    }

    pub(super) fn passphrase_file(&self) -> Option<&str> {
        self.passphrase_file.as_deref()
    }

    /// The directories that are written to: the home, and where copies go.
    pub(super) fn written(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.home.as_str()).chain(self.written.iter().map(String::as_str))
    }

    /// The arguments of the program, where the file with the passphrase is named among them.
    pub(super) fn arguments(&self, chore: Chore) -> Vec<&str> {
        let mut arguments = vec!["--home", &self.home];
        if let (Chore::Renew, Some(file)) = (chore, &self.passphrase_file) {
            arguments.extend(["--passphrase-file", file]);
        }
        arguments.extend(chore.words());
        arguments
    }

    /// The hour, early in the day, and the minute.
    pub(super) fn time_of_day(&self) -> (u32, u32) {
        (1 + self.spread / 60 % 5, self.spread % 60)
    }
}

/// A path as text that stands in a unit, a line or a list as it is.
fn fit(path: &Path) -> Result<String, TimerError> {
    let unfit = |reason| TimerError::Path { path: path.to_owned(), reason };
    let text = path.to_str().ok_or_else(|| unfit("it is not UTF-8"))?;
    if !path.is_absolute() {
        return Err(unfit("it is not absolute"));
    }
    if text.chars().any(char::is_control) {
        return Err(unfit("it has a line feed or another control character"));
    }
    // systemd takes the former for a line that goes on, and drops the latter.
    if text.ends_with(['\\', ' ']) {
        return Err(unfit("it ends in a backslash or a space"));
    }
    Ok(text.to_owned())
}

/// Where programs lie that a hook may call, for those timers that name few places by themselves.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
