//! Why another machine was not reached, read from what the program said that leads there.

use std::fmt;

use crate::system::ending::{Ended, Ending};

/// Why another machine was not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Nobody knows its name.
    NoSuchHost,
    /// Nobody answers.
    Down,
    /// Its key was never seen here.
    UnknownKey,
    /// Its key is another one than before.
    ChangedKey,
    /// It does not let us in.
    Denied,
    /// There is no such container.
    NoContainer,
    /// The container does not run.
    Stopped,
    /// There is nothing here that runs containers, or we may not ask it.
    NoEngine,
    /// Whoever logs in there has no shell.
    NoShell,
    /// No answer came in time.
    Silent,
    /// Something else.
    Other,
}

impl Obstacle {
    pub(super) fn of(ended: &Ended) -> Self {
        let said = ended.output.to_ascii_lowercase();
        let told = SAID.into_iter().find(|(words, _)| said.contains(words));
        match (told, ended.how) {
            (Some((_, obstacle)), _) => obstacle,
            (None, Ending::TimeLimit) => Self::Silent,
            // A shell that cannot run another, as shells number it.
            (None, Ending::Code(126 | 127)) => Self::NoShell,
            // Whoever is let in and sent away again: ssh itself ends with 255.
            (None, Ending::Code(0 | 1)) => Self::NoShell,
            (None, _) => Self::Other,
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoSuchHost => "nobody knows that name",
            Self::Down => "nobody answers there",
            Self::UnknownKey => "its host key is not known here",
            Self::ChangedKey => "its host key is another one than before",
            Self::Denied => "it does not let us in",
            Self::NoContainer => "there is no such container",
            Self::Stopped => "the container does not run",
            Self::NoEngine => "nothing here runs containers, or not for us",
            Self::NoShell => "there is no shell `/bin/sh` for us",
            Self::Silent => "no answer came in time",
            Self::Other => "the way there failed",
        })
    }
}

/// What OpenSSH, Docker and Podman say, of which the first counts that is found.
const SAID: [(&str, Obstacle); 22] = [
    ("remote host identification has changed", Obstacle::ChangedKey),
    ("host key is known for", Obstacle::UnknownKey),
    ("host key verification failed", Obstacle::UnknownKey),
    ("could not resolve hostname", Obstacle::NoSuchHost),
    ("permission denied (", Obstacle::Denied),
    ("too many authentication failures", Obstacle::Denied),
    ("connection refused", Obstacle::Down),
    ("connection timed out", Obstacle::Down),
    ("operation timed out", Obstacle::Down),
    ("no route to host", Obstacle::Down),
    ("network is unreachable", Obstacle::Down),
    ("host is down", Obstacle::Down),
    ("connection reset by", Obstacle::Down),
    ("no such container", Obstacle::NoContainer),
    ("no container with name or id", Obstacle::NoContainer),
    ("is not running", Obstacle::Stopped),
    ("can only create exec sessions on running containers", Obstacle::Stopped),
    ("docker daemon", Obstacle::NoEngine),
    ("docker api", Obstacle::NoEngine),
    ("podman socket", Obstacle::NoEngine),
    ("executable file not found", Obstacle::NoShell),
    ("no such file or directory", Obstacle::NoShell),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ssh_and_docker_say_is_read() {
        let of = |code, output: &str| Obstacle::of(&Ended { how: Ending::Code(code), output: output.to_owned() });
        assert_eq!(of(255, "ssh: connect to host nas port 22: Connection refused\r\n"), Obstacle::Down);
        assert_eq!(of(255, "ssh: Could not resolve hostname nas: Name or service not known\r\n"), Obstacle::NoSuchHost);
        let changed =
            "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n…\r\nHost key verification failed.\r\n";
        assert_eq!(of(255, changed), Obstacle::ChangedKey);
        assert_eq!(
            of(255, "No ED25519 host key is known for nas and you have requested strict checking.\r\n"),
            Obstacle::UnknownKey
        );
        assert_eq!(of(255, "ann@nas: Permission denied (publickey,password).\r\n"), Obstacle::Denied);
        assert_eq!(of(1, "This account is currently not available.\n"), Obstacle::NoShell);
        assert_eq!(of(1, "Error response from daemon: No such container: web\n"), Obstacle::NoContainer);
        assert_eq!(of(1, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n"), Obstacle::NoEngine);
        let no_shell = "OCI runtime exec failed: exec failed: … exec: \"/bin/sh\": stat /bin/sh: no such file or directory: unknown";
        assert_eq!(of(126, no_shell), Obstacle::NoShell);
        assert_eq!(of(255, "kex_exchange_identification: banner line contains invalid characters"), Obstacle::Other);
        assert_eq!(Obstacle::of(&Ended { how: Ending::TimeLimit, output: String::new() }), Obstacle::Silent);
    }
}
