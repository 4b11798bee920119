//! Secrets that would be known again: they are in no word of a program that is called, nor in its environment, in no answer, in nothing
//! that a killed command leaves, and in no core.

use std::{
    cell::Cell,
    fs,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    secrets::{contains, private_number},
    support::{
        Answer, TestHome, files_below,
        tools::{commands, present},
    },
};

/// What stands in each file of a secret.
const CANARY: &str = "canary-Kx3Vw8Rt5m";

/// A home whose CA keys are under passphrases, and the files with them.
struct Cage {
    home: TestHome,
    root: String,
    issuing: String,
}

impl Cage {
    fn new() -> Self {
        let home = TestHome::empty();
        let [root, issuing] = ["root", "issuing"].map(|name| secret(home.directory(), name));
        let cage = Self { home, root, issuing };
        cage.hubca(&["--root-passphrase-file", &cage.root, "init", "--name", "Cage"]).succeeded();
        cage
    }

    fn hubca(&self, line: &[&str]) -> Answer {
        self.home.hubca(line)
    }

    /// Runs a command under strace, which writes down what is called with which words and which environment.
    fn watched(&self, home: &Path, line: &[&str], more: &[&str]) -> (Answer, String) {
        let log = self.home.directory().join("calls");
        let plain = self.home.command();
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-v", "-s", "100000", "-e", "trace=execve", "-o"]).arg(&log).args(more);
        strace.arg(plain.get_program()).arg("--home").arg(home).args(line);
        strace.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        strace.env("HUBCA_PASSPHRASE_FILE", &self.issuing).current_dir(self.home.directory());
        let answer = Answer::of(&mut strace);
        (answer, fs::read_to_string(log).unwrap())
    }
}

fn secret(directory: &Path, name: &str) -> String {
    let path = directory.join(format!("{name}.secret"));
    fs::write(&path, format!("{CANARY}-{name}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A root by openssl, whose key is under a passphrase.
fn old_ca(directory: &Path, passphrase_file: &str) -> (String, String) {
    let [cert, key] = ["old.pem", "old.key"].map(|name| directory.join(name).to_str().unwrap().to_owned());
    let request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=Old -days 3650 \
                   -addext keyUsage=critical,keyCertSign,cRLSign";
    let mut openssl = Command::new("openssl");
    openssl.args(request.split_whitespace()).args(["-keyout", &key, "-out", &cert]);
    let made = openssl.arg("-passout").arg(format!("file:{passphrase_file}")).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(fs::read_to_string(&key).unwrap().contains("ENCRYPTED"));
    (cert, key)
}

/// The files in which a passphrase stands, but for those that a person wrote.
fn sung_in(directory: &Path) -> Vec<PathBuf> {
    let others = files_below(directory).into_iter().filter(|path| path.extension().is_none_or(|kind| kind != "secret"));
    others.filter(|path| contains(&fs::read(path).unwrap(), CANARY.as_bytes())).collect()
}

#[test]
fn no_secret_is_in_a_word_or_the_environment_of_a_program_nor_in_an_answer() {
    if !present("secrets in the calls of programs", &commands(&["strace"])) {
        return;
    }
    let cage = Cage::new();
    let directory = cage.home.directory();
    let [password, sealed, wrong, old] = ["password", "sealed", "wrong", "old"].map(|name| secret(directory, name));
    let (old_root, old_key) = old_ca(directory, &old);
    let (root, issuing) = (cage.root.as_str(), cage.issuing.as_str());
    let (p12, backup, restored) = (directory.join("hub.p12"), directory.join("hub.age"), directory.join("again"));
    let moved = directory.join("moved");
    let import = ["import", "pem", "--root-cert", &old_root, "--root-key", &old_key, "--source-passphrase-file"];
    let [p12, backup] = [&p12, &backup].map(|path| path.to_str().unwrap());
    let hook = format!("sh -c 'env > {}/seen'", directory.display());
    let lines: [(&[&str], i32); 20] = [
        (&["--passphrase-file", issuing, "key", "protect", "issuing"], 0),
        (&["issue", "--dns", "hub.lan", "--hook", &hook, "--json"], 0),
        (&["renew", "hub.lan", "--force", "--json"], 0),
        (&["export", "p12", "hub.lan", "--password-file", &password, "--out", p12], 0),
        (&["export", "zip", "hub.lan", "--with-key", "--password-file", &password, "--out", "hub.zip"], 0),
        (&["backup", backup, "--with-root-key", "--with-leaf-keys", "--backup-passphrase-file", &sealed], 0),
        (&["backup", "verify", backup, "--backup-passphrase-file", &sealed], 0),
        (&["backup", "verify", backup, "--backup-passphrase-file", &wrong], 1),
        (&["restore", backup, "--backup-passphrase-file", &sealed], 0),
        (&[&import[..], &[&wrong, "--no-passphrase"]].concat(), 1),
        (&[&["--root-passphrase-file", root], &import[..], &[&old, "--dry-run"]].concat(), 0),
        (&[&["--root-passphrase-file", root], &import[..], &[&old]].concat(), 0),
        (&["revoke", "hub.lan", "--reason", "superseded"], 0),
        (&["--root-passphrase-file", root, "crl"], 0),
        (&["--root-passphrase-file", root, "rotate", "issuing"], 0),
        (&["--root-passphrase-file", &wrong, "crl", "--issuer", "root"], 1),
        (&["--passphrase-file", &wrong, "issue", "--dns", "nas.lan"], 1),
        (&["--root-passphrase-file", root, "key", "unprotect", "root", "--yes"], 0),
        (&["--passphrase-file", "nowhere.secret", "issue", "--dns", "nas.lan"], 1),
        (&["audit", "--json"], 0),
    ];
    for (line, code) in lines {
        let home = match line {
            ["restore", ..] => restored.as_path(),
            line if line.contains(&"import") => moved.as_path(),
            _ => cage.home.path(),
        };
        let (answer, calls) = cage.watched(home, line, &[]);
        assert_eq!(answer.code, Some(code), "{answer}");
        for told in [&answer.stdout, &answer.stderr, &calls] {
            assert!(!told.contains(CANARY) && !told.contains("PRIVATE KEY"), "{line:?}: {told}");
        }
        // The first is hubca itself.
        for call in calls.lines().skip(1) {
            assert!(!call.contains("PASSPHRASE") && !call.contains(".secret"), "{line:?}: {call}");
        }
    }
    let seen = fs::read_to_string(directory.join("seen")).unwrap();
    assert!(seen.contains("HUBCA_") && !seen.contains("PASSPHRASE"), "{seen}");
    assert_eq!(sung_in(directory), Vec::<PathBuf>::new());
}

/// A command is killed at every call of these kinds; `after` each kill is looked at, and the home is made ready for the next.
fn killed_at_each_call(cage: &Cage, line: &[&str], after: &dyn Fn(&str)) {
    let mut killed = 0;
    for call in ["openat", "write", "fsync", "renameat"] {
        for number_of_call in 1..100 {
            let inject = format!("inject={call}:signal=KILL:when={number_of_call}");
            let (answer, _) = cage.watched(cage.home.path(), line, &["-e", &format!("trace={call}"), "-e", &inject]);
            after(&inject);
            if answer.code == Some(0) {
                break;
            }
            killed += 1;
        }
    }
    assert!(killed > 20, "only {killed} were killed");
}

/// The files in which a key of an issuing CA stands in the clear: a line of its PEM, or its number.
fn bare_in(directory: &Path, line: &[u8], number: &[u8]) -> Vec<PathBuf> {
    let is_bare = |path: &PathBuf| {
        let content = fs::read(path).unwrap();
        contains(&content, line) || contains(&content, number)
    };
    files_below(directory).into_iter().filter(is_bare).collect()
}

#[test]
fn a_command_that_is_killed_while_it_seals_a_key_leaves_neither_the_key_nor_the_passphrase() {
    if !present("secrets of killed commands", &commands(&["strace"])) {
        return;
    }
    let cage = Cage::new();
    let key = cage.home.file("issuing/1/ca.key.pem");
    let number = private_number(&key);
    let line = fs::read_to_string(&key).unwrap().lines().nth(1).unwrap().as_bytes().to_vec();
    killed_at_each_call(&cage, &["key", "protect", "issuing"], &|inject| {
        for path in bare_in(cage.home.directory(), &line, &number) {
            assert_eq!(path, key, "{inject}");
        }
        assert_eq!(sung_in(cage.home.directory()), Vec::<PathBuf>::new(), "{inject}");
        // It was not disturbed, or it was done before the end came: the next one begins with a bare key again.
        cage.hubca(&["--passphrase-file", &cage.issuing, "key", "unprotect", "issuing", "--yes"]);
    });
}

/// Under its name for a while the key is bare already; it must not stay there beside one that is still under its passphrase.
#[test]
fn what_is_left_of_a_command_that_is_killed_while_it_opens_a_key_goes_with_the_next_command() {
    if !present("secrets of killed commands", &commands(&["strace"])) {
        return;
    }
    let cage = Cage::new();
    let key = cage.home.file("issuing/1/ca.key.pem");
    let number = private_number(&key);
    let line = fs::read_to_string(&key).unwrap().lines().nth(1).unwrap().as_bytes().to_vec();
    let secret = ["--passphrase-file", &cage.issuing, "--new-passphrase-file", &cage.issuing];
    let protect = || cage.hubca(&[&["key", "protect", "issuing"], &secret[..]].concat()).succeeded();
    protect();
    let (left, turn) = (Cell::new(0), Cell::new(0));
    let next: [&[&str]; 4] = [&["list"], &["audit", "verify"], &["status"], &["renew"]];
    killed_at_each_call(&cage, &["key", "unprotect", "issuing", "--yes"], &|inject| {
        // Beside the home lies what strace saw being written.
        let others = || bare_in(cage.home.path(), &line, &number).into_iter().filter(|path| *path != key).count();
        left.set(left.get() + others());
        let line = next[turn.replace(turn.get() + 1) % next.len()];
        let answer = cage.hubca(line);
        assert!(matches!(answer.code, Some(0 | 3)), "{inject}: {answer}");
        assert_eq!(others(), 0, "{inject}, then {line:?}");
        protect();
    });
    assert!(left.get() > 0, "no kill left a key: what was looked for was not seen");
}

#[test]
fn nothing_of_a_server_that_crashes_lies_in_a_core() {
    let home = TestHome::with_ca::<&str>(&[]);
    let plain = home.command();
    let mut shell = Command::new("bash");
    shell.args(["-c", "ulimit -c unlimited; exec \"$@\"", "bash"]).arg(plain.get_program()).args(plain.get_args());
    shell.args(["ocsp", "serve", "--bind", "127.0.0.1:0", "--json"]).current_dir(home.directory());
    let mut server = shell.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let mut said = std::io::BufReader::new(server.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"started\"") {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut said, &mut line).unwrap() > 0, "it ended before it was ready");
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    let process = rustix::process::Pid::from_child(&server);
    rustix::process::kill_process(process, rustix::process::Signal::ABORT).unwrap();
    let status = server.wait().unwrap();
    assert_eq!((status.signal(), status.core_dumped()), (Some(6), false));
    assert!(
        fs::read_dir(home.directory()).unwrap().all(|entry| !entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("core"))
    );
}
