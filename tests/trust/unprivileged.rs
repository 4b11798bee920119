//! An ordinary user: sudo is called for the steps that need root's rights, for each of them alone.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};

use crate::{
    scene::{outcomes, pairs},
    support::{
        Answer,
        machine::{Machine, on_a_machine},
    },
};

/// The directory of a user, who has `hubca` and a home of their own.
struct User<'a> {
    machine: &'a Machine,
    directory: PathBuf,
}

impl<'a> User<'a> {
    fn new(machine: &'a Machine) -> Self {
        machine.run("useradd --no-create-home --home-dir /run/ann ann; mkdir -m 755 /run/ann; chown ann /run/ann");
        let user = Self { machine, directory: PathBuf::from("/run/ann") };
        fs::copy(env!("CARGO_BIN_EXE_hubca"), "/run/hubca").unwrap();
        fs::set_permissions("/run/hubca", fs::Permissions::from_mode(0o755)).unwrap();
        user.hubca(&["init", "--no-passphrase"]).succeeded();
        user
    }

    fn hubca(&self, line: &[&str]) -> Answer {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=ann", "--regid=ann", "--clear-groups", "/run/hubca"])
            .args(line)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", &self.directory)
            .current_dir("/");
        Answer::of(&mut command)
    }

    fn may_sudo(&self) {
        self.machine
            .run("echo 'ann ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ann; echo 'Defaults !fqdn' >>/etc/sudoers.d/ann");
    }
}

#[test]
fn sudo_is_called_for_the_steps_that_need_it() {
    let tools = ["update-ca-certificates", "sudo", "setpriv", "useradd"];
    on_a_machine("sudo", &tools, |machine| {
        let user = User::new(machine);
        user.may_sudo();
        machine.run("update-ca-certificates --fresh");
        let before = machine.run("sha256sum /etc/ssl/certs/ca-certificates.crt; ls /usr/local/share/ca-certificates");
        let shown = user.hubca(&["trust", "install", "--only", "system", "--dry-run", "--json"]).succeeded().json();
        let steps = shown["stores"][0]["steps"].as_array().unwrap();
        assert!(
            steps.iter().all(|step| step["command"].as_str().unwrap().starts_with("/usr/bin/sudo -n -- ")),
            "{shown}"
        );
        let trust = |verb: &str| user.hubca(&["trust", verb, "--only", "system", "--yes", "--json"]).succeeded().json();
        assert_eq!(outcomes(&trust("install")), pairs(&[("system", "done")]));
        assert_eq!(machine.run("stat -c '%a %U' /usr/local/share/ca-certificates/hubca-*"), "644 root\n");
        assert_eq!(outcomes(&trust("check")), pairs(&[("system", "trusted")]));
        assert_eq!(outcomes(&trust("remove")), pairs(&[("system", "done")]));
        let after = machine.run("sha256sum /etc/ssl/certs/ca-certificates.crt; ls /usr/local/share/ca-certificates");
        assert_eq!(after, before);
    });
}

#[test]
fn what_is_shown_beforehand_can_be_done_by_hand() {
    let tools = ["update-ca-certificates", "sudo", "setpriv", "useradd"];
    on_a_machine("the steps of a dry run", &tools, |machine| {
        let user = User::new(machine);
        user.may_sudo();
        let shown = user.hubca(&["trust", "install", "--only", "system", "--dry-run"]).succeeded().stdout;
        let lines = shown.lines().map(str::trim).filter(|line| line.starts_with("/usr/bin/sudo "));
        let lines: Vec<&str> = lines.collect();
        assert!(lines.iter().any(|line| line.ends_with(" <root.crt.pem")), "{shown}");
        assert!(shown.contains("root.crt.pem stands for the root in PEM"), "{shown}");
        machine.run("cp /run/ann/.local/share/hubca/root/root.crt.pem .");
        lines.iter().for_each(|line| drop(machine.run(&line.replace("/usr/bin/sudo -n -- ", ""))));
        user.hubca(&["trust", "check", "--only", "system"]).succeeded();
    });
}

#[test]
fn a_program_that_cannot_be_run_is_passed_over() {
    let tools = ["update-ca-certificates", "certutil"];
    on_a_machine("a certutil that is no program", &tools, |machine| {
        machine.program("certutil", "no program");
        machine.run("chmod 644 $HOME/programs/certutil; mkdir -p $HOME/.pki/nssdb");
        machine.run("PATH=${PATH#*:}; certutil -N -d sql:$HOME/.pki/nssdb --empty-password");
        // Whoever is root may read all, and run only what somebody may run.
        let shown =
            machine.hubca(&["trust", "install", "--only", "chromium", "--dry-run", "--json"]).succeeded().json();
        let line = shown["stores"][0]["steps"][0]["command"].as_str().unwrap();
        assert!(line.starts_with("/usr/bin/certutil "), "{line}");
    });
}

#[test]
fn what_stands_in_the_way_of_a_browsers_database_is_named() {
    on_a_machine("what stands in the way of a database", &["certutil"], |machine| {
        machine.program("chromium", "#!/bin/sh\n");
        let own = machine.directory().display();
        for (line, place, message, hint) in [
            ("ln -s /run/nowhere .pki", ".pki", "is a link that leads nowhere", "readlink"),
            ("touch .pki", ".pki", "is no directory", "move it away"),
            ("mkdir .pki; ln -s nowhere .pki/nssdb", ".pki/nssdb", "is a link that leads nowhere", "readlink"),
            ("mkdir .pki; touch .pki/nssdb", ".pki/nssdb", "is no directory", "move it away"),
        ] {
            machine.run(&format!("cd $HOME; {line}"));
            let before = machine.run("find $HOME/.pki");
            for more in [&["--dry-run"][..], &[]] {
                let line = ["trust", "install", "--only", "chromium", "--yes", "--json"];
                let answer = machine.hubca(&[&line, more].concat()).failed_with(1).json();
                let error = &answer["stores"][0]["error"];
                let said = error["message"].as_str().unwrap();
                assert!(said.starts_with(&format!("`{own}/{place}` {message}")), "{error}");
                assert!(error["hints"][0].as_str().unwrap().contains(hint), "{error}");
            }
            machine.hubca(&["trust", "remove", "--only", "chromium", "--yes"]).succeeded();
            assert_eq!(machine.run("find $HOME/.pki"), before);
            machine.run("rm -r $HOME/.pki");
        }
        // A link that leads somewhere is a way like any other, and stays.
        machine.run("mkdir $HOME/elsewhere; ln -s elsewhere $HOME/.pki");
        machine.hubca(&["trust", "install", "--only", "chromium", "--yes"]).succeeded();
        machine.hubca(&["trust", "remove", "--only", "chromium", "--yes"]).succeeded();
        assert_eq!(machine.run("cd $HOME; readlink .pki; find elsewhere"), "elsewhere\nelsewhere\n");
        // Of a directory that takes no writes somebody else is to be asked.
        machine.run("rm $HOME/.pki; mkdir $HOME/.pki; mount -t tmpfs -o ro tmpfs $HOME/.pki");
        let answer = machine.hubca(&["trust", "install", "--only", "chromium", "--yes"]).failed_with(1);
        assert!(answer.stdout.contains("whose it is"), "{answer}");
    });
}

#[test]
fn under_sudo_the_browsers_of_whoever_called_it_are_changed_by_their_own_rights() {
    let tools = ["certutil", "sudo", "setpriv", "useradd"];
    on_a_machine("sudo hubca", &tools, |machine| {
        let user = User::new(machine);
        user.may_sudo();
        machine.run("mkdir /run/ann/.pki /run/ann/.pki/nssdb; certutil -N -d sql:/run/ann/.pki/nssdb --empty-password; chown -R ann /run/ann/.pki");
        // The home is theirs, and root keeps out of it.
        let root = "/run/ann/.local/share/hubca/root/root.crt.pem";
        let fingerprint = machine.run(&format!("openssl x509 -in {root} -outform DER | sha256sum | cut -d' ' -f1"));
        let trust = |verb: &str| {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=ann", "--regid=ann", "--clear-groups", "sudo", "-n", "/run/hubca", "trust", verb])
                .args(["--only", "chromium", "--yes", "--json", "--root", root, "--sha256", fingerprint.trim()])
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("HOME", &user.directory)
                .current_dir("/");
            Answer::of(&mut command).succeeded().json()
        };
        let installed = trust("install");
        assert_eq!(outcomes(&installed), pairs(&[("chromium", "done")]));
        assert_eq!(installed["stores"][0]["place"], "/run/ann/.pki/nssdb");
        assert_eq!(outcomes(&trust("check")), pairs(&[("chromium", "trusted")]));
        assert_eq!(machine.run("find /run/ann/.pki ! -user ann"), "");
        assert_eq!(outcomes(&trust("remove")), pairs(&[("chromium", "done")]));
        // Where there is none, it is made as theirs, and goes again.
        machine.run("rm -r /run/ann/.pki; mount -t tmpfs tmpfs /usr/local/bin; printf '#!/bin/sh\\n' >/usr/local/bin/chromium; chmod 755 /usr/local/bin/chromium");
        assert_eq!(outcomes(&trust("install")), pairs(&[("chromium", "done")]));
        assert_eq!(machine.run("find /run/ann/.pki ! -user ann; find /run/ann/.pki | wc -l"), "6\n");
        assert_eq!(outcomes(&trust("remove")), pairs(&[("chromium", "done")]));
        machine.run("test ! -e /run/ann/.pki");
    });
}

#[test]
fn who_may_not_call_sudo_or_has_none_is_told() {
    let tools = ["update-ca-certificates", "sudo", "setpriv", "useradd"];
    on_a_machine("no sudo", &tools, |machine| {
        let user = User::new(machine);
        let install = || user.hubca(&["trust", "install", "--only", "system", "--yes", "--json"]).failed_with(1).json();
        let error = install()["stores"][0]["error"].clone();
        assert!(error["said"][0].as_str().unwrap().contains("a password is required"), "{error}");
        assert!(error["hints"][0].as_str().unwrap().contains("on a terminal sudo asks"), "{error}");
        machine.run("mkdir /run/bin; cp -a /usr/bin/. /run/bin; rm /run/bin/sudo; mount --bind /run/bin /usr/bin");
        let error = install()["stores"][0]["error"].clone();
        assert_eq!(error["message"], "it takes root's rights, and there is no sudo");
        assert_eq!(error["hints"][0], "do the same as root; on another machine: --on ssh://root@HOST");
    });
}

#[test]
fn a_java_of_a_users_own_is_never_run_by_root() {
    let tools = ["keytool", "java", "sudo", "setpriv", "useradd", "openssl"];
    on_a_machine("a Java of a user's own", &tools, |machine| {
        let user = User::new(machine);
        user.may_sudo();
        // One has a keystore of its own and lies behind a link; one has that of the system.
        machine.run(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out /run/other.pem -subj /CN=other
             for place in /run/ann/.sdkman/candidates/java/21 /run/ann/java; do
                 mkdir -p $place/bin $place/lib/security
                 printf '#!/bin/sh\\nid -u >>/run/called\\nexec /usr/bin/keytool \"$@\"\\n' >$place/bin/keytool
                 chmod 755 $place/bin/keytool
             done
             keytool -importcert -noprompt -alias other -file /run/other.pem -storetype PKCS12 -storepass changeit \\
                 -keystore /run/ann/.sdkman/candidates/java/21/lib/security/cacerts
             ln -s /etc/ssl/certs/java/cacerts /run/ann/java/lib/security/cacerts
             chown -R ann /run/ann; ln -s /run/ann /run/link; touch /run/called; chmod 666 /run/called",
        );
        let trust = |verb: &str| {
            let mut command = Command::new("setpriv");
            command
                .args([
                    "--reuid=ann",
                    "--regid=ann",
                    "--clear-groups",
                    "/run/hubca",
                    "trust",
                    verb,
                    "--only",
                    "java",
                    "--yes",
                    "--json",
                ])
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("HOME", "/run/link")
                .env("JAVA_HOME", "ann/java")
                .current_dir("/run");
            Answer::of(&mut command).succeeded().json()
        };
        let twice = |outcome| pairs(&[("java", outcome), ("java", outcome)]);
        assert_eq!(outcomes(&trust("install")), twice("done"));
        assert_eq!(outcomes(&trust("remove")), twice("done"));
        let by = fs::read_to_string("/run/called").unwrap();
        let ann = machine.run("id -u ann");
        assert!(!by.is_empty() && by.lines().all(|line| line == ann.trim()), "{by}");
    });
}
