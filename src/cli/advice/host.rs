//! The way out where another machine is not reached.

use crate::{
    cli::failure::{Failure, FailureKind},
    system::{HostAddress, HostError, ProcessError, host::Obstacle},
};

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        match &error {
            HostError::NoWay { host, source } => {
                let failure = Self::of(FailureKind::NotFound, &error);
                match (source, host) {
                    (ProcessError::Missing(_), HostAddress::Ssh { .. }) => {
                        failure.hint("install it: it is in openssh-client (Debian, Ubuntu), openssh-clients (Fedora), openssh (others)")
                    }
                    _ => failure,
                }
            }
            HostError::NotReached { host, obstacle, said } => {
                let failure = Self::of(kind(*obstacle), &error).having_said(said);
                match hint(host, *obstacle) {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            }
            HostError::Ended { said, .. } => Self::of(FailureKind::Network, &error)
                .having_said(said)
                .hint("the same command once more ends what was begun"),
            HostError::Late { .. } => {
                Self::of(FailureKind::Network, &error).hint("the same command once more ends what was begun")
            }
            HostError::Strange { .. } => Self::of(FailureKind::Network, &error),
            HostError::Interrupted => Self::of(FailureKind::Refused, &error),
            HostError::Random(_) => Self::of(FailureKind::Internal, &error),
        }
    }
}

fn kind(obstacle: Obstacle) -> FailureKind {
    match obstacle {
        Obstacle::NoSuchHost | Obstacle::NoContainer => FailureKind::NotFound,
        Obstacle::UnknownKey | Obstacle::ChangedKey | Obstacle::Denied => FailureKind::Refused,
        _ => FailureKind::Network,
    }
}

fn hint(host: &HostAddress, obstacle: Obstacle) -> Option<String> {
    let by_hand = || {
        let HostAddress::Ssh { user, host, port } = host else { return String::new() };
        let user = user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        let port = port.map(|port| format!("-p {port} ")).unwrap_or_default();
        format!("ssh {port}{user}{host}")
    };
    Some(match obstacle {
        Obstacle::NoSuchHost => "name it as ssh would find it, or by its address".to_owned(),
        Obstacle::Down => "see that it is on, and that its server of SSH listens there".to_owned(),
        Obstacle::UnknownKey => {
            format!("meet it once by hand, and compare the fingerprint with that on the machine itself: {}", by_hand())
        }
        Obstacle::ChangedKey => "find out why before anything else: it was set up anew, or it is another machine. \
                                 If it is right, ssh-keygen -R takes the old key away"
            .to_owned(),
        Obstacle::Denied => format!("see that this lets you in, and asks for nothing where nobody sits: {}", by_hand()),
        Obstacle::NoContainer => "docker ps, or podman ps, tells which there are".to_owned(),
        Obstacle::Stopped => "start it first".to_owned(),
        Obstacle::NoEngine => "start it, or run hubca as somebody who may use it".to_owned(),
        Obstacle::NoShell => "what has no shell is not changed from outside: hubca export pem writes the root into a \
                              file, for its image or its administrator"
            .to_owned(),
        Obstacle::Silent => format!("see what it says: {}", by_hand()).trim_end_matches(": ").to_owned(),
        Obstacle::Other => return None,
    })
}
