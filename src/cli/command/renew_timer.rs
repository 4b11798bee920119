//! `hubca renew --install-timer`: the machine renews by itself from now on.

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser};
use serde::Serialize;

use crate::{
    authority::IssuerRole,
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        page::{Page, Tone},
        report::{Outcome, Report},
        terminal::Person,
        told_plan::{ToldStep, failure_of},
    },
    home::{Account, CaKey, Home, Job, Scheduler, Timer, TimerError},
    plan::{OnFailure, Plan},
    system::files::{current_user, directory},
};

/// The options about a timer.
#[derive(Args, Debug)]
#[command(next_help_heading = "Timer")]
pub(super) struct TimerArguments {
    /// Let this machine run `hubca renew` every day; nothing is renewed now
    #[arg(long, group = "timer", conflicts_with_all = RENEWING)]
    install_timer: bool,
    /// Take that timer away
    #[arg(long, group = "timer", conflicts_with_all = RENEWING)]
    remove_timer: bool,
    /// Show what would be written and run, and change nothing
    #[arg(long, requires = "timer")]
    print: bool,
    /// What runs it, instead of what this machine has
    #[arg(long, value_name = "SCHEDULER", requires = "timer", value_parser = scheduler())]
    with: Option<Scheduler>,
}

/// The options that are about renewing now.
const RENEWING: [&str; 8] =
    ["labels", "within", "force", "reuse_key", "issue_code", "dry_run", "hook_limit", "verify_limit"];

/// A timer that was put in place or taken away, or would be.
#[derive(Debug, Serialize)]
struct TimerReport {
    timer: String,
    scheduler: &'static str,
    /// False where it was only shown.
    done: bool,
    steps: Vec<ToldStep>,
    #[serde(skip)]
    hint: Option<&'static str>,
}

impl TimerArguments {
    /// Whether a timer is what is asked for.
    pub(super) fn is_asked(&self) -> bool {
        self.install_timer || self.remove_timer
    }
}

/// Puts the timer in place, or takes it away.
///
/// # Errors
/// A path that no timer can hold, a key that a timer cannot open, or a step that fails.
pub(super) fn run(arguments: &TimerArguments, context: &Context) -> Result<Outcome, Failure> {
    let home = context.open_home()?;
    let scheduler = arguments.with.unwrap_or_else(Scheduler::of_machine);
    let account = account(context)?;
    let is_user = account != Account::System;
    let timer = Timer::new(job(&home, arguments, context)?, scheduler, account);
    let plan = if arguments.install_timer {
        timer.install(context.processes())?
    } else {
        timer.removal(context.processes())?.ok_or_else(|| {
            Failure::new(
                FailureKind::NotFound,
                format!("there is no timer `{}` of {}", timer.name(), scheduler.as_str()),
            )
        })?
    };
    let lingers = arguments.install_timer && is_user && scheduler == Scheduler::Systemd;
    let report = |done| TimerReport {
        timer: timer.name(),
        scheduler: scheduler.as_str(),
        done,
        steps: plan.steps().iter().map(ToldStep::of).collect(),
        hint: lingers.then_some("it runs while you are logged in; to let it run always: loginctl enable-linger"),
    };
    if arguments.print {
        return Ok(Outcome::done(report(false)));
    }
    if context.person() == Person::Present {
        let mut page = Page::new(context.terminal().columns());
        report(false).tell(&mut page);
        context.terminal().remark(page.as_str());
        if !context.terminal().confirm("do that?")? {
            return Err(Failure::new(FailureKind::Refused, "nothing was changed"));
        }
    }
    take(&plan, arguments, context)?;
    Ok(Outcome::done(report(true)))
}

fn take(plan: &Plan, arguments: &TimerArguments, context: &Context) -> Result<(), Failure> {
    let on_failure = if arguments.install_timer { OnFailure::Stop } else { OnFailure::GoOn };
    let failed = plan.run(context.processes(), on_failure).into_iter().find_map(|taken| {
        let error = taken.result.err()?;
        Some(
            failure_of(taken.step, &error)
                .hint("hubca renew --install-timer --print shows every step; hubca renew --remove-timer undoes them"),
        )
    });
    failed.map_or(Ok(()), Err)
}

fn job(home: &Home, arguments: &TimerArguments, context: &Context) -> Result<Job, Failure> {
    let program = context
        .program()
        .ok_or_else(|| Failure::new(FailureKind::Internal, "the system does not tell where this program lies"))?;
    let job = Job::new(program, home.layout().directory(), context.default_home(), context.host_name())?;
    if !arguments.install_timer {
        return Ok(job);
    }
    let job = job.writing(&home.authority().copied_into()?)?;
    if !home.key_file(CaKey::Issuing)?.is_encrypted()? {
        return Ok(job);
    }
    if home.issuing()?.role() == IssuerRole::Root {
        return Err(TimerError::RootLocked.into());
    }
    let file = context.passphrase_file().ok_or(TimerError::Locked)?;
    Ok(job.with_passphrase_file(&directory::absolute(&file)?)?)
}

fn account(context: &Context) -> Result<Account, Failure> {
    if current_user() == 0 {
        return Ok(Account::System);
    }
    let (config, directory) = context.user_directories().ok_or_else(|| {
        Failure::new(FailureKind::Home, "there is no place for a timer: this user has no home directory")
    })?;
    Ok(Account::User { config: config.to_owned(), directory: directory.to_owned() })
}

impl Report for TimerReport {
    fn tell(&self, page: &mut Page) {
        if self.done {
            page.line(&format!("done: the timer `{}` of {}", self.timer, self.scheduler));
        } else if self.steps.is_empty() {
            page.line(&format!("nothing to do: the timer `{}` is as it shall be", self.timer));
        }
        for step in self.steps.iter().filter(|_| !self.done) {
            step.tell(page);
        }
        if let Some(hint) = self.hint {
            page.marked(Tone::Good, "hint:", hint);
        }
    }
}

fn scheduler() -> impl TypedValueParser<Value = Scheduler> {
    let names = Scheduler::ALL.map(Scheduler::as_str);
    PossibleValuesParser::new(names)
        .try_map(|word| Scheduler::ALL.into_iter().find(|scheduler| scheduler.as_str() == word).ok_or("no scheduler"))
}
