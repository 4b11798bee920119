//! What runs a job every day, and the plans for it.

use std::path::Path;

use super::{account::Account, cron::Crontab, error::TimerError, job::Job, launchd, systemd};
use crate::{plan::Plan, system::Processes};

/// What runs a job every day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheduler {
    /// A timer of systemd.
    Systemd,
    /// A line in the table of cron.
    Cron,
    /// A job of launchd.
    Launchd,
}

/// A job and what runs it.
pub struct Timer {
    job: Job,
    scheduler: Scheduler,
    account: Account,
}

impl Scheduler {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Systemd, Self::Cron, Self::Launchd];

    /// The one that this machine has.
    pub fn of_machine() -> Self {
        if cfg!(target_os = "macos") {
            Self::Launchd
        // sd_booted(3)
        } else if Path::new("/run/systemd/system").is_dir() {
            Self::Systemd
        } else {
            Self::Cron
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Cron => "cron",
            Self::Launchd => "launchd",
        }
    }
}

impl Timer {
    /// A timer for a job.
    pub fn new(job: Job, scheduler: Scheduler, account: Account) -> Self {
        Self { job, scheduler, account }
    }

    /// What it is called.
    pub fn name(&self) -> String {
        self.job.name()
    }

    /// The plan that puts it in place, also over an earlier one.
    ///
    /// # Errors
    /// The table of cron cannot be read.
    pub fn install(&self, processes: &dyn Processes) -> Result<Plan, TimerError> {
        Ok(match self.scheduler {
            Scheduler::Systemd => systemd::install(&self.job, &self.account),
            Scheduler::Launchd => launchd::install(&self.job, &self.account),
            Scheduler::Cron => Crontab::read(processes)?.install(&self.job),
        })
    }

    /// The plan that takes it away; nothing where there is none.
    ///
    /// # Errors
    /// The table of cron cannot be read.
    pub fn removal(&self, processes: &dyn Processes) -> Result<Option<Plan>, TimerError> {
        let name = self.job.name();
        let there = |path: std::path::PathBuf| path.exists();
        Ok(match self.scheduler {
            Scheduler::Systemd => there(self.account.units().join(format!("{name}.timer")))
                .then(|| systemd::removal(&self.job, &self.account)),
            Scheduler::Launchd => there(self.account.agents().join(format!("{name}.plist")))
                .then(|| launchd::removal(&self.job, &self.account)),
            Scheduler::Cron => {
                let crontab = Crontab::read(processes)?;
                crontab.has(&self.job).then(|| crontab.removal(&self.job))
            }
        })
    }
}
