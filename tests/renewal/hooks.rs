//! Hooks that misbehave, and texts that would like to be run by a shell.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, symlink},
    process::Stdio,
    time::{Duration, Instant},
};

use crate::support::TestHome;

fn issued(hook: &str) -> TestHome {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan", "--hook", hook]).succeeded();
    home
}

const RENEW: [&str; 4] = ["renew", "hub.lan", "--force", "--json"];

#[test]
fn a_hook_that_hangs_is_ended_with_what_it_started_and_the_certificate_of_before_is_back() {
    let home = issued("sh -c 'trap \"\" TERM; sleep 300 & echo $! >> \"$HOME/pids\"; wait; sleep 300'");
    let started = Instant::now();
    let line = [&RENEW[..], &["--hook-limit", "1"]].concat();
    let answer = home.hubca(&line).failed_with(1).json();
    assert!(started.elapsed() < Duration::from_secs(60));
    assert_eq!(
        (&answer[0]["hook"]["timed_out"], &answer[0]["hook"]["exit_code"]),
        (&true.into(), &serde_json::Value::Null)
    );
    assert!(fs::read_link(home.file("live/hub.lan")).unwrap().ends_with("hub.lan/1"));
    for pid in fs::read_to_string(home.directory().join("pids")).unwrap().lines() {
        let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_else(|_| ") Z".to_owned());
        assert!(state.contains(") Z"), "{state}");
    }
}

#[test]
fn a_hook_that_prints_megabytes_and_control_characters_is_told_in_part_and_without_them() {
    let home = issued("sh -c 'yes abc | head -c 5000000; printf \"\\033[31mred\\n\"; exit 9'");
    let answer = home.hubca(&RENEW).failed_with(1);
    assert!(answer.stdout.len() < 100_000 && !answer.stdout.contains('\u{1b}'));
    assert_eq!(answer.json()[0]["hook"]["exit_code"], 9);
    let told = home.hubca(&["renew"]).failed_with(1);
    assert!(told.stdout.contains("the hook ended with 9") && told.stdout.contains("red"), "{told}");
    assert!(!told.stdout.contains('\u{1b}') && told.stdout.lines().count() < 60, "{told}");
}

#[test]
fn no_shell_reads_a_hook_and_no_name_becomes_part_of_it() {
    let home = TestHome::with_ca::<&str>(&[]);
    let owned = home.directory().join("owned");
    for (number, hook) in
        ["true; touch OWNED", "echo $(touch OWNED)", "echo `touch OWNED`", "true && touch OWNED", "echo a > OWNED"]
            .iter()
            .enumerate()
    {
        let (label, hook) = (format!("hub{number}"), hook.replace("OWNED", owned.to_str().unwrap()));
        home.hubca(&["issue", "--dns", "hub.lan", "--label", &label, "--hook", &hook]).succeeded();
        // Whether there is a program `true;` is another matter.
        home.hubca(&["renew", &label, "--force"]);
    }
    assert!(!owned.exists());
    let refused = |hook: &str| home.hubca(&["edit", "hub0", "--hook", hook, "--json"]).failed_with(2).error();
    assert!(refused("sh -c 'x")["message"].as_str().unwrap().contains("never closed"));
    assert!(refused("  ")["message"].as_str().unwrap().contains("no words"));
    let missing = home.hubca(&["edit", "hub1", "--hook", "no-such-program"]).succeeded();
    assert!(missing.stdout.contains("renew hub1 --force"));
    let answer = home.hubca(&["renew", "hub1", "--force", "--json"]).failed_with(1).json();
    assert!(answer[0]["error"]["causes"].to_string().contains("no program `no-such-program`"), "{answer}");
}

#[test]
fn one_that_fails_does_not_stop_the_others_and_the_code_of_cron_lines_tells() {
    let home = issued("false");
    home.hubca(&["issue", "--dns", "nas.lan", "--days", "10"]).succeeded();
    let both =
        home.hubca(&["renew", "hub.lan", "nas.lan", "--force", "--issue-code", "42", "--json"]).failed_with(1).json();
    assert_eq!(
        (&both[0]["label"], &both[1]["label"], &both[1]["outcome"]),
        (&"hub.lan".into(), &"nas.lan".into(), &"renewed".into())
    );
    home.hubca(&["edit", "hub.lan", "--hook", "true"]).succeeded();
    home.hubca(&["renew", "--issue-code", "42"]).failed_with(42);
    let quiet = home.hubca(&["renew", "--issue-code", "42"]).succeeded();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    home.hubca(&["renew", "--within", "30", "--issue-code", "42"]).failed_with(42);
    let planned = home.hubca(&["renew", "--within", "30", "--dry-run", "--json"]).succeeded().json();
    assert_eq!(
        (&planned[0]["label"], &planned[0]["outcome"], &planned[0]["dry_run"]),
        (&"nas.lan".into(), &"due".into(), &true.into())
    );
    for code in ["0", "1", "3", "256", "x"] {
        home.hubca(&["renew", "--issue-code", code]).failed_with(2);
    }
    home.hubca(&["renew", "nobody"]).failed_with(1);
    home.hubca(&["renew", "--force"]).failed_with(2);
}

#[test]
fn copies_are_for_whom_they_are_meant_and_links_are_not_followed() {
    let home = TestHome::with_ca::<&str>(&[]);
    let out = home.directory().join("tls");
    let out = out.to_str().unwrap();
    let group = fs::metadata(home.directory()).unwrap().gid().to_string();
    let refused = |options: &[&str], code| {
        let line = [&["issue", "--dns", "hub.lan", "--out", out][..], options].concat();
        home.hubca(&line).failed_with(code);
        assert!(!home.file("archive").exists());
    };
    for mode in ["0644", "0666", "0604", "777", "0660", "0700", "abc", "04600"] {
        refused(&["--group", &group, "--mode", mode], 2);
    }
    refused(&["--mode", "0640"], 2);
    refused(&["--owner", "no-such-user"], 1);
    home.hubca(&["issue", "--dns", "hub.lan", "--out", out, "--group", &group]).succeeded();
    let mode = |name: &str| fs::symlink_metadata(format!("{out}/{name}")).unwrap().mode() & 0o7777;
    assert_eq!((mode("privkey.pem"), mode("fullchain.pem"), mode("")), (0o640, 0o640, 0o750));
    // Issued once more they are replaced, without being asked: they are those of before.
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let victim = home.directory().join("victim");
    fs::write(&victim, "victim").unwrap();
    fs::remove_file(format!("{out}/privkey.pem")).unwrap();
    symlink(&victim, format!("{out}/privkey.pem")).unwrap();
    home.hubca(&RENEW).succeeded();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "victim");
    assert_eq!(
        fs::read(format!("{out}/privkey.pem")).unwrap(),
        fs::read(home.file("live/hub.lan/privkey.pem")).unwrap()
    );
    // Another label does not write over them unless it is meant.
    home.hubca(&["issue", "--dns", "nas.lan", "--out", out]).failed_with(1);
}

#[test]
fn two_at_the_same_time_deploy_a_label_once() {
    let home = issued("sh -c 'echo $HUBCA_EVENT >> \"$HOME/events\"; sleep 1'");
    home.hubca(&["edit", "hub.lan", "--days", "10"]).succeeded();
    let before = home.hubca(&RENEW).succeeded();
    drop(before);
    fs::remove_file(home.directory().join("events")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| home.hubca(&["renew", "--within", "30"]).succeeded());
        }
    });
    // Each of the three found it ending; those that waited saw that it was done.
    let events = fs::read_to_string(home.directory().join("events")).unwrap();
    assert!(events.lines().count() < 3, "{events}");
}

#[test]
fn copies_that_cannot_be_written_and_a_directory_in_the_way_are_told_with_what_mends_them() {
    let home = TestHome::with_ca::<&str>(&[]);
    let out = home.directory().join("tls");
    home.hubca(&["issue", "--dns", "hub.lan", "--out", out.to_str().unwrap()]).succeeded();
    let key = out.join("privkey.pem");
    fs::remove_file(&key).unwrap();
    fs::create_dir_all(key.join("inside")).unwrap();
    let answer = home.hubca(&RENEW).failed_with(1).json();
    let hints = answer[0]["error"]["hints"].to_string();
    assert!(hints.contains("--out") && hints.contains("renew hub.lan") && !hints.contains("the hook"), "{answer}");
    fs::remove_dir_all(&key).unwrap();
    assert_eq!(home.hubca(&RENEW).succeeded().json()[0]["outcome"], "renewed");
    let link = home.file("live/hub.lan");
    fs::remove_file(&link).unwrap();
    fs::create_dir_all(link.join("mine")).unwrap();
    let answer = home.hubca(&RENEW).failed_with(1).json();
    assert!(answer[0]["error"]["hints"].to_string().contains("move it away"), "{answer}");
    assert!(link.join("mine").is_dir());
    fs::rename(&link, home.directory().join("moved")).unwrap();
    home.hubca(&RENEW).succeeded();
    assert!(link.is_symlink() && out.join("privkey.pem").is_file());
}

#[test]
fn who_has_to_wait_for_a_renewal_is_told() {
    let home = issued("sleep 2");
    let renewal = home.command().args(RENEW).stdout(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    let is_at_work = || fs::read_dir(home.file("archive/hub.lan")).unwrap().count() > 1;
    while !is_at_work() && started.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let edited = home.hubca(&["edit", "hub.lan", "--hook", "true"]).succeeded();
    assert!(edited.stderr.contains("another process is at work on `hub.lan`"), "{edited}");
    assert!(renewal.wait_with_output().unwrap().status.success());
    assert!(!home.hubca(&["edit", "hub.lan", "--hook-limit", "5"]).succeeded().stderr.contains("another process"));
}
