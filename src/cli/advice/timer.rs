//! The way out where no timer can be put in place.

use crate::{
    cli::failure::{Failure, FailureKind},
    home::TimerError,
    system::ProcessError,
};

impl From<TimerError> for Failure {
    fn from(error: TimerError) -> Self {
        let of = |kind| Self::of(kind, &error);
        match error {
            TimerError::Path { .. } => of(FailureKind::Refused).hint("move it to a path of plain letters"),
            TimerError::Locked => of(FailureKind::Passphrase)
                .hint("name a file that only you can read and whose first line opens it: --passphrase-file FILE")
                .hint("or take it off, so that the file's mode protects the key: hubca key unprotect issuing"),
            TimerError::RootLocked => of(FailureKind::Passphrase)
                .hint("renew by hand, when `hubca status` says that something is due: hubca renew")
                .hint("or take the passphrase off, so that the file's mode protects the key: hubca key unprotect root"),
            TimerError::Process(ProcessError::Missing(_)) => {
                of(FailureKind::NotFound).hint("install cron, or choose what is there: --with systemd, --with launchd")
            }
            TimerError::LongCrontab | TimerError::ForeignCrontab | TimerError::Crontab(_) | TimerError::Process(_) => {
                of(FailureKind::File)
                    .hint("add the line by hand: hubca renew --install-timer --with systemd --print shows what is run")
            }
            TimerError::Key(error) => error.into(),
        }
    }
}
