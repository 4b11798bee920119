//! A machine of a test's own: a network with nothing but itself, where it is 192.168.0.1 and fd00::1, an `/etc`, `/run` and
//! `/var/log` whose changes are gone with it, and memory that is shared on it alone.
//!
//! So a server is put in place as a person would do it, at the ports and in the directories of its Debian package, and many of them
//! at once. It takes root's rights, and Linux.

use std::{
    ffi::OsStr,
    fmt::Write as _,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use nix::sched::{CloneFlags, unshare};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{
    Answer, TestHome,
    server::Server,
    tools::{commands, present, skipped},
};

/// A machine with a CA, and a certificate of the label `hub.lan`.
pub(crate) struct Machine {
    home: TestHome,
}

/// Runs `test` on a machine of its own, if the tools are here and such a machine can be had.
pub(crate) fn on_a_machine(what: &str, tools: &[&str], test: impl FnOnce(&Machine) + Send) {
    with_tools(what, &commands(tools), test);
}

/// The same with tools that are not on the `PATH`.
pub(crate) fn with_tools(what: &str, tools: &[PathBuf], test: impl FnOnce(&Machine) + Send) {
    let tools = [tools, &commands(&["ip", "mount", "curl"])].concat();
    if !present(what, &tools) {
        return;
    }
    // What is not shared is so for a thread, and for whatever it starts.
    let ended = std::thread::scope(|scope| {
        scope
            .spawn(|| match Machine::set_up() {
                Some(machine) => test(&machine),
                None => {
                    let line = format!("{what}: no machine of its own can be made here, for want of root's rights");
                    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{line}");
                    skipped(&line);
                }
            })
            .join()
    });
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

impl Machine {
    fn set_up() -> Option<Self> {
        unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC).ok()?;
        let made = Command::new("sh").args(["-ec", SET_UP]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let home = TestHome::with_ca::<&str>(&[]);
        fs::create_dir(home.directory().join("programs")).unwrap();
        fs::create_dir(home.directory().join("written")).unwrap();
        Some(Self { home })
    }

    /// The directory of the person who sits at it.
    pub(crate) fn directory(&self) -> &Path {
        self.home.directory()
    }

    /// `hubca` with arguments, as words that anybody can run.
    pub(crate) fn words(&self, arguments: &[&str]) -> Vec<String> {
        let hubca = self.home.command();
        let said = |text: &OsStr| text.to_str().unwrap().to_owned();
        let mut words = vec!["env".to_owned(), "-i".to_owned()];
        words.extend(hubca.get_envs().filter_map(|(name, value)| Some(format!("{}={}", said(name), said(value?)))));
        words.push(format!("PATH={}", self.path()));
        words.push(said(hubca.get_program()));
        words.extend(hubca.get_args().map(said));
        words.extend(arguments.iter().map(|&word| word.to_owned()));
        words
    }

    /// A certificate for all names of this machine, in the directory where presets look for it.
    pub(crate) fn issue(&self, options: &[&str]) {
        let names = ["issue", "--ip", "127.0.0.1", "--ip", "::1", "--dns", "hub.lan", "--dns", "*.hub.lan"];
        let place = ["--label", "hub.lan", "--out", "/etc/hubca/hub.lan"];
        self.hubca(&[&names[..], &place, options].concat()).succeeded();
    }

    pub(crate) fn hubca(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.home.command().args(arguments).env("PATH", self.path()))
    }

    /// What `hubca export preset` says of a server, its files written.
    #[track_caller]
    pub(crate) fn preset(&self, target: &str, options: &[&str]) -> Value {
        let written = self.written("").to_string_lossy().into_owned();
        let line = ["export", "preset", target, "hub.lan", "--out", &written, "--force", "--json"];
        self.hubca(&[&line[..], options].concat()).succeeded().json()
    }

    /// A file that the last preset wrote.
    pub(crate) fn written(&self, name: &str) -> PathBuf {
        self.home.directory().join("written").join(name)
    }

    /// Has hubca remember what the preset says, by the preset's own words.
    #[track_caller]
    pub(crate) fn remember(&self, preset: &Value) {
        let words: Vec<&str> =
            preset["remember"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        assert_eq!(words[0], "hubca");
        self.hubca(&words[1..]).succeeded();
    }

    /// Renews, which runs the hook and looks at the server, and gives the new serial number.
    #[track_caller]
    pub(crate) fn renew(&self) -> String {
        let answer = self.hubca(&["renew", "hub.lan", "--force", "--json"]).succeeded().json();
        assert_eq!(answer[0]["outcome"], "renewed", "{answer}");
        answer[0]["certificate"]["serial"].as_str().unwrap().to_owned()
    }

    /// The serial number of the newest certificate.
    pub(crate) fn serial(&self) -> String {
        let shown = self.hubca(&["show", "hub.lan", "--json"]).succeeded().json();
        shown["serial"].as_str().unwrap().to_owned()
    }

    /// A stand-in for systemd: what `systemctl WORDS` runs here, as the unit of the Debian package has it.
    pub(crate) fn systemctl(&self, units: &[(&str, &str)]) {
        let mut script = format!("#!/bin/sh\nPATH={}\ncase \"$*\" in\n", self.path());
        for (words, line) in units {
            writeln!(script, "'{words}') {line} ;;").unwrap();
        }
        script.push_str("*) echo \"no such unit: $*\" >&2; exit 5 ;;\nesac\n");
        self.program("systemctl", &script);
    }

    /// A program of that name on this machine.
    pub(crate) fn program(&self, name: &str, script: &str) {
        let path = self.home.directory().join("programs").join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a line as root's shell does, and gives what it said, on both ways.
    #[track_caller]
    pub(crate) fn run(&self, line: &str) -> String {
        let output = self.shell(line).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(output.status.success(), "{line}: {}\n{said}", output.status);
        said
    }

    /// Starts a server and waits until its port answers.
    pub(crate) fn serve(&self, port: u16, line: &str) -> Server {
        Server::start(port, &mut self.shell(&format!("exec >/var/log/server 2>&1; exec {line}")))
    }

    /// A shell of root's, without anything of the surroundings.
    pub(crate) fn shell(&self, line: &str) -> Command {
        let mut shell = Command::new("sh");
        shell
            .args(["-ec", line])
            .env_clear()
            .env("PATH", self.path())
            .env("HOME", self.home.directory())
            .env("LANG", "C.UTF-8")
            .current_dir(self.written(""));
        shell
    }

    /// The root, as every device would have it.
    pub(crate) fn root(&self) -> PathBuf {
        self.home.file("root/root.crt.pem")
    }

    pub(crate) fn root_pem(&self) -> String {
        fs::read_to_string(self.root()).unwrap()
    }

    fn path(&self) -> String {
        let surroundings = std::env::var("PATH").unwrap_or_default();
        format!("{}:{surroundings}:/usr/sbin:/sbin", self.home.directory().join("programs").display())
    }
}

/// Who is left on this machine: the processes in its network, of which this thread's own is none.
fn left_behind() -> Vec<Pid> {
    let network = fs::read_link("/proc/thread-self/ns/net").unwrap();
    let numbers = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers
        .filter(|number: &i32| fs::read_link(format!("/proc/{number}/ns/net")).is_ok_and(|its| its == network))
        .filter_map(Pid::from_raw)
        .collect()
}

impl Drop for Machine {
    fn drop(&mut self) {
        // What a server has started in sessions of its own does not end with it.
        for process in left_behind() {
            let _ended = kill_process(process, Signal::KILL);
        }
        if std::thread::panicking() {
            let said = self
                .shell("tail -n 40 $(find /var/log -type f -size +0); ls -ld /etc/hubca/* /etc/hubca/*/*")
                .output()
                .unwrap();
            #[expect(clippy::print_stderr, reason = "what the server said is gone with the machine")]
            {
                eprintln!("{}", String::from_utf8_lossy(&[said.stdout, said.stderr].concat()));
            }
        }
    }
}

/// The tools of Apache's package mark beside `/etc` what they did there, Mosquitto keeps its messages in a file, and what is trusted by
/// the system lies in several places. Debian has `/run` and `/var/log` made by systemd and by the units of the packages.
const SET_UP: &str = "
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
for place in /etc /usr/local/share/ca-certificates /var/lib/apache2 /var/lib/ca-certificates-java /var/lib/dpkg /var/lib/mosquitto; do
    [ -d $place ] || continue
    mkdir -p /mnt/upper$place /mnt/work$place
    mount -t overlay overlay -o lowerdir=$place,upperdir=/mnt/upper$place,workdir=/mnt/work$place $place
done
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/log
mkdir -p /run/lock /run/apache2 /run/caddy /run/haproxy /run/mosquitto /run/postgresql
mkdir -p /var/log/nginx /var/log/apache2 /var/log/mosquitto /var/log/postgresql
chmod 1777 /run/caddy /run/postgresql
ip link set lo up
ip address add 192.168.0.1/32 dev lo
ip address add fd00::1/128 dev lo nodad
rm -rf /etc/hubca
mkdir -p /etc/hubca/hub.lan
";
