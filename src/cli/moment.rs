//! An instant as people and programs are told it: RFC 3339 in JSON, a date and a distance in words.

use serde::{Serialize, Serializer};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// An instant in UTC and whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(OffsetDateTime);

impl Moment {
    /// As a program reads it: `2027-12-23T10:59:59Z`.
    pub fn to_rfc3339(self) -> String {
        self.0.format(&Rfc3339).unwrap_or_else(|_| self.0.to_string())
    }

    /// Reads RFC 3339, or a date, which means its first second in UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let instant = OffsetDateTime::parse(text, &Rfc3339);
        let midnight = || OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339);
        instant.or_else(|_| midnight()).ok().map(Self::from)
    }

    /// The instant.
    pub fn instant(self) -> OffsetDateTime {
        self.0
    }

    /// The date: `2027-12-23`.
    pub fn date(self) -> String {
        self.0.date().to_string()
    }

    /// The date, and how far it is from now.
    pub fn told(self, now: OffsetDateTime) -> String {
        let days = (self.0 - now).whole_days();
        let distance = match days {
            // Less than a day is another date all the same, on either side of midnight.
            0 if self.0.date() > now.date() => "tomorrow".to_owned(),
            0 if self.0.date() < now.date() => "yesterday".to_owned(),
            0 if self.0 < now => "earlier today".to_owned(),
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            -1 => "yesterday".to_owned(),
            days if days < 0 => format!("{} days ago", days.unsigned_abs()),
            days => format!("in {days} days"),
        };
        format!("{} ({distance})", self.date())
    }
}

impl From<OffsetDateTime> for Moment {
    fn from(instant: OffsetDateTime) -> Self {
        let utc = instant.to_offset(UtcOffset::UTC);
        Self(utc.replace_nanosecond(0).unwrap_or(utc))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn an_instant_has_one_form_for_programs_and_one_for_people() {
        let moment = Moment::from(datetime!(2027-12-23 12:59:59.5 +02:00));
        assert_eq!(moment.to_rfc3339(), "2027-12-23T10:59:59Z");
        assert_eq!(moment.told(datetime!(2026-11-21 12:00 UTC)), "2027-12-23 (in 396 days)");
        assert_eq!(moment.told(datetime!(2027-12-25 12:00 UTC)), "2027-12-23 (2 days ago)");
        assert_eq!(moment.told(datetime!(2027-12-23 08:00 UTC)), "2027-12-23 (today)");
        assert_eq!(moment.told(datetime!(2027-12-23 12:00 UTC)), "2027-12-23 (earlier today)");
        assert_eq!(moment.told(datetime!(2027-12-22 12:00 UTC)), "2027-12-23 (tomorrow)");
        assert_eq!(moment.told(datetime!(2027-12-24 02:00 UTC)), "2027-12-23 (yesterday)");
        assert_eq!(Moment::parse("2027-12-23T10:59:59Z"), Some(moment));
        assert_eq!(Moment::parse("2027-12-23").map(Moment::to_rfc3339).as_deref(), Some("2027-12-23T00:00:00Z"));
        assert_eq!(Moment::parse("tomorrow"), None);
    }
}
