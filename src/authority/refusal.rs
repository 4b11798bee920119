//! What policy refuses. Refused is not failed: every fact a person needs is in it.

use thiserror::Error;

use crate::{
    profile::Scope,
    x509::{GeneralName, WeakKey},
};

/// What policy refuses, with the facts.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// A name that the CA may not vouch for.
    #[error("`{name}` is outside what this CA may vouch for")]
    OutsideScope {
        /// The name.
        name: GeneralName,
        /// What it may vouch for.
        scope: Box<Scope>,
        /// Whose limits it is.
        beyond: Beyond,
    },
    /// A key that some device refuses.
    #[error(transparent)]
    Key(#[from] WeakKey),
    /// A longer life than the profile allows.
    #[error("{days} days are more than a certificate may live: the profile `{profile}` allows {most}")]
    TooManyDays {
        /// The days asked for.
        days: u32,
        /// The profile.
        profile: String,
        /// The most days it allows.
        most: u32,
    },
    /// No life at all.
    #[error("a certificate of 0 days is never valid")]
    NoDays,
    /// A life that ends after the issuer's.
    #[error("{days} days would end on {end}, after the CA itself, which ends on {issuer_end}")]
    BeyondIssuer {
        /// The days asked for.
        days: u32,
        /// When it would end.
        end: time::Date,
        /// When the issuer ends.
        issuer_end: time::Date,
        /// The days that are left.
        days_left: i64,
    },
    /// The issuer's own certificate is not valid now.
    #[error("the CA `{issuer}` is valid from {not_before} to {not_after}, and the clock says {now}")]
    IssuerNotValid {
        /// The issuer's name.
        issuer: String,
        /// When it starts.
        not_before: time::Date,
        /// When it ends.
        not_after: time::Date,
        /// The clock's date.
        now: time::Date,
    },
    /// A date that no certificate can hold.
    #[error("the dates are beyond what a certificate can hold")]
    Dates,
}

/// Whose limits leave a name out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// Those of the CA that issues alone: another below the same root may have the name.
    Issuer,
    /// Those of its root, with which devices trust it.
    Root,
}
