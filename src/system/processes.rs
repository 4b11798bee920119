//! Other programs: run by their words and never through a shell, for a limited time, with what they say held back.

use std::{
    env,
    ffi::OsString,
    io::{self, Read, Write},
    os::{fd::AsFd, unix::process::CommandExt},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Access, access},
    io::Errno,
    process::{Pid, Signal, kill_process_group},
};

use super::{
    clock::{Clock, Stopwatch, SystemClock},
    conversation::{Company, Conversation},
    ending::{Ended, Ending},
    interruption::Interruption,
    process_error::ProcessError,
    tail::{MOST_OUTPUT, Tail},
};

/// What runs other programs.
pub trait Processes: Send + Sync {
    /// Runs a program to its end, or to the end of its time.
    ///
    /// # Errors
    /// It cannot be started, or was stopped because somebody wants an end. A program that fails is no error here: [`Ended`] tells of
    /// it.
    fn run(&self, errand: &Errand) -> Result<Ended, ProcessError>;

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
    #[expect(clippy::disallowed_methods, reason = "this is the door to other programs")]
    fn run(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        let (program, arguments) = errand.words.split_first().ok_or(ProcessError::Nothing)?;
        let fail = |error: io::Error| ProcessError::new(program, error);
        let mut command = Command::new(program);
        command.args(arguments).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.envs(errand.variables.iter().map(|(name, value)| (name, value)));
        // A group of its own: at the end of its time all that it started is reached by one signal.
        command.current_dir("/").process_group(0);
        let input = if errand.input.is_empty() { Stdio::null() } else { Stdio::piped() };
        command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        let watch = SystemClock.stopwatch();
        let mut child = command.spawn().map_err(fail)?;
        feed(&mut child, errand.input.clone());
        let ended = Running { child, output: Tail::of_at_most(MOST_OUTPUT), watch, limit: errand.limit }
            .run_out()
            .map_err(fail)?;
        ended.ok_or_else(|| ProcessError::Interrupted { program: program.clone() })
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

/// Gives a program what it reads, in a thread: it may speak before it has read all. One that ends without reading is not
/// waited for.
fn feed(child: &mut Child, input: Vec<u8>) {
    if let Some(mut pipe) = child.stdin.take() {
        std::thread::spawn(move || pipe.write_all(&input));
    }
}

/// A program that runs.
struct Running {
    child: Child,
    output: Tail,
    watch: Stopwatch,
    limit: Duration,
}

impl Running {
    /// How it ended; none where it had to, because somebody wants an end.
    fn run_out(mut self) -> io::Result<Option<Ended>> {
        let mut outputs = Outputs::of(&mut self.child)?;
        let how = loop {
            if let Some(status) = self.child.try_wait()? {
                // What it started may go on and hold the pipes open, as a server does: nobody waits for that.
                outputs.drain(&mut self.output)?;
                break Ending::of(status);
            }
            if self.watch.elapsed() >= self.limit {
                self.end(&mut outputs)?;
                break Ending::TimeLimit;
            }
            if Interruption::is_asked() {
                self.end(&mut outputs)?;
                return Ok(None);
            }
            outputs.read(&mut self.output, LOOK_AGAIN)?;
        };
        Ok(Some(Ended { how, output: self.output.into_text() }))
    }

    /// Asks the whole group to end, then ends it. The program itself is waited for last: until then its number, which
    /// is the group's, cannot become another's.
    fn end(&mut self, outputs: &mut Outputs) -> io::Result<()> {
        let group = Pid::from_child(&self.child);
        // Who is gone already needs no signal.
        let _ = kill_process_group(group, Signal::TERM);
        let asked = SystemClock.stopwatch();
        while asked.elapsed() < GRACE {
            outputs.read(&mut self.output, LOOK_AGAIN)?;
        }
        let _ = kill_process_group(group, Signal::KILL);
        self.child.wait()?;
        outputs.drain(&mut self.output)
    }
}

/// The pipes of a program that runs, read as far as there is something in them.
struct Outputs {
    open: Vec<std::fs::File>,
}

impl Outputs {
    fn of(child: &mut Child) -> io::Result<Self> {
        let pipes = [child.stdout.take().map(Into::into), child.stderr.take().map(Into::into)];
        let pipes: Vec<std::os::fd::OwnedFd> = pipes.into_iter().flatten().collect();
        for pipe in &pipes {
            rustix::io::ioctl_fionbio(pipe, true)?;
        }
        Ok(Self { open: pipes.into_iter().map(std::fs::File::from).collect() })
    }

    /// Reads what is there already, and no more than a program could leave behind: whoever goes on writing has no end.
    fn drain(&mut self, into: &mut Tail) -> io::Result<()> {
        for _ in 0..MOST_LEFT {
            if !self.read(into, Duration::ZERO)? {
                break;
            }
        }
        Ok(())
    }

    /// Waits for something to read, but not longer than `patience`; false where there was nothing.
    fn read(&mut self, into: &mut Tail, patience: Duration) -> io::Result<bool> {
        if self.open.is_empty() {
            std::thread::sleep(patience);
            return Ok(false);
        }
        let mut waiting: Vec<PollFd<'_>> =
            self.open.iter().map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)).collect();
        let nanoseconds = i64::from(patience.subsec_nanos());
        match poll(&mut waiting, Some(&Timespec { tv_sec: 0, tv_nsec: nanoseconds })) {
            Ok(0) | Err(Errno::INTR) => return Ok(false),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let mut buffer = [0; READ_AT_ONCE];
        let mut has_read = false;
        self.open.retain_mut(|pipe| match pipe.read(&mut buffer) {
            Ok(0) => false,
            Ok(length) => {
                into.add(buffer.get(..length).unwrap_or_default());
                has_read = true;
                true
            }
            Err(error) => matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
        });
        Ok(has_read)
    }
}

/// How much is read from a pipe at once.
const READ_AT_ONCE: usize = 8 * 1024;
/// How many reads empty a pipe: it holds 64 KiB, and a megabyte where somebody made it larger (pipe(7)).
const MOST_LEFT: usize = 1024 * 1024 / READ_AT_ONCE;
/// How often a program is asked whether it has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// How long a program that took too long has to end by itself.
const GRACE: Duration = Duration::from_secs(1);

#[cfg(test)]
#[path = "processes_tests.rs"]
mod tests;
