//! The course of the clock: whether it runs, or leapt.
//!
//! A clock that leaps forward is an accident more often than not, and a certificate of that moment is of no use once the clock is
//! right again. So each reading is held against the one before and a stopwatch, which no setting of the clock moves.

use time::{Duration, OffsetDateTime};

use crate::system::{Clock, Stopwatch};

/// The last reading that was believed, and what ran since.
pub(super) struct Course {
    believed: OffsetDateTime,
    since: Stopwatch,
}

impl Course {
    /// Believes what the clock shows now.
    pub(super) fn begin(clock: &dyn Clock) -> Self {
        Self { believed: clock.now(), since: clock.stopwatch() }
    }

    /// What a clock should show by now, where it shows a time further ahead than a night asleep explains, as does the newest entry
    /// of the audit log, in which other processes write down what they did. Otherwise the clock is believed from now on.
    pub(super) fn expected<E>(
        &mut self,
        clock: &dyn Clock,
        newest_entry: impl FnOnce() -> Result<Option<OffsetDateTime>, E>,
    ) -> Result<Option<OffsetDateTime>, E> {
        let now = clock.now();
        let expected = self.believed.saturating_add(Duration::try_from(self.since.elapsed()).unwrap_or(Duration::MAX));
        let is_far_from = |time: OffsetDateTime| now - time > MOST_ASLEEP;
        if is_far_from(expected) && newest_entry()?.is_none_or(is_far_from) {
            return Ok(Some(expected));
        }
        *self = Self::begin(clock);
        Ok(None)
    }
}

/// For how long a machine may sleep between two readings, while a stopwatch stands still on many.
const MOST_ASLEEP: Duration = Duration::days(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::FixedClock;
    use std::{convert::Infallible, time::Duration as Run};
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
    const DAY: Run = Run::from_secs(86_400);

    #[test]
    fn a_clock_that_runs_is_believed_and_one_that_leapt_is_not_until_it_is_right_again() {
        let clock = FixedClock::at(NOW);
        let mut course = Course::begin(&clock);
        let mut expected = |newest| course.expected(&clock, || Ok::<_, Infallible>(newest)).unwrap();
        clock.advance(100 * DAY);
        assert_eq!(expected(None), None);
        clock.set(NOW + 200 * DAY);
        assert_eq!(expected(Some(NOW)), Some(NOW + 100 * DAY));
        clock.advance(DAY);
        assert_eq!(expected(Some(NOW)), Some(NOW + 101 * DAY), "it is no truer for being old");
        clock.set(NOW + 101 * DAY);
        assert_eq!(expected(Some(NOW)), None);
    }

    #[test]
    fn a_night_asleep_is_no_leap_nor_is_what_the_log_knows_of() {
        let clock = FixedClock::at(NOW);
        let mut course = Course::begin(&clock);
        let mut expected = |newest| course.expected(&clock, || Ok::<_, Infallible>(newest)).unwrap();
        for night in 1..=100 {
            clock.set(NOW + night * DAY);
            assert_eq!(expected(None), None);
        }
        clock.set(NOW + 300 * DAY);
        assert!(expected(Some(NOW + 298 * DAY)).is_some());
        assert_eq!(expected(Some(NOW + 299 * DAY)), None);
    }
}
