//! `hubca audit accept-clock`: a person says that the clock is right.

use clap::Args;
use serde::Serialize;
use time::{Date, Duration, OffsetDateTime, format_description::FormatItem, macros::format_description};

use crate::{
    authority::{CaCertificate, ClockBehind},
    cli::{
        clock,
        context::Context,
        failure::{Failure, FailureKind},
        moment::Moment,
        page::Page,
        report::{Outcome, Report},
        terminal::Person,
    },
    home::Home,
};

/// Say that the clock is right, though it is behind the log
///
/// Where the clock of this machine was ahead once, the log has entries of a time to come, and no certificate is signed
/// until then. Who knows that the clock is right now says so with the date of today; that is an entry of its own. What was
/// dated ahead is due from then on, and `hubca renew` makes it anew.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct AcceptClockArguments {
    /// The date of today, where nobody can be asked: no timer can carry it, for tomorrow it is wrong
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    today: Option<Date>,
}

/// A clock that was taken as it is.
#[derive(Debug, Serialize)]
pub(super) struct AcceptedClock {
    clock: Moment,
    newest_entry: Moment,
    not_yet_valid: NotYetValid,
}

/// What a clock that was ahead has dated.
#[derive(Debug, Serialize)]
struct NotYetValid {
    cas: Vec<String>,
    certificates: u64,
    crls: Vec<String>,
}

/// Does it.
///
/// # Errors
/// The clock is not behind, nobody says which day it is, or a home or ledger that fails.
pub(super) fn run(arguments: &AcceptClockArguments, context: &Context) -> Result<Outcome, Failure> {
    let home = context.open_home()?;
    let behind = home.authority().clock_behind()?.ok_or_else(not_behind)?;
    let today = match arguments.today {
        Some(today) => today,
        None => ask(behind, context)?,
    };
    if !is_today_somewhere(today, behind.now) {
        let now = Moment::from(behind.now).to_rfc3339();
        return Err(Failure::new(FailureKind::Refused, format!("`{today}` is not today: the clock says {now}"))
            .hint("if the clock is wrong, set it right first"));
    }
    let ClockBehind { now, newest } = home.authority().accept_clock()?.ok_or_else(not_behind)?;
    let not_yet_valid = NotYetValid::of(&home, now)?;
    Ok(Outcome::done(AcceptedClock { clock: now.into(), newest_entry: newest.into(), not_yet_valid }))
}

fn ask(behind: ClockBehind, context: &Context) -> Result<Date, Failure> {
    if context.person() == Person::Absent {
        let message = "nobody says that the clock is right";
        return Err(Failure::new(FailureKind::Refused, message)
            .because(clock::in_words(behind.now, behind.newest))
            .hint("if it is, say which day is today: hubca audit accept-clock --today YYYY-MM-DD"));
    }
    context.note(&clock::in_words(behind.now, behind.newest));
    let reply = context.terminal().ask("which day is today (YYYY-MM-DD)?", "unknown")?;
    date(reply.trim()).map_err(|_| {
        Failure::new(FailureKind::Refused, format!("`{reply}` is no date, and the clock was not accepted"))
            .hint("write it as 2026-11-21")
    })
}

/// A person has the date of their own place, which may be a day off the date in UTC: from UTC-12 to UTC+14.
fn is_today_somewhere(today: Date, now: OffsetDateTime) -> bool {
    ((now - Duration::hours(12)).date()..=(now + Duration::hours(14)).date()).contains(&today)
}

fn not_behind() -> Failure {
    Failure::new(FailureKind::Refused, "the clock is not behind the audit log: there is nothing to accept")
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text, DATE).map_err(|_| "a date is written as 2026-11-21".to_owned())
}

impl NotYetValid {
    fn of(home: &Home, now: OffsetDateTime) -> Result<Self, Failure> {
        let states = home.authority().crl_state()?;
        let ahead = states.iter().filter(|state| state.newest.is_some_and(|newest| newest.is_ahead(now)));
        Ok(Self {
            cas: home.authority().cas_ahead().into_iter().map(CaCertificate::path).collect(),
            certificates: home.authority().in_use_ahead(0)?.number,
            crls: ahead.map(|state| state.ca.path()).collect(),
        })
    }
}

impl Report for AcceptedClock {
    fn tell(&self, page: &mut Page) {
        page.line("the clock is taken as it is, and certificates are signed again");
        page.field("clock", &self.clock.to_rfc3339());
        page.field("was behind", &self.newest_entry.to_rfc3339());
        let NotYetValid { cas, certificates, crls } = &self.not_yet_valid;
        if !cas.is_empty() {
            page.field("CAs", &format!("{}, which have not begun", cas.join(" and ")));
        }
        if *certificates > 0 {
            page.field("certificates", &format!("{certificates} in use that have not begun"));
        }
        if !crls.is_empty() {
            page.field("CRLs", &format!("of {}, which have not begun", crls.join(" and ")));
        }
        if cas.is_empty() && *certificates == 0 && crls.is_empty() {
            return;
        }
        page.blank();
        page.line("what a clock that was ahead has dated is made anew:");
        if cas.iter().any(|ca| ca.starts_with("root")) {
            page.command(&page.hubca("rotate root abandon"));
        }
        if cas.iter().any(|ca| ca.starts_with("issuing")) {
            page.command(&page.hubca("rotate issuing"));
        }
        page.command(&page.hubca("renew"));
    }
}

const DATE: &[FormatItem<'_>] = format_description!("[year]-[month]-[day]");

const EXAMPLES: &str = "\
Examples:
  hubca audit accept-clock
  hubca audit accept-clock --today 2026-11-21";
