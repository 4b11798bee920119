//! The clock: what time it is, in UTC and whole seconds, because certificates know no smaller unit (RFC 5280 4.1.2.5).

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use time::OffsetDateTime;

/// What tells the time.
pub trait Clock: Send + Sync {
    /// The time now: UTC, whole seconds.
    fn now(&self) -> OffsetDateTime;

    /// A stopwatch that starts now and is not moved when the clock is set.
    fn stopwatch(&self) -> Stopwatch;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the door to the clock")]
    fn now(&self) -> OffsetDateTime {
        whole_seconds(OffsetDateTime::now_utc())
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door to the clock")]
    fn stopwatch(&self) -> Stopwatch {
        Stopwatch { started: Some(Instant::now()) }
    }
}

/// A clock that stands still until it is set: for the tests of this crate and of those that use it.
#[derive(Debug)]
pub struct FixedClock {
    unix_seconds: AtomicI64,
}

impl FixedClock {
    /// A clock that shows `time`.
    #[must_use]
    pub fn at(time: OffsetDateTime) -> Self {
        Self { unix_seconds: AtomicI64::new(time.unix_timestamp()) }
    }

    /// Sets the clock, forwards or backwards.
    pub fn set(&self, time: OffsetDateTime) {
        self.unix_seconds.store(time.unix_timestamp(), Ordering::SeqCst);
    }

    /// Moves the clock forwards; what is less than a second is dropped.
    pub fn advance(&self, by: Duration) {
        let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        self.unix_seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        let seconds = self.unix_seconds.load(Ordering::SeqCst);
        // Advancing past the year 9999 shows the epoch: a test that does so sees it at once.
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    fn stopwatch(&self) -> Stopwatch {
        Stopwatch { started: None }
    }
}

/// Measures how long something took.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    started: Option<Instant>,
}

impl Stopwatch {
    /// The time since the start; always zero for the stopwatch of a [`FixedClock`].
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.map_or(Duration::ZERO, |started| started.elapsed())
    }
}

fn whole_seconds(time: OffsetDateTime) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(time.unix_timestamp()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_machine_clock_shows_whole_seconds_in_utc() {
        let now = SystemClock.now();
        assert_eq!(now.nanosecond(), 0);
        assert!(now.offset().is_utc());
        assert!(now > datetime!(2025-01-01 0:00 UTC));
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = FixedClock::at(datetime!(2030-01-02 03:04:05.6 +2));
        assert_eq!(clock.now(), datetime!(2030-01-02 01:04:05 UTC));
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now(), datetime!(2030-01-02 01:05:05 UTC));
        clock.set(datetime!(2029-01-01 0:00 UTC));
        assert_eq!(clock.now(), datetime!(2029-01-01 0:00 UTC));
        assert_eq!(clock.stopwatch().elapsed(), Duration::ZERO);
    }
}
