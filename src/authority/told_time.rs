//! Times in messages.

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// A time as people and programs read it: `2027-12-23T10:59:59Z`.
pub fn told(instant: OffsetDateTime) -> String {
    let instant = instant.to_offset(UtcOffset::UTC);
    let whole = instant.replace_nanosecond(0).unwrap_or(instant);
    whole.format(&Rfc3339).unwrap_or_else(|_| whole.to_string())
}
