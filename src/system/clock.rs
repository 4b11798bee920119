//! The clock: what time it is, in UTC and whole seconds, because certificates know no smaller unit (RFC 5280 4.1.2.5).

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};
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
        Stopwatch(Started::At(Instant::now()))
    }
}

/// A clock that stands still until it is set: for the tests of this crate and of those that use it.
#[derive(Debug)]
pub struct FixedClock {
    unix_seconds: AtomicI64,
    /// By how many seconds it was moved: what its stopwatches count.
    run: Arc<AtomicU64>,
}

impl FixedClock {
    /// A clock that shows `time`.
    #[must_use]
    pub fn at(time: OffsetDateTime) -> Self {
        Self { unix_seconds: AtomicI64::new(time.unix_timestamp()), run: Arc::default() }
    }

    /// Sets the clock, forwards or backwards; its stopwatches stand still.
    pub fn set(&self, time: OffsetDateTime) {
        self.unix_seconds.store(time.unix_timestamp(), Ordering::SeqCst);
    }

    /// Moves the clock forwards, and its stopwatches with it; what is less than a second is dropped.
    pub fn advance(&self, by: Duration) {
        let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        self.unix_seconds.fetch_add(seconds, Ordering::SeqCst);
        self.run.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        let seconds = self.unix_seconds.load(Ordering::SeqCst);
        // Advancing past the year 9999 shows the epoch: a test that does so sees it at once.
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    fn stopwatch(&self) -> Stopwatch {
        Stopwatch(Started::After(self.run.load(Ordering::SeqCst), self.run.clone()))
    }
}

/// Measures how long something took.
#[derive(Clone, Debug)]
pub struct Stopwatch(Started);

#[derive(Clone, Debug)]
enum Started {
    /// At an instant of the machine's own counting.
    At(Instant),
    /// After a [`FixedClock`] had run so many seconds, and what it has run by now.
    After(u64, Arc<AtomicU64>),
}

impl Stopwatch {
    /// The time since the start; that of a [`FixedClock`] runs only while the clock is moved forwards.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Started::At(instant) => instant.elapsed(),
            Started::After(before, run) => Duration::from_secs(run.load(Ordering::SeqCst).saturating_sub(*before)),
        }
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

    #[test]
    fn a_stopwatch_runs_with_the_clock_and_not_where_it_is_set() {
        let clock = FixedClock::at(datetime!(2030-01-02 0:00 UTC));
        let watch = clock.stopwatch();
        clock.advance(Duration::from_secs(60));
        clock.set(datetime!(2031-01-02 0:00 UTC));
        assert_eq!(watch.elapsed(), Duration::from_secs(60));
        assert_eq!(clock.stopwatch().elapsed(), Duration::ZERO);
    }
}
