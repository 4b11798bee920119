//! The number of a CRL, RFC 5280 5.2.3: it grows, whatever happens to the clock or the ledger.

use std::fmt;

use time::OffsetDateTime;

/// A CRL number of ours: positive, and small enough for the ledger; 5.2.3 would allow 20 octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrlNumber(i64);

impl CrlNumber {
    /// A number, if it is positive.
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }

    /// The number of a CRL made at an instant, after another: the milliseconds since 1970, or one more than the last.
    ///
    /// The time keeps numbers growing where the ledger was restored from a backup; the last one where the clock was set
    /// back. None where there is no higher number.
    #[must_use]
    pub fn after(last: Option<Self>, this_update: OffsetDateTime) -> Option<Self> {
        let milliseconds = this_update.unix_timestamp().saturating_mul(1000);
        let next = last.map_or(Some(1), |last| last.0.checked_add(1))?;
        Self::new(next.max(milliseconds))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for CrlNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_number_is_the_time_unless_the_last_one_is_ahead_of_it() {
        let now = datetime!(2026-11-21 12:00 UTC);
        let first = CrlNumber::after(None, now).unwrap();
        assert_eq!(first.get(), 1_795_262_400_000);
        assert_eq!(CrlNumber::after(Some(first), now).unwrap().get(), first.get() + 1);
        let back = datetime!(1999-01-01 00:00 UTC);
        assert_eq!(CrlNumber::after(Some(first), back).unwrap().get(), first.get() + 1);
        assert_eq!(CrlNumber::after(None, datetime!(1960-01-01 00:00 UTC)).unwrap().get(), 1);
        assert_eq!(CrlNumber::after(CrlNumber::new(i64::MAX), now), None);
        assert_eq!((CrlNumber::new(0), CrlNumber::new(-1)), (None, None));
    }
}
