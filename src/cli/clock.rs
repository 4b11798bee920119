//! What is said of a clock that is behind the audit log.

use time::OffsetDateTime;

use super::{context::Context, failure::Failure, moment::Moment};
use crate::home::Home;

/// Both times.
pub(super) fn in_words(now: OffsetDateTime, newest: OffsetDateTime) -> String {
    let (now, newest) = (Moment::from(now).to_rfc3339(), Moment::from(newest).to_rfc3339());
    format!("the clock says {now}, and the newest entry in the audit log is of {newest}")
}

/// Notes that what is done now has the date of such a clock.
///
/// # Errors
/// A ledger that fails.
pub(super) fn note_behind(home: &Home, context: &Context) -> Result<(), Failure> {
    if let Some(behind) = home.authority().clock_behind()? {
        context.note(&format!("{}: revocations and lists are dated by the clock", in_words(behind.now, behind.newest)));
        context.note("if the clock is right and was ahead before, say so: hubca audit accept-clock");
    }
    Ok(())
}
