//! What a machine has that trust can be put into, as a value.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    database::Database,
    error::TrustError,
    keystore::{BrokenJava, Keystore},
    layout::{NoAnchors, SystemStore},
    rights::{Person, Rights},
    wsl::Windows,
};

/// A machine: its stores, and what puts something into them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// What it calls itself: `Debian GNU/Linux 12 (bookworm)`.
    pub name: Option<String>,
    /// How root's rights are had; none where they cannot be.
    pub root: Option<Rights>,
    /// Whose own stores are looked after.
    pub person: Option<Person>,
    /// Who called sudo, where their own stores cannot be looked after: their directory is not known, or there is no sudo to act as them.
    pub unknown_caller: Option<String>,
    /// The programs that stores are changed with.
    pub programs: Programs,
    /// The store that the programs of a Linux system share, or that there is none that is known; a Mac has another kind.
    pub system: Option<Result<SystemStore, NoAnchors>>,
    /// The databases of the person's browsers.
    pub databases: Vec<Database>,
    /// The keystores of Java, each once.
    pub keystores: Vec<Keystore>,
    /// What was named as a Java and is none.
    pub broken_java: Vec<BrokenJava>,
    /// The Windows around this Linux.
    pub windows: Option<Windows>,
    /// Libraries of mbedTLS, which cannot read a critical name constraint.
    pub mbedtls: Vec<PathBuf>,
}

impl Machine {
    /// Root's rights.
    ///
    /// # Errors
    /// They cannot be had.
    pub(super) fn root_rights(&self) -> Result<&Rights, TrustError> {
        self.root.as_ref().ok_or(TrustError::NoRights)
    }
}

/// Programs, and where each lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programs(BTreeMap<String, PathBuf>);

impl Programs {
    /// These programs.
    pub fn new(found: impl IntoIterator<Item = (String, PathBuf)>) -> Self {
        Self(found.into_iter().collect())
    }

    /// Where a program lies, if it is there.
    pub fn get(&self, name: &str) -> Option<&Path> {
        self.0.get(name).map(PathBuf::as_path)
    }

    /// Where a program lies, as the word that runs it.
    ///
    /// # Errors
    /// It is not there, or nobody can be told where.
    pub(super) fn word(&self, program: &'static str) -> Result<&str, TrustError> {
        let path = self.get(program).ok_or(TrustError::NoProgram { program })?;
        path.to_str().ok_or_else(|| TrustError::Name(path.to_owned()))
    }
}
