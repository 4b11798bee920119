//! How much of a life is left.

use time::OffsetDateTime;

/// Something that ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifespan {
    /// What it is: `root`, `issuing`, `crl`, `certificate`.
    pub what: &'static str,
    /// Which one: a CA, a label.
    pub subject: String,
    /// The serial number of a certificate, the number of a CRL.
    pub number: String,
    /// Its beginning.
    pub from: OffsetDateTime,
    /// When another is wanted.
    pub due: OffsetDateTime,
    /// Its end.
    pub until: OffsetDateTime,
}

impl Lifespan {
    /// How much of it is left, in thousandths.
    pub fn left(&self, now: OffsetDateTime) -> u32 {
        let whole = (self.until - self.from).whole_seconds().max(1);
        let left = (self.until - now).whole_seconds().clamp(0, whole);
        u32::try_from(left.saturating_mul(1000) / whole).unwrap_or_default()
    }
}
