//! Other programs: run by their words and never through a shell, for a limited time, with what they say held back.

use std::{
    env,
    ffi::OsString,
    io,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use rustix::fs::{Access, access};

use super::{
    conversation::{Company, Conversation},
    ending::{Answered, Ended, Ending},
    process_error::ProcessError,
    record::Record,
    running::Running,
    speech::Speech,
    tail::MOST_OUTPUT,
};

/// What runs other programs.
pub trait Processes: Send + Sync {
    /// Runs a program to its end, or to the end of its time.
    ///
    /// # Errors
    /// It cannot be started, or was stopped because somebody wants an end. A program that fails is no error here: [`Ended`] tells of
    /// it.
    fn run(&self, errand: &Errand) -> Result<Ended, ProcessError>;

    /// The same for a program that must not stay half done: it comes to its end even where we do not, and nobody hears what it says.
    ///
    /// # Errors
    /// As for [`Self::run`].
    fn run_through(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        self.run(errand)
    }

    /// Runs a program of which the whole answer is needed, at most `most` bytes of it, apart from what it complains of. Whoever
    /// cannot tell the two apart gives both in one.
    ///
    /// # Errors
    /// As for [`Self::run`], and an answer that is longer.
    fn ask(&self, errand: &Errand, _most: usize) -> Result<Answered, ProcessError> {
        let Ended { how, output } = self.run(errand)?;
        Ok(Answered { how, answer: output.clone(), complaint: output })
    }

    /// Whether there is a program of that name or path to run; whoever cannot tell says that there is.
    fn has(&self, _program: &str) -> bool {
        true
    }

    /// Runs a program that speaks with the person at the terminal itself, as one does that asks for a password; it may take
    /// as long as they do.
    ///
    /// # Errors
    /// It cannot be started, or there is no terminal.
    fn run_at_terminal(&self, words: &[String]) -> Result<Ending, ProcessError> {
        let program = words.first().ok_or(ProcessError::Nothing)?;
        Err(ProcessError::NoTerminal { program: program.clone() })
    }

    /// Starts a program that leads elsewhere, to speak with what is there.
    ///
    /// # Errors
    /// It cannot be started, or nobody here speaks with programs.
    fn converse(&self, words: &[String], _company: Company) -> Result<Conversation, ProcessError> {
        let program = words.first().ok_or(ProcessError::Nothing)?;
        Err(ProcessError::Missing(program.clone()))
    }
}

/// A program to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// The program and its arguments, each as it is: no shell reads them.
    pub words: Vec<String>,
    /// Variables beside those that every program gets.
    pub variables: Vec<(String, OsString)>,
    /// What it reads on its standard input.
    pub input: Vec<u8>,
    /// How long it may take.
    pub limit: Duration,
}

/// The programs of the machine.
#[derive(Clone, Debug, Default)]
pub struct SystemProcesses {
    /// What every program gets: where programs lie, who we are, in which language.
    variables: Vec<(OsString, OsString)>,
    /// What those get as well that lead elsewhere.
    ways: Vec<(OsString, OsString)>,
}

impl SystemProcesses {
    /// The programs of the machine, each run with these variables and no others of ours.
    pub fn new(variables: Vec<(OsString, OsString)>) -> Self {
        Self { variables, ways: Vec::new() }
    }

    /// The same, where programs that lead elsewhere get these as well.
    #[must_use]
    pub fn with_ways(self, ways: Vec<(OsString, OsString)>) -> Self {
        Self { ways, ..self }
    }

    /// How a program ended, and what it said: into pipes, or into a record.
    #[expect(clippy::disallowed_methods, reason = "this is the door to other programs")]
    fn run_out(
        &self,
        errand: &Errand,
        speech: Speech,
        record: Option<Record>,
    ) -> Result<(Ending, Speech), ProcessError> {
        let (program, arguments) = errand.words.split_first().ok_or(ProcessError::Nothing)?;
        let fail = |error: io::Error| ProcessError::new(program, error);
        let mut command = Command::new(program);
        command.args(arguments).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.envs(errand.variables.iter().map(|(name, value)| (name, value)));
        // A group of its own: at the end of its time all that it started is reached by one signal.
        command.current_dir("/").process_group(0);
        command.stdin(if errand.input.is_empty() { Stdio::null() } else { Stdio::piped() });
        match &record {
            Some(record) => command.stdout(record.writer().map_err(fail)?).stderr(record.writer().map_err(fail)?),
            None => command.stdout(Stdio::piped()).stderr(Stdio::piped()),
        };
        let running = Running::start(&mut command, &errand.input, speech, record, errand.limit).map_err(fail)?;
        running.run_out().map_err(fail)?.ok_or_else(|| ProcessError::Interrupted { program: program.clone() })
    }
}

/// The variables of our own environment that other programs are given: without them `systemctl --user` finds nobody,
/// and a program cannot be named without its path. All else, such as where our passphrases are, is not theirs.
pub const PASSED_ON: [&str; 12] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
];

/// What programs are given as well that lead to other machines and containers: who has the keys, and where the engine is.
pub const PASSED_ON_TO_WAYS: [&str; 8] = [
    "SSH_AUTH_SOCK",
    "TERM",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
    "CONTAINER_HOST",
];

impl Processes for SystemProcesses {
    fn run(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        let (how, speech) = self.run_out(errand, Speech::mixed(MOST_OUTPUT), None)?;
        Ok(Ended { how, output: speech.answer.into_text() })
    }

    fn run_through(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        // Where the system has no such files, a program that nobody hears is ended by what it says next.
        let (how, speech) = self.run_out(errand, Speech::mixed(MOST_OUTPUT), Record::new().ok())?;
        Ok(Ended { how, output: speech.answer.into_text() })
    }

    fn ask(&self, errand: &Errand, most: usize) -> Result<Answered, ProcessError> {
        let (how, speech) = self.run_out(errand, Speech::apart(most, MOST_OUTPUT), None)?;
        if speech.answer.is_cut() {
            let program = errand.words.first().cloned().unwrap_or_default();
            return Err(ProcessError::TooLong { program, most });
        }
        Ok(Answered { how, answer: speech.answer.into_text(), complaint: speech.complaint.into_text() })
    }

    fn has(&self, program: &str) -> bool {
        let is_program = |path: &Path| path.is_file() && access(path, Access::EXEC_OK).is_ok();
        if program.contains('/') {
            return is_program(Path::new(program));
        }
        let path = self.variables.iter().find(|(name, _)| name == "PATH");
        path.is_some_and(|(_, places)| env::split_paths(places).any(|place| is_program(&place.join(program))))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door to other programs")]
    fn run_at_terminal(&self, words: &[String]) -> Result<Ending, ProcessError> {
        let (program, arguments) = words.split_first().ok_or(ProcessError::Nothing)?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        // Whatever it says is for the person: stdout is the answer's.
        command.current_dir("/").stdout(io::stderr());
        command.status().map(Ending::of).map_err(|error| ProcessError::new(program, error))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door to other programs")]
    fn converse(&self, words: &[String], company: Company) -> Result<Conversation, ProcessError> {
        let (program, arguments) = words.split_first().ok_or(ProcessError::Nothing)?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear().current_dir("/");
        command.envs(self.variables.iter().chain(&self.ways).map(|(name, value)| (name, value)));
        Conversation::begin(&mut command, company).map_err(|error| ProcessError::new(program, error))
    }
}

#[cfg(test)]
#[path = "processes_tests.rs"]
mod tests;
