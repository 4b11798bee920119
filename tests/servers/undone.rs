//! Putting a preset in its place, stopped or failing at its worst moment: everything is as it was before.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::machine::{Machine, on_a_machine};

/// Looks at its configuration, and comes to no end.
const SLOW: &str = "#!/bin/sh\n[ \"$1\" = -t ] || exit 0\ntouch /run/begun\nexec sleep 30\n";

const CONFIGURATION: &str = "/etc/nginx/conf.d/hub.lan.conf";
const INSTALL: [&str; 5] = ["export", "preset", "nginx", "hub.lan", "--install"];

#[test]
fn an_installation_that_somebody_stops_is_undone() {
    on_a_machine("a stopped installation", &["sh"], |machine| {
        theirs(machine);
        machine.program("nginx", SLOW);
        for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
            let before = told(CONFIGURATION);
            let mut child = begin(machine, &INSTALL);
            wait_for("/run/begun");
            assert!(fs::read_to_string(CONFIGURATION).unwrap().contains("Written by hubca"));
            kill_process(Pid::from_child(&child), signal).unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(1), "{signal:?}");
            assert_eq!(told(CONFIGURATION), before);
            assert_eq!(names("/etc/nginx/conf.d"), ["hub.lan.conf"]);
            fs::remove_file("/run/begun").unwrap();
        }
        let shown = machine.hubca(&["show", "hub.lan", "--json"]).succeeded().json();
        assert_eq!(shown["intent"]["server"], serde_json::Value::Null);
    });
}

#[test]
fn an_installation_that_was_killed_is_finished_by_the_next() {
    on_a_machine("a killed installation", &["sh"], |machine| {
        theirs(machine);
        machine.program("nginx", SLOW);
        let mut child = begin(machine, &INSTALL);
        wait_for("/run/begun");
        child.kill().unwrap();
        child.wait().unwrap();
        for directory in ["/etc/nginx/conf.d", "/etc/hubca/hub.lan"] {
            fs::write(Path::new(directory).join(".hubca-0123456789abcdef.tmp"), "left").unwrap();
        }
        machine.program("nginx", "#!/bin/sh\n");
        machine.program("systemctl", "#!/bin/sh\n");
        machine.hubca(&INSTALL).succeeded();
        assert_eq!(names("/etc/nginx/conf.d"), [".hub.lan.conf.before-hubca", "hub.lan.conf"]);
        assert_eq!(names("/etc/hubca/hub.lan").len(), 4);
        machine.hubca(&["export", "preset", "nginx", "hub.lan", "--remove"]).succeeded();
        assert_eq!(fs::read_to_string(CONFIGURATION).unwrap(), THEIRS);
        assert_eq!(names("/etc/nginx/conf.d"), ["hub.lan.conf"]);
    });
}

#[test]
fn a_disk_that_is_full_when_it_fails_does_not_keep_it_from_being_undone() {
    on_a_machine("a failed installation on a full disk", &["sh"], |machine| {
        machine.run("mkdir -p /etc/nginx/conf.d; mount -t tmpfs -o size=64k tmpfs /etc/nginx/conf.d");
        theirs(machine);
        let before = told(CONFIGURATION);
        let fill = "[ \"$1\" = -t ] || exit 0; head -c 200000 /dev/zero >/etc/nginx/conf.d/fill 2>/dev/null; printf 'no\\tgood\\n\\nat all\\n'; exit 1";
        machine.program("nginx", &format!("#!/bin/sh\n{fill}\n"));
        let said = machine.hubca(&INSTALL).failed_with(1).stderr;
        assert!(said.contains("    | no    good\n    |\n    | at all\n"), "{said}");
        assert!(said.contains("the files are as they were before"), "{said}");
        assert_eq!(told(CONFIGURATION), before);
        assert_eq!(names("/etc/nginx/conf.d"), ["fill", "hub.lan.conf"]);
    });
}

#[test]
fn what_was_changed_by_hand_is_kept_and_told_of() {
    on_a_machine("a changed configuration", &["sh"], |machine| {
        theirs(machine);
        machine.program("nginx", "#!/bin/sh\n");
        machine.program("systemctl", "#!/bin/sh\n");
        machine.hubca(&INSTALL).succeeded();
        let changed = format!("{}deny all;\n", fs::read_to_string(CONFIGURATION).unwrap());
        let copies = ["/etc/nginx/conf.d/.hub.lan.conf.edited", "/etc/nginx/conf.d/.hub.lan.conf.edited.2"];
        for (place, copy) in ["--install", "--remove"].into_iter().zip(copies) {
            fs::write(CONFIGURATION, &changed).unwrap();
            let answer = machine.hubca(&["export", "preset", "nginx", "hub.lan", place, "--json"]).succeeded().json();
            assert_eq!(answer["edited"], serde_json::json!([copy]));
            assert_eq!(fs::read_to_string(copy).unwrap(), changed);
        }
        assert_eq!(fs::read_to_string(CONFIGURATION).unwrap(), THEIRS);
    });
}

/// A file of a person at the place of the configuration, which nobody else shall read.
fn theirs(machine: &Machine) {
    machine.hubca(&["issue", "--dns", "hub.lan", "--ip", "127.0.0.1"]).succeeded();
    machine.run("rm -rf /etc/hubca/hub.lan; mkdir -p /etc/nginx/conf.d; chmod 755 /etc/nginx/conf.d");
    fs::write(CONFIGURATION, THEIRS).unwrap();
    fs::set_permissions(CONFIGURATION, fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::chown(CONFIGURATION, Some(33), Some(33)).unwrap();
}

fn begin(machine: &Machine, arguments: &[&str]) -> Child {
    let words = machine.words(arguments);
    Command::new(&words[0]).args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn wait_for(path: &str) {
    let is_there = (0..600).any(|_| {
        thread::sleep(Duration::from_millis(50));
        Path::new(path).exists()
    });
    assert!(is_there, "{path}");
}

/// What is in a file, and whose it is.
fn told(path: &str) -> (String, u32, u32, u32) {
    let found = fs::metadata(path).unwrap();
    (fs::read_to_string(path).unwrap(), found.mode(), found.uid(), found.gid())
}

fn names(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const THEIRS: &str = "# token SECRET\n";
