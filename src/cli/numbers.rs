//! Numbers of the command line, refused in our words.

use std::num::NonZeroU32;

/// So many days: whether a life may be that long is for the profile to say.
pub(super) fn days(text: &str) -> Result<u32, &'static str> {
    text.parse().map_err(|_| "days are a whole number, such as 90")
}

/// How many at most.
pub(super) fn limit(text: &str) -> Result<u32, &'static str> {
    text.parse().ok().filter(|limit| *limit > 0).ok_or("a limit is a whole number, 1 or more")
}

/// How many stay.
pub(super) fn kept(text: &str) -> Result<NonZeroU32, &'static str> {
    text.parse().map_err(|_| "so many stay: a whole number, 1 or more")
}

/// Where the next page of a list begins.
pub(super) fn cursor(text: &str) -> Result<i64, &'static str> {
    text.parse().map_err(|_| "a cursor is the number that `hubca list` gives below a full page")
}
