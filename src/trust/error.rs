//! Why a store was not changed, or cannot be asked.

use std::path::PathBuf;

use thiserror::Error;

use crate::{
    plan::StepError,
    system::{FileError, ProcessError},
    x509::pem::PemError,
};

/// A store was not changed, or cannot be asked.
#[derive(Debug, Error)]
pub enum TrustError {
    /// A program is not there.
    #[error("there is no program `{program}`")]
    NoProgram {
        /// The program.
        program: &'static str,
    },
    /// The system keeps what it trusts nowhere that is known.
    #[error("no directory is known here in which the system keeps what it trusts")]
    NoAnchors,
    /// Another run of this program changes the same store.
    #[error("it is another's turn: `{}` is held, most likely by another run of hubca", .0.display())]
    Busy(PathBuf),
    /// Root's rights are needed and cannot be had.
    #[error("it takes root's rights, and there is no sudo")]
    NoRights,
    /// A step failed.
    #[error("cannot {sentence}")]
    Step {
        /// What was to be done.
        sentence: String,
        /// Why it was not.
        source: StepError,
    },
    /// All steps were taken and the root is not trusted.
    #[error("every step was taken, and the root is not trusted there")]
    NotTaken,
    /// All steps were taken and the root is trusted still.
    #[error(
        "every step was taken, and the root is trusted there still: something else than this program brings it there"
    )]
    StillThere,
    /// All steps were taken and the root is there still, though nobody trusts it.
    #[error("every step was taken, and the root lies there still, without being trusted")]
    Left,
    /// Somebody wanted an end before it was begun.
    #[error("it was not begun, because an end was asked for")]
    Interrupted,
    /// A database has other certificates with the subject of the root, and NSS finds them by subject.
    #[error("it has several certificates with the subject of the root, and certutil does not tell which is which")]
    SameSubject,
    /// certutil does not show how far the root is trusted.
    #[error("certutil shows the root, and not how far it is trusted")]
    NoFlags,
    /// A keystore has another password than all have that come with a Java.
    #[error("`{}` does not open with `changeit`", keystore.display())]
    Shut {
        /// The keystore.
        keystore: PathBuf,
        /// What the root is called in a keystore.
        alias: String,
    },
    /// What lies where a keystore should be is none that its Java reads.
    #[error("keytool cannot read `{}`: {said}", keystore.display())]
    NoKeystore {
        /// The keystore.
        keystore: PathBuf,
        /// What keytool said instead.
        said: String,
    },
    /// What lies where a database of NSS should be is none.
    #[error("`{}` is no database of NSS: {said}", file.display())]
    NoDatabase {
        /// The file.
        file: PathBuf,
        /// What certutil said of it.
        said: String,
    },
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A program cannot be run.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A program that was asked did not answer.
    #[error("`{line}` does not answer: {said}")]
    Silent {
        /// The command line.
        line: String,
        /// What it said instead.
        said: String,
    },
    /// `JAVA_HOME`, or what else was named as a Java, is none.
    #[error("there is no Java in it, and JAVA_HOME names it")]
    NoJava,
    /// The keytool of a Java that is somebody else's than root's.
    #[error("`{}` is not root's, and is not run with root's rights", .0.display())]
    ForeignJava(PathBuf),
    /// A file that has the name of ours and is somebody else's.
    #[error("`{}` is a link, or holds other certificates than the root: it is left as it is", .0.display())]
    ForeignAnchor(PathBuf),
    /// A bundle that no program reads beyond a line.
    #[error("`{}` cannot be read from line {line} on, and programs then trust nothing in it", bundle.display())]
    BrokenBundle {
        /// The bundle.
        bundle: PathBuf,
        /// The line where the block begins that cannot be read.
        line: usize,
        /// Where it comes from, if that was found.
        culprit: Option<PathBuf>,
        /// The command line that makes the bundle.
        command: String,
        /// What is wrong with it.
        source: PemError,
    },
    /// p11-kit has it among those that nobody shall trust.
    #[error("p11-kit has the root in its blocklist: somebody wants nobody to trust it there")]
    Blocked,
    /// A policy of Firefox that somebody else wrote, and a file for its list.
    #[error("`{}` is somebody else's: no line is added to it", policy.display())]
    ForeignPolicy {
        /// The policy.
        policy: PathBuf,
        /// Where the root would lie.
        file: PathBuf,
    },
    /// A policy of Firefox that somebody else wrote, or changed since, names the root.
    #[error("`{}` is somebody else's by now, and names the root: no line is taken out of it", policy.display())]
    NamedInForeignPolicy {
        /// The policy.
        policy: PathBuf,
        /// Where the root lies.
        file: PathBuf,
    },
    /// A policy of Firefox that would be read no more.
    #[error("`{}` is a policy that Firefox reads no more once there is one in `/etc/firefox/policies`", .0.display())]
    HiddenPolicy(PathBuf),
    /// A link that leads nowhere, where a directory would be made.
    #[error("`{}` is a link that leads nowhere, and the browser's database would lie behind it", .0.display())]
    DanglingLink(PathBuf),
    /// Something else than a directory, where one would be made.
    #[error("`{}` is no directory, and the browser's database would lie in it", .0.display())]
    NoDirectory(PathBuf),
    /// The directory of whoever the browsers belong to is not there.
    #[error("there is no directory `{}`, which is said to be the home of whoever uses the browser", .0.display())]
    NoOwnDirectory(PathBuf),
    /// A path that no program can be given.
    #[error("`{}` is not UTF-8", .0.display())]
    Name(PathBuf),
    /// A bundle without a certificate in it.
    #[error("there is no certificate in `{}`", .0.display())]
    NoBundle(PathBuf),
}
