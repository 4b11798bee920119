//! The way out where a trust store was not changed, or cannot be asked.

use std::path::Path;

use crate::{
    cli::failure::{Failure, FailureKind},
    plan::{StepError, shell_word},
    system::FileError,
    trust::TrustError,
};

impl From<&TrustError> for Failure {
    fn from(error: &TrustError) -> Self {
        let of = |kind| match error {
            TrustError::Step { source: StepError::Failed { said, .. }, .. } => Self::of(kind, error).having_said(said),
            _ => Self::of(kind, error),
        };
        match error {
            TrustError::NoProgram { program } => {
                let failure = of(FailureKind::NotFound);
                match package(program) {
                    Some(package) => failure.hint(format!("install it: {package}")),
                    None => failure,
                }
            }
            TrustError::NoAnchors => of(FailureKind::NotFound)
                .hint("install ca-certificates: on every Linux system its package makes that directory, and what gathers from there")
                .hint("or leave it out: --only STORE; for programs that read a file: hubca trust env"),
            TrustError::Busy(place) => of(FailureKind::Refused)
                .hint("wait until it is done, then the same command once more does the rest")
                .hint(format!("which program it is: fuser -v {}", shell_word(&place.to_string_lossy()))),
            TrustError::NoOwnDirectory(_) => {
                of(FailureKind::NotFound).hint("have HOME name a directory that is there, then the same command once more")
            }
            TrustError::NoKeystore { .. } => of(FailureKind::Input)
                .hint("an empty or damaged one comes anew with its Java: install that anew, or remove it and unset JAVA_HOME"),
            TrustError::NoDatabase { file, .. } => of(FailureKind::Input).hint(format!(
                "move it away, start the browser, which makes another, and do the same again: mv {0} {0}.damaged",
                shell_word(&file.to_string_lossy())
            )),
            TrustError::NoRights => {
                of(FailureKind::Refused).hint("do the same as root; on another machine: --on ssh://root@HOST")
            }
            TrustError::ForeignJava(_) => of(FailureKind::Refused)
                .hint("have JAVA_HOME name a Java of the system's, or let root have that one: chown -R root"),
            TrustError::NoJava => of(FailureKind::NotFound).hint("have it name the directory of a Java, or unset it"),
            TrustError::ForeignPolicy { file, .. } => of(FailureKind::Exists)
                .hint(format!(
                    "add \"{}\" to its list Certificates > Install, then the same command once more puts the root there",
                    file.display()
                ))
                .hint("or use the profiles: --only firefox"),
            TrustError::NamedInForeignPolicy { file, .. } => of(FailureKind::Exists).hint(format!(
                "take \"{}\" out of its list Certificates > Install, then the same command once more takes the rest away",
                file.display()
            )),
            TrustError::HiddenPolicy(_) => of(FailureKind::Exists)
                .hint("add the root to that policy, in its list Certificates > Install, or move the policy to /etc/firefox/policies first")
                .hint("or use the profiles: --only firefox"),
            TrustError::ForeignAnchor(_) => {
                of(FailureKind::Exists).hint("move it away, then the same command once more does the rest")
            }
            TrustError::BrokenBundle { culprit: Some(file), command, .. } if is_of_a_package(file) => {
                of(FailureKind::Input).hint(format!(
                    "what breaks it comes from `{}`: install its package anew, or put `!` before its line in \
                     /etc/ca-certificates.conf, run `{command}`, then this command once more",
                    file.display()
                ))
            }
            TrustError::BrokenBundle { culprit: Some(file), command, .. } => of(FailureKind::Input).hint(format!(
                "what breaks it comes from `{}`: mend that or move it away, run `{command}`, then this command once more",
                file.display()
            )),
            TrustError::BrokenBundle { command, .. } => of(FailureKind::Input).hint(format!(
                "look for the certificate that it was made of, mend it, run `{command}`, then this command once more"
            )),
            TrustError::Blocked => of(FailureKind::Refused)
                .hint("`trust list` tells it as distrusted: take it out of the directory `blocklist` of p11-kit first"),
            TrustError::Step { source, .. } if is_making_database(source) => of(FailureKind::File)
                .hint("see whether there is room on the disk, and whether somebody else made one meanwhile; then the same command once more"),
            TrustError::Step { source, .. } if is_shut(source) => of(FailureKind::Passphrase)
                .hint("the browser's primary password keeps it shut: import the root in the browser's own settings"),
            TrustError::Step { source, .. } if is_asking(source) => of(FailureKind::Refused)
                .hint("on a terminal sudo asks for its password before the first step")
                .hint("or do the same as root; on another machine: --on ssh://root@HOST"),
            TrustError::Step { source, .. } if is_making_room(source) => of(FailureKind::File)
                .hint("see whether the directory is there in which it is to be made, whose it is, and whether it takes writes"),
            TrustError::DanglingLink(link) => {
                let link = shell_word(&link.to_string_lossy());
                of(FailureKind::File).hint(format!(
                    "make the directory that it leads to, as `readlink {link}` tells, or remove the link: rm {link}; then the same command once more"
                ))
            }
            TrustError::NoDirectory(_) => {
                of(FailureKind::Exists).hint("move it away, then the same command once more")
            }
            TrustError::Step { .. } => {
                of(FailureKind::File).hint("the same command with --dry-run shows every step, to take it by hand")
            }
            TrustError::Interrupted => of(FailureKind::Refused).hint("the same command once more does the rest"),
            TrustError::SameSubject | TrustError::NoFlags => of(FailureKind::File)
                .hint("look for the root in the browser's own settings, and import it or take it out there"),
            TrustError::NotTaken => of(FailureKind::File).hint("hubca trust check tells what each store says"),
            TrustError::Left => of(FailureKind::File).hint("the same command once more takes it away"),
            TrustError::StillThere => of(FailureKind::File)
                .hint("what this program put there is gone; take the other one away as it came there: by hand, or by what gathers it there"),
            TrustError::Shut { keystore, alias } => {
                let keystore = shell_word(&keystore.to_string_lossy());
                of(FailureKind::Passphrase)
                    .hint(format!("put the root there by hand: keytool -importcert -trustcacerts -alias {alias} -file ROOT -keystore {keystore}"))
                    .hint(format!("take it away by hand: keytool -delete -alias {alias} -keystore {keystore}"))
            }
            TrustError::Silent { .. } => of(FailureKind::File)
                .hint("a browser that runs may hold it: end it, and do the same again; else that line by hand shows more"),
            TrustError::NoBundle(_) => of(FailureKind::File)
                .hint("it is made by the program of the system that gathers what is trusted: update-ca-certificates, update-ca-trust or trust"),
            TrustError::Name(_) => of(FailureKind::File)
                .hint("programs are given names in UTF-8 only: rename it, or name the others with --only"),
            TrustError::File(FileError::Permission { .. }) => {
                of(FailureKind::File).hint("do the same as root; on another machine: --on ssh://root@HOST")
            }
            TrustError::File(_) => of(FailureKind::File).hint("mend that file, and do the same again"),
            TrustError::Process(_) => of(FailureKind::File),
        }
    }
}

/// Whether a certificate came with a package of Debian's.
fn is_of_a_package(file: &Path) -> bool {
    file.starts_with("/usr/share/ca-certificates")
}

/// Whether a database of NSS has a password.
fn is_shut(error: &StepError) -> bool {
    matches!(error, StepError::Failed { said, .. } if said.iter().any(|line| line.contains("SEC_ERROR_BAD_PASSWORD")))
}

/// Whether sudo wanted a password, which nobody was there to give.
fn is_asking(error: &StepError) -> bool {
    matches!(error, StepError::Failed { said, .. } if said.iter().any(|line| line.starts_with("sudo: ") && line.contains("password")))
}

/// Whether a database of NSS could not be made.
fn is_making_database(error: &StepError) -> bool {
    matches!(error, StepError::Failed { line, .. } if line.split(' ').any(|word| word == "--empty-password"))
}

/// Whether a directory could not be made.
fn is_making_room(error: &StepError) -> bool {
    matches!(error, StepError::Failed { line, .. } if line.split(' ').any(|word| word == "mkdir"))
}

/// Where a program comes from.
fn package(program: &str) -> Option<&'static str> {
    Some(match program {
        "update-ca-certificates" | "update-ca-trust" => "it comes with ca-certificates",
        "certutil" => {
            "it is in libnss3-tools (Debian, Ubuntu), nss-tools (Fedora, Alpine), nss (Arch), mozilla-nss-tools (openSUSE)"
        }
        "trust" => "it comes with p11-kit",
        _ => return None,
    })
}
