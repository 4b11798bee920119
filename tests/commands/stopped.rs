//! Commands that were stopped at a chosen moment, and the next one. `tests/kill_sweep` goes through all moments.

use std::{
    fs,
    process::{Command, Output},
};

use crate::support::TestHome;

/// Runs a command that is killed when it makes a system call for the n-th time.
fn killed_at(home: &TestHome, call: &str, number: usize, arguments: &[&str]) -> Output {
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e"])
        .arg(format!("inject={call}:signal=KILL:when={number}"))
        .arg(env!("CARGO_BIN_EXE_hubca"))
        .arg("--home")
        .arg(home.path())
        .args(arguments)
        .current_dir(home.directory())
        .output()
        .unwrap();
    assert!(!output.status.success() && output.stdout.is_empty(), "it was not stopped: {output:?}");
    output
}

#[test]
fn a_root_key_outside_of_a_ca_that_never_was_does_not_stand_in_the_way() {
    let home = TestHome::empty();
    let stick = home.directory().join("stick");
    fs::create_dir(&stick).unwrap();
    let init = ["init", "--no-passphrase", "--root-key-out", stick.to_str().unwrap()];
    // The first rename makes the finished CA of the unfinished one.
    killed_at(&home, "rename", 1, &init);
    let orphan = fs::read(stick.join("root.key.pem")).unwrap();
    home.hubca(&init).succeeded();
    assert_ne!(fs::read(stick.join("root.key.pem")).unwrap(), orphan);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
}

#[test]
fn a_root_key_of_somebody_else_is_never_removed() {
    let home = TestHome::empty();
    let stick = home.directory().join("stick");
    fs::create_dir(&stick).unwrap();
    let init = ["init", "--no-passphrase", "--root-key-out", stick.to_str().unwrap()];
    killed_at(&home, "rename", 1, &init);
    fs::write(stick.join("root.key.pem"), "somebody else's").unwrap();
    home.hubca(&init).failed_with(1);
    assert_eq!(fs::read_to_string(stick.join("root.key.pem")).unwrap(), "somebody else's");
}

#[test]
fn a_failed_init_leaves_no_directory_behind() {
    let home = TestHome::empty();
    home.hubca(&["init", "--no-passphrase", "--root-key-out", "/no/such/place"]).failed_with(1);
    assert!(!home.path().exists());
}

#[test]
fn a_certificate_that_was_never_handed_out_is_not_shown_as_the_newest() {
    let home = TestHome::with_ca::<&str>(&[]);
    let first = home.hubca(&["issue", "--dns", "hub.lan", "--json"]).succeeded().json();
    // Making the second generation's directory is what it is stopped at: the serial is reserved by then.
    killed_at(&home, "mkdirat", 4, &["issue", "--dns", "hub.lan"]);
    let rows = home.hubca(&["list", "--all", "--json"]).succeeded().json();
    let reserved = rows.as_array().unwrap().iter().filter(|row| row["status"] == "reserved").count();
    assert_eq!(reserved, 1, "{rows}");
    let shown = home.hubca(&["show", "hub.lan", "--json"]).succeeded().json();
    assert_eq!(shown["serial"], first["serial"]);
    let third = home.hubca(&["issue", "--dns", "hub.lan", "--json"]).succeeded().json();
    assert_eq!(home.hubca(&["show", "hub.lan", "--json"]).succeeded().json()["serial"], third["serial"]);
}

#[test]
fn a_refused_batch_leaves_no_row_and_no_directory() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan", "--label", "taken"]).succeeded();
    let mut csv = String::from("label,ip,dns,days,profile\n");
    (0..600).for_each(|number| csv.push_str(&format!("b{number},,b{number}.lan,,\n")));
    csv.push_str("taken,,other.lan,,\n");
    let path = home.directory().join("batch.csv");
    fs::write(&path, csv).unwrap();
    home.hubca(&["issue", "--batch", path.to_str().unwrap()]).failed_with(1);
    assert_eq!(home.hubca(&["list", "--all", "--json"]).succeeded().json().as_array().unwrap().len(), 3);
    assert_eq!(fs::read_dir(home.file("archive")).unwrap().count(), 1);
}

#[test]
fn what_was_in_the_archive_before_is_never_removed() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    // As after the restore of an old ledger: a generation that the ledger does not know.
    let foreign = home.file("archive/hub.lan/2");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("privkey.pem"), "a key in service").unwrap();
    home.hubca(&["issue", "--dns", "hub.lan"]).failed_with(1);
    assert_eq!(fs::read_to_string(foreign.join("privkey.pem")).unwrap(), "a key in service");
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
}

#[test]
fn one_bad_entry_under_live_stops_its_own_label_only() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "other.lan"]).succeeded();
    fs::create_dir(home.file("live/hub.lan")).unwrap();
    let before = home.hubca(&["list", "--all", "--json"]).succeeded().stdout;
    home.hubca(&["issue", "--dns", "hub.lan"]).failed_with(1);
    assert_eq!(home.hubca(&["list", "--all", "--json"]).succeeded().stdout, before);
    home.hubca(&["issue", "--dns", "other.lan"]).succeeded();
    // A link where a lineage is kept is not followed out of the home.
    std::os::unix::fs::symlink(home.directory(), home.file("archive/evil.lan")).unwrap();
    home.hubca(&["issue", "--dns", "evil.lan"]).failed_with(1);
    assert!(!home.directory().join("1").exists());
}

#[test]
fn a_root_or_a_ledger_of_another_ca_is_noticed() {
    let (one, two) = (TestHome::with_ca::<&str>(&[]), TestHome::with_ca::<&str>(&[]));
    fs::copy(two.file("root/root.crt.pem"), one.file("root/root.crt.pem")).unwrap();
    let answer = one.hubca(&["export", "pem", "--json"]).failed_with(1);
    assert!(answer.error()["message"].as_str().unwrap().contains("root.crt.pem"), "{answer}");
}

#[test]
fn devices_pipes_and_far_dates_are_refused_and_never_replaced() {
    let home = TestHome::with_ca::<&str>(&[]);
    let pipe = home.directory().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    home.hubca(&["export", "pem", "--force", "--out", pipe.to_str().unwrap()]).failed_with(1);
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&fs::symlink_metadata(&pipe).unwrap().file_type()));
    home.hubca(&["list", "--expiring", "4294967295"]).succeeded();
}

#[test]
fn a_key_that_lies_behind_a_link_is_protected_where_it_lies() {
    let home = TestHome::with_ca::<&str>(&[]);
    let stick = home.directory().join("stick.pem");
    fs::rename(home.file("root/root.key.pem"), &stick).unwrap();
    std::os::unix::fs::symlink(&stick, home.file("root/root.key.pem")).unwrap();
    let new = home.directory().join("new");
    fs::write(&new, "sesame\n").unwrap();
    assert!(Command::new("chmod").arg("600").arg(&new).status().unwrap().success());
    home.hubca(&["key", "protect", "root", "--new-passphrase-file", new.to_str().unwrap()]).succeeded();
    assert!(fs::read_to_string(&stick).unwrap().contains("BEGIN ENCRYPTED PRIVATE KEY"));
}
