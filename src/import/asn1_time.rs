//! Times as ASN.1 spells them, X.680 46 and 47, within the limits of RFC 5280 4.1.2.5: what `index.txt` has for dates.

use time::{Date, Month, OffsetDateTime, Time};

/// Reads a UTCTime (`YYMMDDHHMMSSZ`) or a GeneralizedTime (`YYYYMMDDHHMMSSZ`), with or without its seconds; none where it is neither.
pub(super) fn parse(text: &[u8]) -> Option<OffsetDateTime> {
    let digits = text.strip_suffix(b"Z")?;
    let is_utc_time = matches!(digits.len(), 10 | 12);
    if !is_utc_time && digits.len() != 14 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (year, rest) = digits.split_at_checked(if is_utc_time { 2 } else { 4 })?;
    let year = i32::from(number(year)?);
    // RFC 5280 4.1.2.5.1: 50 to 99 are of the twentieth century.
    let year = match (is_utc_time, year) {
        (false, year) => year,
        (true, year @ 50..) => 1900 + year,
        (true, year) => 2000 + year,
    };
    let mut pairs = rest.chunks(2).map(|pair| number(pair).and_then(|pair| u8::try_from(pair).ok()));
    let month = Month::try_from(pairs.next()??).ok()?;
    let date = Date::from_calendar_date(year, month, pairs.next()??).ok()?;
    let (hour, minute) = (pairs.next()??, pairs.next()??);
    let second = match pairs.next() {
        Some(second) => second?,
        None => 0,
    };
    Some(date.with_time(Time::from_hms(hour, minute, second).ok()?).assume_utc())
}

fn number(digits: &[u8]) -> Option<u16> {
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn both_kinds_of_time_are_read() {
        let moment = datetime!(2026-11-29 20:15:30 UTC);
        for text in ["261129201530Z", "20261129201530Z"] {
            assert_eq!(parse(text.as_bytes()), Some(moment), "{text}");
        }
        assert_eq!(parse(b"2611292015Z"), Some(datetime!(2026-11-29 20:15 UTC)));
        assert_eq!(parse(b"500101000000Z"), Some(datetime!(1950-01-01 00:00 UTC)));
        assert_eq!(parse(b"491231235959Z"), Some(datetime!(2049-12-31 23:59:59 UTC)));
        assert_eq!(parse(b"21260101000000Z"), Some(datetime!(2126-01-01 00:00 UTC)));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "Z",
            "261129201530",
            "261329201530Z",
            "260230000000Z",
            "261129251530Z",
            "2026112920153Z",
            "26112920153+Z",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
