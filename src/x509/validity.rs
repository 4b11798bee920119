//! The period in which a certificate is valid, RFC 5280 4.1.2.5.

use time::{Duration, OffsetDateTime};

/// notBefore and notAfter, both inclusive, in UTC and whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl Validity {
    /// The period between two instants, or `None` where the second lies before the first.
    pub fn between(not_before: OffsetDateTime, not_after: OffsetDateTime) -> Option<Self> {
        let (not_before, not_after) = (whole_second(not_before)?, whole_second(not_after)?);
        (not_before <= not_after).then_some(Self { not_before, not_after })
    }

    /// A number of days from an instant; both ends count, so the last second is left out (RFC 5280 4.1.2.5).
    pub fn days_from(not_before: OffsetDateTime, days: u32) -> Option<Self> {
        let length = Duration::days(i64::from(days)) - Duration::seconds(1);
        Self::between(not_before, not_before.checked_add(length)?)
    }

    /// As it stands in a certificate by others, whose ends may be the wrong way round.
    pub fn as_read(not_before: OffsetDateTime, not_after: OffsetDateTime) -> Self {
        Self { not_before, not_after }
    }

    /// The first second.
    pub fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// The last second.
    pub fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// How long it lasts, both ends counted.
    pub fn length(&self) -> Duration {
        self.not_after - self.not_before + Duration::seconds(1)
    }

    /// The instant from which another is wanted: less than a third of it is left, or, where that is sooner, less than the time in
    /// which somebody who looks once a day surely looks again. A third of it is used in any case.
    pub fn wanting_from(&self) -> OffsetDateTime {
        let life: Duration = self.not_after - self.not_before;
        let (third, two_thirds): (Duration, Duration) = (life / 3, life / 3 * 2);
        self.not_after - third.max(two_thirds.min(AHEAD_OF_THE_END))
    }

    /// Whether somebody who looks once a day may look for the first time after [`Self::wanting_from`] when it is over already.
    pub fn outruns_a_day(&self) -> bool {
        self.not_after - self.wanting_from() < BETWEEN_LOOKS
    }

    /// Whether an instant lies inside.
    pub fn contains(&self, instant: OffsetDateTime) -> bool {
        self.not_before <= instant && instant <= self.not_after
    }

    /// Whether this period lies wholly inside another.
    pub fn is_inside(&self, outer: &Self) -> bool {
        outer.not_before <= self.not_before && self.not_after <= outer.not_after
    }
}

/// How far two daily looks of a timer may lie apart, which spreads them over six hours.
const BETWEEN_LOOKS: Duration = Duration::hours(30);
/// That, and time for what a look has to do before its end.
const AHEAD_OF_THE_END: Duration = Duration::hours(36);

/// UTC without a fraction: rcgen picks UTCTime or GeneralizedTime by the year it is given, before any conversion.
fn whole_second(instant: OffsetDateTime) -> Option<OffsetDateTime> {
    instant.to_offset(time::UtcOffset::UTC).replace_nanosecond(0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_day_ends_one_second_before_the_next() {
        let day = Validity::days_from(datetime!(2026-11-21 00:00 UTC), 1).unwrap();
        assert_eq!(day.not_after(), datetime!(2026-11-21 23:59:59 UTC));
        assert_eq!(day.length(), Duration::days(1));
    }

    #[test]
    fn an_end_before_the_start_is_no_period() {
        let now = datetime!(2026-11-21 00:00 UTC);
        assert!(Validity::between(now, now - Duration::SECOND).is_none());
        assert!(Validity::days_from(now, 0).is_none());
    }

    #[test]
    fn another_is_wanted_when_a_third_is_left_and_of_a_short_one_sooner() {
        let start = datetime!(2026-11-21 00:00 UTC);
        let left = |days| {
            let life = Validity::days_from(start, days).unwrap();
            ((life.not_after() - life.wanting_from()).whole_hours(), life.outruns_a_day())
        };
        assert_eq!(left(90), (719, false));
        assert_eq!(left(5), (39, false));
        assert_eq!(left(4), (36, false));
        assert_eq!(left(3), (36, false));
        assert_eq!(left(2), (31, false));
        assert_eq!(left(1), (15, true));
    }

    #[test]
    fn fractions_and_offsets_do_not_reach_a_certificate() {
        let late = datetime!(2050-01-01 01:00:00.5 +05:00);
        let validity = Validity::between(late, late).unwrap();
        assert_eq!(validity.not_before(), datetime!(2049-12-31 20:00:00 UTC));
    }
}
