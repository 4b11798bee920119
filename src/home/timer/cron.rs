//! A line in the table of cron: crontab(5). The rest of the table stays as it is.

use std::{path::Path, time::Duration};

use super::{
    chore::Chore,
    error::TimerError,
    job::{Job, PATH},
};
use crate::{
    plan::{MARK, Plan, Step, shell_word},
    system::{Errand, FileMode, Processes},
};

/// The table of cron as it is now.
pub(super) struct Crontab(String);

impl Crontab {
    /// Asks cron for it; where there is none it is empty.
    pub(super) fn read(processes: &dyn Processes) -> Result<Self, TimerError> {
        let words = ["crontab", "-l"].map(str::to_owned).to_vec();
        let ended = processes.run(&Errand {
            words,
            variables: Vec::new(),
            input: Vec::new(),
            limit: Duration::from_secs(30),
        })?;
        match ended.how.is_success() {
            // The door lets the beginning of a long output go, and says so by this character.
            true if ended.output.starts_with('…') => Err(TimerError::LongCrontab),
            // What is not UTF-8 came here as something else, and would go back as that.
            true if ended.output.contains(char::REPLACEMENT_CHARACTER) => Err(TimerError::ForeignCrontab),
            true => Ok(Self(ended.output)),
            false if ended.output.contains("no crontab") => Ok(Self(String::new())),
            false => Err(TimerError::Crontab(ended.output.trim().to_owned())),
        }
    }

    /// Whether it has the lines of a job.
    pub(super) fn has(&self, job: &Job) -> bool {
        self.0.lines().any(|line| line == begin(job))
    }

    /// The table without the lines of a job. Where somebody took the last of them away, what follows the command is theirs.
    fn without(&self, job: &Job) -> String {
        let (begin, end) = (begin(job), end(job));
        let mut rest = String::new();
        let mut lines = self.0.lines().peekable();
        while let Some(line) = lines.next() {
            if line == begin {
                while lines.next_if(|line| line.ends_with(TELLING)).is_some() {}
                lines.next_if(|line| *line == end);
            } else {
                rest.push_str(line);
                rest.push('\n');
            }
        }
        rest
    }

    /// The plan that adds the lines of a job, or puts them in place of those it has.
    pub(super) fn install(&self, job: &Job) -> Plan {
        self.become_table(format!("{}{}", self.without(job), lines(job)), job)
    }

    /// The plan that takes them out.
    pub(super) fn removal(&self, job: &Job) -> Plan {
        self.become_table(self.without(job), job)
    }

    fn become_table(&self, text: String, job: &Job) -> Plan {
        if text == self.0 {
            return Plan::default();
        }
        let file = Path::new(job.home()).join("crontab.new");
        let name = file.display().to_string();
        Plan::new([
            Step::write("write the whole table of cron", &file, text.as_str(), FileMode::Secret),
            Step::run("let cron take it", &["crontab", &name]),
            Step::remove_written("take the written one away", &file, text),
        ])
    }
}

/// What a job has in the table. Only a failure is told: cron mails whatever a line says.
fn lines(job: &Job) -> String {
    let (hour, minute) = job.time_of_day();
    let command = |chore| {
        let words: Vec<String> = std::iter::once(job.program()).chain(job.arguments(chore)).map(shell_word).collect();
        // crontab(5): a percent sign is a line feed unless a backslash stands before it.
        format!("PATH={PATH}; export PATH; T=$({} 2>&1){TELLING}", words.join(" ")).replace('%', r"\%")
    };
    let (renew, verify) = (command(Chore::Renew), command(Chore::Verify));
    format!("{}\n{minute} {hour} * * * {renew}\n{minute} {hour} * * 0 {verify}\n{}\n", begin(job), end(job))
}

fn begin(job: &Job) -> String {
    format!("# {MARK}: {}", job.name())
}

fn end(job: &Job) -> String {
    format!("# End of {}", job.name())
}

/// How each of our commands ends.
const TELLING: &str = " || echo \"$T\"";
