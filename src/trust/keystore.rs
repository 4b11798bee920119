//! Keystores of Java: what the programs of one or several Javas trust.

use std::path::PathBuf;

use super::rights::Rights;

/// A keystore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keystore {
    /// The file, without symbolic links: several Javas may share one.
    pub file: PathBuf,
    /// The program that changes it: that of the Java itself.
    pub keytool: PathBuf,
    /// By whose rights it is changed, or why by nobody's.
    pub rights: Result<Rights, NoRights>,
    /// Who else writes it.
    pub feeding: Feeding,
}

/// Why nobody's rights change a keystore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRights {
    /// It takes root's, and they cannot be had.
    NoSudo,
    /// It takes root's, and the programs of its Java are somebody else's: root would do whatever they make of them.
    ForeignJava,
}

/// Whether the system puts what it trusts into a keystore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feeding {
    /// It does.
    BySystem,
    /// Nobody does.
    Alone,
}

/// What was named as a Java, or lies where they lie, and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenJava {
    /// The directory.
    pub directory: PathBuf,
}
