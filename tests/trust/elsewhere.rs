//! Another machine: a real server of SSH on loopback, with users and files of its own, which the tests change from outside.

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::{
    scene::{contents, outcomes, pairs},
    support::{
        Answer, TestHome,
        machine::{Machine, on_a_machine},
        server::{Server, free_port},
    },
};

const TOOLS: [&str; 9] = [
    "ssh",
    "ssh-keygen",
    "/usr/sbin/sshd",
    "certutil",
    "update-ca-certificates",
    "sudo",
    "useradd",
    "unshare",
    "nsenter",
];

/// What is looked at for traces: the stores, the user's own files, and where programs leave theirs. Java's own store is written anew
/// with every change, by the system's own program.
const PLACES: &str = "/usr/local/share/ca-certificates /etc/ssl/certs/*.crt /etc/ssl/certs/*.pem /etc/ssl/certs/*.[0-9] /run/ann /tmp /var/tmp /etc/passwd /etc/sudoers.d";

/// A machine that is reached by SSH: its `/etc` and its anchors are its own.
struct There<'a> {
    machine: &'a Machine,
    server: Server,
}

impl<'a> There<'a> {
    /// With the user `ann`, who has this shell and may call sudo by this line.
    fn new(machine: &'a Machine, shell: &str, sudoers: &str) -> Self {
        let port = free_port();
        machine.run(&format!(
            "mount -t tmpfs -o mode=700 tmpfs /root
             useradd --no-create-home --home-dir /run/ann --shell {shell} ann
             echo ann:correct-horse | chpasswd
             mkdir -m 755 /run/ann /run/sshd
             echo '{sudoers}' >/etc/sudoers.d/ann
             mkdir -p /run/ann/.pki/nssdb
             certutil -N -d sql:/run/ann/.pki/nssdb --empty-password
             chown -R ann /run/ann
             mkdir -m 700 /root/.ssh
             ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
             ssh-keygen -q -t ed25519 -N '' -f /run/host_key
             cp /root/.ssh/id_ed25519.pub /run/ann.keys
             echo \"[127.0.0.1]:{port} $(cut -d' ' -f1,2 /run/host_key.pub)\" >/root/.ssh/known_hosts
             update-ca-certificates --fresh
             touch /run/sshd.log"
        ));
        fs::write("/run/sshd_config", CONFIGURATION.replace("PORT", &port.to_string())).unwrap();
        fs::write("/run/there.sh", THERE).unwrap();
        let server = machine.serve(port, "unshare --mount sh -e /run/there.sh");
        Self { machine, server }
    }

    fn address(&self) -> String {
        format!("ssh://ann@127.0.0.1:{}", self.server.port)
    }

    fn trust(&self, verb: &str, more: &[&str]) -> Answer {
        let address = self.address();
        let yes: &[&str] = if verb == "check" { &[] } else { &["--yes"] };
        self.machine.hubca(&[&["trust", verb, "--on", &address, "--json"], yes, more].concat())
    }

    /// Runs a line there, as root.
    fn run(&self, line: &str) -> String {
        fs::write("/run/line", line).unwrap();
        self.machine.run("nsenter --target $(cat /run/sshd.pid) --mount sh -e /run/line")
    }

    /// All of it, but what every Java leaves in `/tmp`, which the system's own program calls.
    fn contents(&self) -> String {
        fs::write("/run/contents", format!("for place in {PLACES}; do find $place ! -type d -exec sha256sum {{}} + ; find $place -type d ! -name 'hsperfdata_*'; done | sort"))
            .unwrap();
        self.machine.run("nsenter --target $(cat /run/sshd.pid) --mount sh -e /run/contents")
    }

    /// How many connections were let in so far.
    fn connections(&self) -> usize {
        fs::read_to_string("/run/sshd.log").unwrap().matches("Accepted publickey for ann").count()
    }
}

const CONFIGURATION: &str = "
Port PORT
ListenAddress 127.0.0.1
HostKey /run/host_key
PidFile /run/sshd.pid
AuthorizedKeysFile /run/%u.keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
LogLevel VERBOSE
";

const THERE: &str = "
mount --make-rprivate /
mkdir -p /mnt/there
mount -t tmpfs tmpfs /mnt/there
mount -t tmpfs -o mode=1777 tmpfs /tmp
for place in /etc /usr/local/share/ca-certificates; do
    mkdir -p /mnt/there/upper$place /mnt/there/work$place
    mount -t overlay overlay -o lowerdir=$place,upperdir=/mnt/there/upper$place,workdir=/mnt/there/work$place $place
done
exec /usr/sbin/sshd -D -E /run/sshd.log -f /run/sshd_config
";

const FREELY: &str = "ann ALL=(ALL) NOPASSWD: ALL";
const ITS_STORES: [&str; 4] = ["--only", "system", "--only", "chromium"];

#[test]
fn another_machine_trusts_the_root_after_install_and_is_as_it_was_after_remove() {
    on_a_machine("another machine over ssh", &[&TOOLS[..], &["csh"]].concat(), |machine| {
        let there = There::new(machine, "/bin/csh", FREELY);
        // What a login shell says is no answer, in csh neither.
        fs::write("/run/ann/.cshrc", "echo welcome\necho 'f f f'\n").unwrap();
        let (before, here) = (there.contents(), contents(machine, "/usr/local/share/ca-certificates /etc/ssl/certs"));
        let both = |outcome| pairs(&[("system", outcome), ("chromium", outcome)]);

        let asked = there.trust("check", &ITS_STORES).failed_with(3).json();
        assert_eq!(outcomes(&asked), both("absent"));
        assert_eq!(asked["on"], there.address());
        let shown = there.trust("install", &[&ITS_STORES[..], &["--dry-run"]].concat()).succeeded().json();
        assert_eq!((outcomes(&shown), &shown["done"]), (both("planned"), &Value::Bool(false)));
        let steps = shown["stores"][0]["steps"].as_array().unwrap();
        let is_by_sudo = |step: &Value| step["command"].as_str().unwrap().starts_with("/usr/bin/sudo -n -- ");
        assert!(steps.iter().all(is_by_sudo), "{shown}");
        assert_eq!(there.contents(), before);

        assert_eq!(there.connections(), 2);
        assert_eq!(outcomes(&there.trust("install", &ITS_STORES).succeeded().json()), both("done"));
        assert_eq!(there.connections(), 3);
        assert_eq!(outcomes(&there.trust("check", &ITS_STORES).succeeded().json()), both("trusted"));
        assert_eq!(outcomes(&there.trust("install", &ITS_STORES).succeeded().json()), both("already_so"));
        assert_eq!(there.run("stat -c '%a %U' /usr/local/share/ca-certificates/hubca-*"), "644 root\n");
        assert_eq!(there.run("find /run/ann ! -user ann ! -name .cshrc"), "");
        let listed = "certutil -L -d sql:/run/ann/.pki/nssdb | grep -c '^hubca-.* C,,'";
        assert_eq!(there.run(listed).trim(), "1");
        // This machine is none of its business.
        assert_eq!(contents(machine, "/usr/local/share/ca-certificates /etc/ssl/certs"), here);

        assert_eq!(outcomes(&there.trust("remove", &ITS_STORES).succeeded().json()), both("done"));
        let left = there.contents();
        // A database is written anew; what is in it is the same.
        let but_databases =
            |told: &str| told.lines().filter(|line| !line.contains("/nssdb/")).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(but_databases(&left), but_databases(&before));
        assert_eq!(left.lines().count(), before.lines().count());
        assert!(!there.run("certutil -L -d sql:/run/ann/.pki/nssdb").contains("hubca-"));
        // Whoever is let go takes a moment to end.
        machine.run(
            "for second in $(seq 20); do pgrep -u ann >/dev/null || exit 0; sleep 1; done; pgrep -a -u ann; exit 1",
        );
    });
}

#[test]
fn any_login_shell_will_do_and_one_that_is_none_is_told() {
    on_a_machine("login shells of another machine", &[&TOOLS[..], &["csh", "bash", "dash"]].concat(), |machine| {
        let there = There::new(machine, "/bin/bash", FREELY);
        fs::write("/run/ann/.bashrc", "echo hello; printf 'a line without an end'\n").unwrap();
        for shell in ["/bin/bash", "/bin/dash", "/bin/csh", "/usr/bin/fish", "/bin/zsh"] {
            if !PathBuf::from(shell).exists() {
                continue;
            }
            there.run(&format!("usermod --shell {shell} ann"));
            let asked = there.trust("check", &ITS_STORES).failed_with(3).json();
            assert_eq!(outcomes(&asked), pairs(&[("system", "absent"), ("chromium", "absent")]), "{shell}");
        }
        there.run("usermod --shell /usr/sbin/nologin ann");
        let refused = there.trust("check", &ITS_STORES).failed_with(1).error();
        assert!(refused["message"].as_str().unwrap().ends_with("there is no shell `/bin/sh` for us"), "{refused}");
    });
}

#[test]
fn a_name_with_spaces_and_quotes_is_a_name_and_nothing_more() {
    on_a_machine("a user with an odd directory", &TOOLS, |machine| {
        let there = There::new(machine, "/bin/bash", FREELY);
        let odd = "/run/o'neil \"$(touch /run/pwned)\" `touch /run/pwned`; touch /run/pwned #";
        fs::create_dir_all(format!("{odd}/.pki/nssdb")).unwrap();
        fs::rename("/run/ann/.pki/nssdb/cert9.db", format!("{odd}/.pki/nssdb/cert9.db")).unwrap();
        for name in ["key4.db", "pkcs11.txt"] {
            fs::rename(format!("/run/ann/.pki/nssdb/{name}"), format!("{odd}/.pki/nssdb/{name}")).unwrap();
        }
        machine.run("chown -R ann /run/o*");
        let passwd = there.run("cat /etc/passwd").replace(":/run/ann:", &format!(":{odd}:"));
        fs::write("/run/passwd", passwd).unwrap();
        there.run("cp /run/passwd /etc/passwd");
        let only = ["--only", "chromium"];
        let installed = there.trust("install", &only).succeeded().json();
        assert_eq!(outcomes(&installed), pairs(&[("chromium", "done")]));
        assert_eq!(installed["stores"][0]["place"], format!("{odd}/.pki/nssdb"));
        assert_eq!(outcomes(&there.trust("check", &only).succeeded().json()), pairs(&[("chromium", "trusted")]));
        assert_eq!(outcomes(&there.trust("remove", &only).succeeded().json()), pairs(&[("chromium", "done")]));
        assert!(!PathBuf::from("/run/pwned").exists());
    });
}

#[test]
fn what_is_no_address_reaches_no_program() {
    on_a_machine("addresses of machines", &[], |machine| {
        machine.program("ssh", "#!/bin/sh\ntouch /run/called\nexit 255\n");
        machine.program("docker", "#!/bin/sh\ntouch /run/called\nexit 255\n");
        for address in [
            "nas",
            "ssh://-oProxyCommand=id",
            "ssh://a b",
            "ssh://a'b",
            "ssh://a\nb",
            "ssh://$(id)@b",
            "docker:-it",
            "docker:a;b",
        ] {
            let refused = machine.hubca(&["trust", "check", "--on", address, "--json"]).failed_with(2).error();
            assert_eq!(refused["kind"], "usage", "{address}");
        }
        assert!(!PathBuf::from("/run/called").exists());
        machine.hubca(&["trust", "check", "--on", "ssh://nas", "--json"]).failed_with(1);
        assert!(PathBuf::from("/run/called").exists());
    });
}

/// The failure of a machine that is not reached.
#[track_caller]
fn unreached(answer: Answer, why: &str, hint: &str) -> Value {
    let error = answer.failed_with(1).error();
    assert!(error["message"].as_str().unwrap().ends_with(why), "{error}");
    assert!(error["hints"].to_string().contains(hint), "{error}");
    error
}

#[test]
fn a_machine_that_is_not_reached_is_told_with_the_reason() {
    on_a_machine("machines that are not reached", &TOOLS, |machine| {
        let there = There::new(machine, "/bin/bash", FREELY);
        let check = || there.trust("check", &ITS_STORES);
        check().failed_with(3);

        let nobody = format!("ssh://ann@127.0.0.1:{}", free_port());
        unreached(machine.hubca(&["trust", "check", "--on", &nobody, "--json"]), "nobody answers there", "is on");
        let unknown = ["trust", "check", "--on", "ssh://no-such-host.test", "--json"];
        unreached(machine.hubca(&unknown), "nobody knows that name", "as ssh would find it");

        // It takes the connection and says nothing.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let silent = format!("ssh://ann@{}", listener.local_addr().unwrap());
        unreached(machine.hubca(&["trust", "check", "--on", &silent, "--json"]), "nobody answers there", "is on");

        let known = fs::read_to_string("/root/.ssh/known_hosts").unwrap();
        fs::write("/root/.ssh/known_hosts", "").unwrap();
        unreached(check(), "its host key is not known here", &format!("ssh -p {} ann@127.0.0.1", there.server.port));
        assert_eq!(fs::read_to_string("/root/.ssh/known_hosts").unwrap(), "");

        machine.run("ssh-keygen -q -t ed25519 -N '' -f /run/other_key");
        let other = fs::read_to_string("/run/other_key.pub").unwrap();
        fs::write("/root/.ssh/known_hosts", format!("[127.0.0.1]:{} {other}", there.server.port)).unwrap();
        let changed = unreached(check(), "its host key is another one than before", "ssh-keygen -R");
        assert!(changed["said"].to_string().contains("SHA256:"), "{changed}");
        fs::write("/root/.ssh/known_hosts", known).unwrap();

        fs::copy("/run/other_key.pub", "/run/ann.keys").unwrap();
        unreached(check(), "it does not let us in", "asks for nothing");

        let (root, address) = (machine.root(), there.address());
        let line = ["trust", "check", "--on", &address, "--json", "--root", root.to_str().unwrap()];
        let nobody = TestHome::empty();
        let missing = Answer::of(nobody.command().args(line).env("PATH", "/run/nothing")).failed_with(1).error();
        assert!(missing["hints"].to_string().contains("openssh-client"), "{missing}");
    });
}

#[test]
fn sudo_there_is_asked_without_a_word_or_with_the_password_that_somebody_types() {
    on_a_machine("sudo on another machine", &[&TOOLS[..], &["script"]].concat(), |machine| {
        let there = There::new(machine, "/bin/bash", "ann ALL=(ALL) ALL");
        let refused = there.trust("install", &["--only", "system"]).failed_with(1).json();
        let error = &refused["stores"][0]["error"];
        assert!(error["said"][0].as_str().unwrap().contains("a password is required"), "{error}");
        assert!(error["hints"].to_string().contains("ssh://root@HOST"), "{error}");
        assert_eq!(there.run("find /usr/local/share/ca-certificates -name 'hubca-*'"), "");

        let line = machine.words(&["trust", "install", "--on", &there.address(), "--only", "system"]);
        let at_terminal = |answers: &str| {
            let line = line.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
            fs::write("/run/at-terminal", line).unwrap();
            // Whoever sits there reads before they type.
            fs::write("/run/answers", format!("sleep 6; {answers}; sleep 20")).unwrap();
            let line = "sh /run/answers | timeout 90 script --quiet --return --flush --command 'sh /run/at-terminal' /dev/null";
            machine.shell(line).output().unwrap()
        };
        let ended = at_terminal("printf 'y\\r'; sleep 3; printf 'correct-horse\\r'");
        let said = String::from_utf8_lossy(&ended.stdout).into_owned();
        assert!(ended.status.success(), "{said}");
        assert!(said.contains("password for sudo on ssh://ann@127.0.0.1") && !said.contains("correct-horse"), "{said}");
        // What will be run is told before.
        let told = said.find("/usr/bin/sudo -n -- install").unwrap();
        assert!(told < said.find("password for sudo").unwrap(), "{said}");
        assert_eq!(there.run("ls /usr/local/share/ca-certificates/hubca-* | wc -l").trim(), "1");
        // It has forgotten us.
        there.trust("remove", &["--only", "system"]).failed_with(1);
    });
}

#[test]
fn a_root_from_a_file_goes_to_a_machine_without_a_home_on_either_side() {
    on_a_machine("a pinned root for another machine", &[&TOOLS[..], &["openssl"]].concat(), |machine| {
        let there = There::new(machine, "/bin/bash", FREELY);
        let file = machine.root().display().to_string();
        let digest = machine.run(&format!("openssl x509 -in {file} -outform DER | sha256sum | cut -d' ' -f1"));
        let nobody = TestHome::empty();
        let address = there.address();
        let line = ["trust", "install", "--on", &address, "--only", "system", "--yes", "--json", "--root", &file];
        let install =
            |more: &[&str]| Answer::of(nobody.command().args(line).args(more).env("PATH", "/usr/sbin:/usr/bin:/bin"));
        assert_eq!(install(&[]).failed_with(2).error()["kind"], "usage");
        assert_eq!(there.connections(), 0);
        let done = install(&["--sha256", digest.trim()]).succeeded().json();
        assert_eq!(outcomes(&done), pairs(&[("system", "done")]));
        assert_eq!(
            outcomes(&there.trust("remove", &["--only", "system"]).succeeded().json()),
            pairs(&[("system", "done")])
        );
    });
}

#[test]
fn a_database_that_is_made_there_goes_again() {
    on_a_machine("a database that is made on another machine", &TOOLS, |machine| {
        let there = There::new(machine, "/bin/bash", FREELY);
        there.run("rm -r /run/ann/.pki; mount -t tmpfs tmpfs /usr/games; printf '#!/bin/sh\\n' >/usr/games/chromium; chmod 755 /usr/games/chromium");
        let before = there.contents();
        let trust = |verb: &str| outcomes(&there.trust(verb, &["--only", "chromium"]).succeeded().json());
        assert_eq!(trust("install"), pairs(&[("chromium", "done")]));
        assert_eq!(there.run("find /run/ann/.pki ! -user ann; find /run/ann/.pki | wc -l"), "6\n");
        assert_eq!(trust("remove"), pairs(&[("chromium", "done")]));
        assert_eq!(there.contents(), before);
    });
}

#[test]
fn what_is_begun_there_comes_to_its_end_though_the_connection_is_lost() {
    on_a_machine("a connection that is lost in the middle", &TOOLS, |machine| {
        let there = There::new(machine, "/bin/bash", FREELY);
        let (only, links) =
            (["--only", "system"], || there.run("find /etc/ssl/certs -type l | wc -l").trim().parse::<i32>().unwrap());
        // It says something all the time, as the real one does.
        there.run(
            "cp $(command -v update-ca-certificates) /run/update
             printf '#!/bin/sh -e\\n: >/run/begun\\nfor n in 1 2 3 4; do echo working; sleep 0.5; done\\n/run/update \"$@\"\\necho done\\n: >/run/done' >/run/slow
             chmod +x /run/slow; mount --bind /run/slow $(command -v update-ca-certificates)",
        );
        // hubca, its ssh, and the server's side of the connection.
        for killed in ["$program", "$(pgrep -P $program)", "$(pgrep -P $(pgrep -P $(cat /run/sshd.pid)))"] {
            there.trust("install", &only).succeeded();
            let before = links();
            let line = machine.words(&["trust", "remove", "--on", &there.address(), "--yes", "--only", "system"]);
            let quoted = line.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
            machine.run(&format!(
                "rm /run/begun /run/done
                 {quoted} >/run/told 2>&1 & program=$!
                 for n in $(seq 300); do [ -e /run/begun ] && break; sleep 0.1; done; sleep 0.7; kill -KILL {killed}
                 wait $program && exit 1
                 for n in $(seq 300); do [ -e /run/done ] && exit; sleep 0.1; done; cat /run/told; exit 1"
            ));
            assert!(links() >= before - 3, "{killed}: {} of {before} links are left", links());
            there.trust("check", &only).failed_with(3);
            let gone = "for second in $(seq 20); do
                    for process in /proc/[0-9]*; do
                        [ \"$(readlink $process/ns/net)\" = \"$(readlink /proc/self/ns/net)\" ] && tr '\\0' ' ' <$process/cmdline || true
                        echo
                    done >/run/running 2>/dev/null
                    grep -qx 'cat ' /run/running || exit 0
                    sleep 1
                done; cat /run/running; exit 1";
            machine.run(gone);
        }
    });
}
