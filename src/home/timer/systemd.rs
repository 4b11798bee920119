//! A service and a timer of systemd: systemd.service(5), systemd.timer(5), systemd.exec(5).

use super::{account::Account, chore::Chore, job::Job};
use crate::{
    plan::{MARK, Plan, Step, sealed},
    system::FileMode,
};

/// The plan that puts the units in place.
pub(super) fn install(job: &Job, account: &Account) -> Plan {
    plan(job, account, &Chore::ALL)
}

/// The plan that takes away those that are there.
pub(super) fn removal(job: &Job, account: &Account) -> Plan {
    let is_there = |chore: &Chore| account.units().join(format!("{}.timer", job.name_of(*chore))).exists();
    let chores: Vec<Chore> = Chore::ALL.into_iter().filter(is_there).collect();
    let reload = Step::run("let systemd forget them", &systemctl(account, &["daemon-reload"]));
    plan(job, account, &chores).undoing().then(reload)
}

fn plan(job: &Job, account: &Account, chores: &[Chore]) -> Plan {
    let directory = account.units();
    let write = |sentence: &str, file: &str, text: String| {
        Step::write(sentence, directory.join(file), sealed(text), FileMode::Public)
    };
    let mut steps = vec![Step::make_directory("make room for the units", &directory)];
    for chore in chores {
        let name = job.name_of(*chore);
        steps.push(write("say what is run", &format!("{name}.service"), service(job, account, *chore)));
        steps.push(write("say when", &format!("{name}.timer"), timer_unit(job, *chore)));
    }
    steps.push(Step::run("let systemd read them", &systemctl(account, &["daemon-reload"])));
    for chore in chores {
        let timer = format!("{}.timer", job.name_of(*chore));
        let start =
            Step::run("start the timer, now and at every boot", &systemctl(account, &["enable", "--now", &timer]));
        steps.push(
            start.undone_by("stop the timer, and start it no more", &systemctl(account, &["disable", "--now", &timer])),
        );
    }
    Plan::new(steps)
}

fn systemctl<'a>(account: &Account, words: &[&'a str]) -> Vec<&'a str> {
    let manager = match account {
        Account::System => &["systemctl"][..],
        Account::User { .. } => &["systemctl", "--user"],
    };
    [manager, words].concat()
}

fn service(job: &Job, account: &Account, chore: Chore) -> String {
    let home = escaped(job.home());
    let mut unit =
        format!("# {MARK}; `systemctl edit` adds what is your own.\n[Unit]\nDescription={} of {home}\n", chore.told());
    if (account, chore) == (&Account::System, Chore::Renew) {
        unit.push_str("Wants=network-online.target\nAfter=network-online.target\n");
    }
    unit.push_str("\n[Service]\nType=oneshot\n");
    let credential = job.passphrase_file().filter(|_| (account, chore) == (&Account::System, Chore::Renew));
    let line = match credential {
        // The program finds the credential by itself; the path of a passphrase is nobody's business who lists processes.
        Some(_) => vec!["--home", job.home(), "renew"],
        None => job.arguments(chore),
    };
    let arguments: Vec<String> = line.into_iter().map(argument).collect();
    unit.push_str(&format!("ExecStart={} {}\n", quoted(&escaped(job.program())), arguments.join(" ")));
    if let Some(file) = credential {
        unit.push_str(&format!("LoadCredential=hubca-passphrase:{}\n", escaped(file)));
    }
    if *account != Account::System {
        unit.push_str(USER_HARDENING);
        return unit;
    }
    unit.push_str(SYSTEM_HARDENING);
    // What lies in /tmp is another directory to a service with one of its own.
    if !job.written().any(|path| path.starts_with("/tmp/") || path.starts_with("/var/tmp/")) {
        unit.push_str("PrivateTmp=yes\n");
    }
    for path in job.written() {
        unit.push_str(&format!("ReadWritePaths={}\n", quoted(&format!("-{}", escaped(path)))));
    }
    unit
}

fn timer_unit(job: &Job, chore: Chore) -> String {
    let (often, calendar) = match chore {
        Chore::Renew => ("every day", "daily"),
        Chore::Verify => ("every week", "weekly"),
    };
    format!(
        "# {MARK}; `systemctl edit` adds what is your own.\n[Unit]\nDescription={} of {} {often}\n\n\
         [Timer]\nOnCalendar={calendar}\nRandomizedDelaySec=6h\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n",
        chore.told(),
        escaped(job.home())
    )
}

/// A word of a command line: systemd puts variables in place of `$NAME`.
fn argument(word: &str) -> String {
    quoted(&escaped(word).replace('$', "$$"))
}

/// A value in which `%` is a percent sign and no specifier.
fn escaped(text: &str) -> String {
    text.replace('%', "%%")
}

fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+,:@%=$".contains(letter);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

const SYSTEM_HARDENING: &str = "
# What renewing and the usual hooks (systemctl reload, nginx -s reload) can do without. /etc stays open, because that is
# where servers have their certificates, and a copy that is asked for later goes there as well.
NoNewPrivileges=yes
ProtectSystem=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
CapabilityBoundingSet=~CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_TIME CAP_SYS_BOOT CAP_SYS_PACCT CAP_SYS_PTRACE
CapabilityBoundingSet=~CAP_SYSLOG CAP_WAKE_ALARM CAP_MAC_ADMIN CAP_MAC_OVERRIDE CAP_LINUX_IMMUTABLE CAP_BPF
";

const USER_HARDENING: &str = "
# Whatever else shuts a user's service in takes its hook the right to run sudo as well.
UMask=0077
";
