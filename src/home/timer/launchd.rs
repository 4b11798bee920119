//! A job of launchd: launchd.plist(5).

use std::path::PathBuf;

use plist::{Dictionary, Value};

use super::{
    account::Account,
    chore::Chore,
    job::{Job, PATH},
};
use crate::{
    plan::{MARK, Plan, Step, sealed},
    system::FileMode,
};

/// The plan that puts the jobs in place.
pub(super) fn install(job: &Job, account: &Account) -> Plan {
    plan(job, account, &Chore::ALL)
}

/// The plan that takes away those that are there.
pub(super) fn removal(job: &Job, account: &Account) -> Plan {
    let chores: Vec<Chore> = Chore::ALL.into_iter().filter(|chore| file(job, account, *chore).exists()).collect();
    plan(job, account, &chores).undoing()
}

fn plan(job: &Job, account: &Account, chores: &[Chore]) -> Plan {
    let mut steps = vec![Step::make_directory("make room for the jobs", account.agents())];
    for chore in chores {
        let file = file(job, account, *chore);
        let name = file.display().to_string();
        steps.extend([
            Step::write("say what is run, and when", &file, sealed(list(job, *chore)), FileMode::Public),
            Step::run("let launchd forget an earlier one", &["launchctl", "unload", &name]),
            Step::run("start it, now and at every boot", &["launchctl", "load", "-w", &name])
                .undone_by("stop it, and start it no more", &["launchctl", "unload", "-w", &name]),
        ]);
    }
    Plan::new(steps)
}

fn file(job: &Job, account: &Account, chore: Chore) -> PathBuf {
    account.agents().join(format!("{}.plist", job.name_of(chore)))
}

fn list(job: &Job, chore: Chore) -> Vec<u8> {
    let (hour, minute) = job.time_of_day();
    let number = |number: u32| Value::Integer(number.into());
    let words = std::iter::once(job.program()).chain(job.arguments(chore));
    let mut when = Dictionary::new();
    when.insert("Hour".to_owned(), number(hour));
    when.insert("Minute".to_owned(), number(minute));
    if chore == Chore::Verify {
        when.insert("Weekday".to_owned(), number(0));
    }
    let mut variables = Dictionary::new();
    variables.insert("PATH".to_owned(), Value::String(PATH.to_owned()));
    let mut list = Dictionary::new();
    list.insert("Label".to_owned(), Value::String(job.name_of(chore)));
    list.insert(
        "ProgramArguments".to_owned(),
        Value::Array(words.map(|word| Value::String(word.to_owned())).collect()),
    );
    list.insert("StartCalendarInterval".to_owned(), Value::Dictionary(when));
    list.insert("EnvironmentVariables".to_owned(), Value::Dictionary(variables));
    list.insert("ProcessType".to_owned(), Value::String("Background".to_owned()));
    let mut written = Vec::new();
    // Writing into memory cannot fail.
    let _ = Value::Dictionary(list).to_writer_xml(&mut written);
    let text = String::from_utf8_lossy(&written);
    match text.split_once('\n') {
        Some((declaration, rest)) => format!("{declaration}\n<!-- {MARK} -->\n{rest}\n").into_bytes(),
        None => written,
    }
}
