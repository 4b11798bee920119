//! A machine of its own for one page: namespaces in which an address, ports and directories are as the page says.

use std::{
    fmt, fs,
    io::Write as _,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    screen::seen,
    support::tools::{commands, node_programs, present, python, skipped},
};

/// Who sits at a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Person {
    /// A user without special rights.
    Ann,
    Root,
}

/// A machine, gone with all that runs on it when this is dropped.
pub(crate) struct Machine {
    directory: tempfile::TempDir,
    shell: Child,
    typed: ChildStdin,
    count: usize,
}

/// A command that was typed.
pub(crate) struct Typed {
    line: String,
    /// Where its answer grows, and where its exit code will be.
    said: PathBuf,
    code: PathBuf,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) said: String,
    pub(crate) code: i32,
}

impl Machine {
    /// A machine with these programs; none where they are missing or nobody may make a machine.
    pub(crate) fn new(what: &str, person: Person, programs: &[PathBuf]) -> Option<Self> {
        if !present(what, &[commands(&["bash", "unshare", "hostname", "ip", "curl"]), programs.to_vec()].concat()) {
            return None;
        }
        if !Command::new("unshare").args(OF_ITS_OWN).arg("true").status().is_ok_and(|status| status.success()) {
            skipped(&format!("{what}: this machine lets nobody make others"));
            return None;
        }
        let directory = tempfile::Builder::new().prefix("hubca-guide-").tempdir().unwrap();
        let programs = directory.path().join("bin");
        fs::create_dir(&programs).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_hubca"), programs.join("hubca")).unwrap();
        let systemctl = programs.join("systemctl");
        fs::write(&systemctl, include_str!("systemctl.sh")).unwrap();
        fs::set_permissions(&systemctl, fs::Permissions::from_mode(0o755)).unwrap();
        let path = [&programs, &python().with_file_name(""), &node_programs()];
        let path = path.map(|path| path.display().to_string()).join(":");
        let mut shell = Command::new("unshare")
            .args(OF_ITS_OWN)
            .arg("bash")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guide/scene.sh"))
            .arg(directory.path())
            .arg(person.as_str())
            .env_clear()
            .env("PATH", format!("{path}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"))
            .env("LANG", "C.UTF-8")
            .env("COLUMNS", "80")
            .env("TERM", "xterm")
            .env("NO_COLOR", "1")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let typed = shell.stdin.take().unwrap();
        Some(Self { directory, shell, typed, count: 0 })
    }

    /// Runs a command to its end.
    pub(crate) fn run(&mut self, line: &str) -> Answer {
        let typed = self.begin(line, "");
        self.answer(&typed)
    }

    /// Begins a command that goes on beside those that follow.
    pub(crate) fn start(&mut self, line: &str) -> Typed {
        self.begin(line, " &")
    }

    /// Runs a command on a terminal, where it asks; each reply is typed when its question stands there.
    pub(crate) fn ask(&mut self, line: &str, replies: &[(&str, &str)]) -> Answer {
        let asked = self.directory.path().join("asked");
        fs::write(&asked, line).unwrap();
        let keyboard = self.directory.path().join(format!("{}.keyboard", self.count));
        assert!(Command::new("mkfifo").arg(&keyboard).status().unwrap().success());
        let on_terminal = format!(
            "script --quiet --return --flush --command 'bash {}' /dev/null <{}",
            asked.display(),
            keyboard.display()
        );
        let typed = self.begin(&on_terminal, "");
        let mut keyboard = fs::OpenOptions::new().write(true).open(&keyboard).unwrap();
        for (question, reply) in replies {
            wait_for(&typed, || self.said(&typed).contains(question).then_some(()));
            // Between the question and the reading of the reply the terminal is told not to show it, and forgets what was typed.
            std::thread::sleep(Duration::from_millis(500));
            writeln!(keyboard, "{reply}").unwrap();
        }
        let Answer { said, code } = self.answer(&typed);
        Answer { said: seen(&said), code }
    }

    fn begin(&mut self, line: &str, behind: &str) -> Typed {
        self.count += 1;
        let file = |kind: &str| self.directory.path().join(format!("{}.{kind}", self.count));
        let typed = Typed { line: line.to_owned(), said: file("said"), code: file("code") };
        fs::write(file("line"), line).unwrap();
        fs::write(&typed.said, "").unwrap();
        let told = [file("line"), typed.said.clone(), typed.code.clone()].map(|path| path.display().to_string());
        let [line, said, code] = told;
        writeln!(
            self.typed,
            "{{ eval \"$(<{line})\"; echo $? >{code}.new; mv {code}.new {code}; }} >{said} 2>&1 </dev/null{behind}"
        )
        .unwrap();
        typed
    }

    /// Waits for the end of a command.
    pub(crate) fn answer(&self, typed: &Typed) -> Answer {
        let code = wait_for(typed, || fs::read_to_string(&typed.code).ok());
        Answer { said: self.said(typed), code: code.trim().parse().unwrap() }
    }

    /// What a command has said until now.
    pub(crate) fn said(&self, typed: &Typed) -> String {
        String::from_utf8_lossy(&fs::read(&typed.said).unwrap()).into_owned()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Its first process is gone with this one, and with the first all others.
        let group = rustix::process::Pid::from_child(&self.shell);
        let _ended = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _reaped = self.shell.wait();
    }
}

impl Person {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ann => "ann",
            Self::Root => "root",
        }
    }
}

impl fmt::Display for Typed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` said: {}", self.line, fs::read_to_string(&self.said).unwrap_or_default())
    }
}

/// Waits until something is there.
pub(crate) fn wait_for<T>(what: &impl fmt::Display, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "it does not come: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// For `unshare`: with files, a network, a name and processes of its own, in which an ordinary user is root.
const OF_ITS_OWN: [&str; 8] =
    ["--map-root-user", "--mount", "--net", "--uts", "--pid", "--mount-proc", "--fork", "--kill-child"];
