//! The timer, shown; and put into a table of cron that is the test's own.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use serde_json::Value;

use crate::support::{
    Answer, TestHome,
    tools::{commands, present},
};

fn shown(home: &TestHome, options: &[&str]) -> Value {
    home.hubca(&[&["renew", "--install-timer", "--print", "--json"], options].concat()).succeeded().json()
}

fn content(plan: &Value, ending: &str) -> String {
    let steps = plan["steps"].as_array().unwrap();
    let is_wanted = |step: &&Value| step["path"].as_str().is_some_and(|path| path.ends_with(ending));
    steps.iter().filter(is_wanted).find_map(|step| step["content"].as_str()).unwrap().to_owned()
}

/// What is written for the weekly look.
fn weekly(plan: &Value, ending: &str) -> String {
    let steps = plan["steps"].as_array().unwrap();
    let is_wanted = |step: &&Value| {
        step["path"].as_str().is_some_and(|path| path.contains("hubca-verify") && path.ends_with(ending))
    };
    steps.iter().filter(is_wanted).find_map(|step| step["content"].as_str()).unwrap().to_owned()
}

/// The line for the weekly look in a table of cron.
fn weekly_line(home: &TestHome) -> String {
    let shown = ["renew", "--install-timer", "--print", "--json", "--with", "cron"];
    let table = content(&with_cron(home, &shown).succeeded().json(), "crontab.new");
    let lines: Vec<&str> = table.lines().filter(|line| line.contains(" audit verify ")).collect();
    let [line] = lines[..] else { panic!("{table}") };
    line.to_owned()
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let home = TestHome::with_ca::<&str>(&[]);
    let plan = shown(&home, &["--with", "systemd"]);
    let (name, service) = (plan["timer"].as_str().unwrap(), content(&plan, ".service"));
    assert!(service.contains(home.path().to_str().unwrap()));
    assert_eq!(plan["done"], false);
    if !present("the units", &commands(&["systemd-analyze"])) {
        return;
    }
    let directory = home.directory().join("units");
    fs::create_dir(&directory).unwrap();
    let files = [".service", ".timer"].map(|ending| {
        let file = directory.join(format!("{name}{ending}"));
        fs::write(&file, content(&plan, ending)).unwrap();
        file
    });
    let output = Command::new("systemd-analyze").arg("verify").args(&files).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let about_us: Vec<&str> = said.lines().filter(|line| line.contains("hubca")).collect();
    assert!(output.status.success() && about_us.is_empty(), "{said}");
}

#[test]
fn every_scheduler_looks_at_log_and_ledger_once_a_week() {
    let home = TestHome::with_ca::<&str>(&[]);
    let systemd = shown(&home, &["--with", "systemd"]);
    let (timer, service) = (weekly(&systemd, ".timer"), weekly(&systemd, ".service"));
    assert!(timer.contains("\nOnCalendar=weekly\n") && timer.contains("\nPersistent=true\n"), "{timer}");
    assert!(service.lines().any(|line| line.starts_with("ExecStart=") && line.ends_with(" audit verify")), "{service}");
    let started = systemd["steps"].to_string();
    assert!(started.contains("enable") && started.contains("hubca-verify"), "{started}");
    let line = weekly_line(&home);
    let when: Vec<&str> = line.split(' ').take(5).collect();
    assert_eq!(when[2..], ["*", "*", "0"], "{line}");
    let list = weekly(&shown(&home, &["--with", "launchd"]), ".plist");
    let list = plist::Value::from_reader_xml(list.as_bytes()).unwrap().into_dictionary().unwrap();
    let words: Vec<&str> =
        list["ProgramArguments"].as_array().unwrap().iter().map(|word| word.as_string().unwrap()).collect();
    assert_eq!(words[words.len() - 2..], ["audit", "verify"]);
    let when = list["StartCalendarInterval"].as_dictionary().unwrap();
    assert_eq!(when["Weekday"].as_unsigned_integer(), Some(0));
}

/// What cron mails is what a line says: nothing where all is as it was written.
#[test]
fn the_weekly_line_of_cron_says_nothing_until_something_was_changed() {
    let home = TestHome::with_ca::<&str>(&[]);
    let line = weekly_line(&home);
    let command = line.splitn(6, ' ').nth(5).unwrap().replace(r"\%", "%");
    let run = || {
        let output = Command::new("/bin/sh").args(["-c", &command]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(run(), "");
    fs::copy(home.file("crl/root-1.crl"), home.file("crl/issuing-1.crl")).unwrap();
    assert!(run().contains("crl/issuing-1.crl` is not a list that"), "{}", run());
}

#[test]
fn a_locked_key_needs_a_file_that_opens_it() {
    let home = TestHome::with_ca::<&str>(&[]);
    let file = home.directory().join("passphrase");
    fs::write(&file, "correct horse\n").unwrap();
    fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let file = file.to_str().unwrap();
    home.hubca(&["key", "protect", "issuing", "--new-passphrase-file", file]).succeeded();
    let refused = home.hubca(&["renew", "--install-timer", "--print", "--with", "systemd"]).failed_with(1);
    assert!(refused.stderr.contains("--passphrase-file FILE"), "{refused}");
    let plan = shown(&home, &["--with", "systemd", "--passphrase-file", file]);
    let service = content(&plan, ".service");
    assert!(service.contains(file) && !service.contains("correct horse"), "{service}");
}

#[test]
fn nothing_but_a_timer_goes_with_a_timer() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["renew", "--install-timer", "--remove-timer"]).failed_with(2);
    home.hubca(&["renew", "--install-timer", "--force", "hub"]).failed_with(2);
    home.hubca(&["renew", "--print"]).failed_with(2);
    home.hubca(&["renew", "--with", "cron"]).failed_with(2);
}

/// `hubca` with a `crontab` that keeps its table in a file of the test.
fn with_cron(home: &TestHome, arguments: &[&str]) -> Answer {
    let bin = home.directory().join("bin");
    let table = home.directory().join("table");
    if !bin.exists() {
        fs::create_dir(&bin).unwrap();
        let table = table.display();
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = -l ]; then cat {table} 2>/dev/null || {{ echo no crontab for ann >&2; exit 1; }}\n\
             else cat \"$1\" > {table}; fi\n"
        );
        fs::write(bin.join("crontab"), script).unwrap();
        fs::set_permissions(bin.join("crontab"), PermissionsExt::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let output = home.command().env("PATH", path).args(arguments).output().unwrap();
    Answer {
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn cron_runs_the_line_that_is_put_into_its_table() {
    let home = TestHome::with_ca::<&str>(&[]);
    let table = home.directory().join("table");
    fs::write(&table, "MAILTO=ann\n").unwrap();
    for _ in 0..2 {
        with_cron(&home, &["renew", "--install-timer", "--with", "cron"]).succeeded();
    }
    let text = fs::read_to_string(&table).unwrap();
    assert!(text.starts_with("MAILTO=ann\n"));
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(" renew")).collect();
    let [line] = lines[..] else { panic!("{text}") };
    let command = line.splitn(6, ' ').nth(5).unwrap().replace(r"\%", "%");
    let output = Command::new("/bin/sh").args(["-c", &command]).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    with_cron(&home, &["renew", "--remove-timer", "--with", "cron"]).succeeded();
    assert_eq!(fs::read_to_string(&table).unwrap(), "MAILTO=ann\n");
    let gone = with_cron(&home, &["renew", "--remove-timer", "--with", "cron"]).failed_with(1);
    assert!(gone.stderr.contains("there is no timer"), "{gone}");
}
