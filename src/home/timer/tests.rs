//! The texts of timers, with names that would mean something else if they were not escaped.

use std::{
    path::{Path, PathBuf},
    sync::Mutex,
};

use super::{Account, Job, Scheduler, Timer, TimerError};
use crate::{
    plan::{Deed, OnFailure, Plan},
    system::{Ended, Ending, Errand, ProcessError, Processes},
};

/// A cron that keeps its table, and other programs that do nothing.
#[derive(Default)]
struct Cron(Mutex<String>);

impl Processes for Cron {
    fn run(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        let words: Vec<&str> = errand.words.iter().map(String::as_str).collect();
        let mut table = self.0.lock().unwrap();
        let (code, output) = match words[..] {
            ["crontab", "-l"] if table.is_empty() => (1, "no crontab for ann\n".to_owned()),
            ["crontab", "-l"] => (0, table.clone()),
            ["crontab", file] => {
                *table = std::fs::read_to_string(file).unwrap();
                (0, String::new())
            }
            _ => (0, String::new()),
        };
        Ok(Ended { how: Ending::Code(code), output })
    }
}

fn job(home: &str) -> Job {
    Job::new(Path::new("/opt/my %t/hubca"), Path::new(home), Some(Path::new("/var/lib/hubca")), Some("hub")).unwrap()
}

fn written(plan: &Plan, ending: &str) -> String {
    let text = plan.steps().iter().find_map(|step| match step.deed() {
        Deed::Write { path, content, .. } if path.to_string_lossy().ends_with(ending) => Some(content.clone()),
        _ => None,
    });
    String::from_utf8(text.unwrap()).unwrap()
}

fn plan(job: Job, scheduler: Scheduler, account: Account) -> Plan {
    Timer::new(job, scheduler, account).install(&Cron::default()).unwrap()
}

fn user() -> Account {
    Account::User { config: PathBuf::from("/home/ann/.config"), directory: PathBuf::from("/home/ann") }
}

#[test]
fn a_unit_holds_any_path_as_it_is() {
    let job = job("/srv/it's 100% \"mine\" $HOME \\n/ca").writing(&[PathBuf::from("/etc/a b")]).unwrap();
    let unit = written(&plan(job, Scheduler::Systemd, Account::System), ".service");
    let line = |start: &str| unit.lines().find(|line| line.starts_with(start)).unwrap();
    assert_eq!(
        line("ExecStart="),
        r#"ExecStart="/opt/my %%t/hubca" --home "/srv/it's 100%% \"mine\" $$HOME \\n/ca" renew"#
    );
    assert_eq!(line("ReadWritePaths="), r#"ReadWritePaths="-/srv/it's 100%% \"mine\" $HOME \\n/ca""#);
    assert!(unit.contains("ReadWritePaths=\"-/etc/a b\"\n"));
    assert!(unit.contains("PrivateTmp=yes\n"));
}

#[test]
fn a_passphrase_is_a_credential_of_the_system_and_a_file_of_a_user() {
    let locked = || job("/var/lib/hubca").with_passphrase_file(Path::new("/root/a pass%")).unwrap();
    let unit = written(&plan(locked(), Scheduler::Systemd, Account::System), "/etc/systemd/system/hubca-renew.service");
    assert!(unit.contains("LoadCredential=hubca-passphrase:/root/a pass%%\n"));
    assert!(!unit.contains("--passphrase-file"));
    let unit = written(&plan(locked(), Scheduler::Systemd, user()), "/.config/systemd/user/hubca-renew.service");
    assert!(unit.contains(" --passphrase-file \"/root/a pass%%\" renew\n"));
    assert!(!unit.contains("ProtectSystem"));
    // Each of them would take a hook the right to run sudo (systemd.exec(5), NoNewPrivileges=).
    for implying in ["NoNewPrivileges", "Restrict", "LockPersonality", "SystemCall", "Private", "Protect"] {
        assert!(!unit.contains(implying), "{implying}");
    }
}

#[test]
fn each_home_has_a_timer_of_its_own() {
    let names = ["/var/lib/hubca", "/srv/a", "/srv/b"].map(|home| job(home).name());
    assert_eq!(names[0], "hubca-renew");
    assert!(names[1].starts_with("hubca-renew-") && names[1].len() == 20);
    assert_ne!(names[1], names[2]);
}

#[test]
fn the_table_of_cron_keeps_what_others_wrote() {
    let home = tempfile::tempdir().unwrap();
    let cron = Cron(Mutex::new("MAILTO=ann\n0 4 * * * backup\n".to_owned()));
    let timer = || Timer::new(job(home.path().to_str().unwrap()), Scheduler::Cron, user());
    let run = |plan: Plan| assert!(plan.run(&cron, OnFailure::Stop).iter().all(|taken| taken.result.is_ok()));
    run(timer().install(&cron).unwrap());
    let table = cron.0.lock().unwrap().clone();
    assert!(table.starts_with("MAILTO=ann\n0 4 * * * backup\n# Written by hubca: hubca-renew-"));
    assert!(table.contains(r"T=$('/opt/my \%t/hubca' --home /"));
    assert_eq!(timer().install(&cron).unwrap().steps(), []);
    *cron.0.lock().unwrap() = format!("{table}5 5 * * * more\n");
    run(timer().removal(&cron).unwrap().unwrap());
    assert_eq!(*cron.0.lock().unwrap(), "MAILTO=ann\n0 4 * * * backup\n5 5 * * * more\n");
    assert!(timer().removal(&cron).unwrap().is_none());
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_table_too_long_to_be_read_whole_is_not_written_over() {
    let cron = Cron(Mutex::new("…x\n".to_owned()));
    assert!(matches!(Timer::new(job("/srv/a"), Scheduler::Cron, user()).install(&cron), Err(TimerError::LongCrontab)));
}

#[test]
fn a_table_that_is_no_text_is_not_written_over() {
    let cron = Cron(Mutex::new("# caf\u{fffd}\n".to_owned()));
    let refused = Timer::new(job("/srv/a"), Scheduler::Cron, user()).install(&cron);
    assert!(matches!(refused, Err(TimerError::ForeignCrontab)));
}

#[test]
fn a_table_whose_last_line_of_ours_is_gone_loses_nothing_of_others() {
    let home = tempfile::tempdir().unwrap();
    let cron = Cron(Mutex::new(String::new()));
    let timer = || Timer::new(job(home.path().to_str().unwrap()), Scheduler::Cron, user());
    let run = |plan: Plan| assert!(plan.run(&cron, OnFailure::Stop).iter().all(|taken| taken.result.is_ok()));
    run(timer().install(&cron).unwrap());
    let table = cron.0.lock().unwrap().clone();
    let end = table.lines().last().unwrap().to_owned();
    *cron.0.lock().unwrap() = table.replace(&end, "5 5 * * * theirs");
    run(timer().removal(&cron).unwrap().unwrap());
    assert_eq!(*cron.0.lock().unwrap(), "5 5 * * * theirs\n");
}

#[test]
fn launchd_reads_its_list() {
    let plan = plan(job("/srv/<a> & b"), Scheduler::Launchd, user());
    let text = written(&plan, ".plist");
    assert!(text.contains("Written by hubca"));
    let list = plist::Value::from_reader_xml(text.as_bytes()).unwrap().into_dictionary().unwrap();
    let words = list["ProgramArguments"].as_array().unwrap();
    assert_eq!(words[2].as_string(), Some("/srv/<a> & b"));
    assert!(list["StartCalendarInterval"].as_dictionary().unwrap()["Minute"].as_unsigned_integer().unwrap() < 60);
}

#[test]
fn what_a_timer_cannot_hold_is_refused() {
    for home in ["relative", "/srv/a\nb", "/srv/a\\", "/srv/a "] {
        let made = Job::new(Path::new("/usr/bin/hubca"), Path::new(home), None, None);
        assert!(matches!(made, Err(TimerError::Path { .. })), "{home:?}");
    }
}
