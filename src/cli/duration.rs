//! How long, as it is typed: `30s`, `15m`, `12h`, `90d`; or until when.

use time::{Duration, OffsetDateTime};

use super::moment::Moment;

/// So long from now, or until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// So long.
    For(Duration),
    /// Until then.
    At(Moment),
}

impl Until {
    /// Reads it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(moment) = text.contains('T').then(|| Moment::parse(text)).flatten() {
            return Ok(Self::At(moment));
        }
        let wrong = "a duration looks like 90s, 15m or 12h, and a time like 2027-01-31T18:30:00Z";
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(wrong)?;
        let is_plain = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
        let number: u32 = number.parse().ok().filter(|_| is_plain).ok_or(wrong)?;
        let number = i64::from(number);
        match unit {
            "s" => Ok(Self::For(Duration::seconds(number))),
            "m" => Ok(Self::For(Duration::minutes(number))),
            "h" => Ok(Self::For(Duration::hours(number))),
            "d" => Ok(Self::For(Duration::days(number))),
            _ => Err(wrong),
        }
    }

    /// How long that is from now on.
    pub(super) fn from(self, now: OffsetDateTime) -> Duration {
        match self {
            Self::For(duration) => duration,
            Self::At(moment) => moment.instant() - now,
        }
    }
}

/// A duration in words: `15 minutes`, `1 hour 30 minutes`.
pub(super) fn in_words(duration: Duration) -> String {
    let seconds = duration.whole_seconds().max(0);
    let parts = [(seconds / 3600, "hour"), (seconds / 60 % 60, "minute"), (seconds % 60, "second")];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let words: Vec<_> =
        parts.map(|(number, unit)| format!("{number} {unit}{}", if number == 1 { "" } else { "s" })).collect();
    if words.is_empty() { "no time".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_duration_is_a_number_and_a_unit_and_a_time_is_rfc_3339() {
        let now = datetime!(2026-11-21 12:00 UTC);
        let from = |text: &str| Until::parse(text).map(|until| until.from(now).whole_seconds());
        assert_eq!(from("90s"), Ok(90));
        assert_eq!(from("15m"), Ok(900));
        assert_eq!(from("12h"), Ok(43_200));
        assert_eq!(from("1d"), Ok(86_400));
        assert_eq!(from("2026-11-21T14:30:00+02:00"), Ok(1800));
        assert_eq!(from("2026-11-21T11:00:00Z"), Ok(-3600));
        for bad in ["", "m", "15", "15 m", "-1m", "+1m", "1.5h", "15M", "18:30", "99999999999m", "é", "1é", "tomorrow"]
        {
            assert!(from(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_duration_in_words_leaves_out_what_is_nothing() {
        assert_eq!(in_words(Duration::minutes(15)), "15 minutes");
        assert_eq!(in_words(Duration::seconds(5461)), "1 hour 31 minutes 1 second");
        assert_eq!(in_words(Duration::ZERO), "no time");
    }
}
