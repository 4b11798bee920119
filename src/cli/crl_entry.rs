//! A CRL as `crl` and `revoke` report it.

use std::path::PathBuf;

use serde::Serialize;
use time::OffsetDateTime;

use super::{
    moment::Moment,
    page::{Page, counted},
};
use crate::home::PublishedCrl;

/// A CRL that was made.
#[derive(Clone, Debug, Serialize)]
pub struct MadeCrl {
    issuer: String,
    number: i64,
    this_update: Moment,
    next_update: Moment,
    /// How many certificates it lists.
    revoked: usize,
    files: CrlPaths,
}

/// Where a CRL lies.
#[derive(Clone, Debug, Serialize)]
pub struct CrlPaths {
    /// As a distribution point serves it.
    pub der: PathBuf,
    /// As nginx and openssl read it.
    pub pem: PathBuf,
}

impl From<PublishedCrl> for MadeCrl {
    fn from(made: PublishedCrl) -> Self {
        Self {
            issuer: made.issuer,
            number: made.record.number,
            this_update: made.record.this_update.into(),
            next_update: made.record.next_update.into(),
            revoked: made.revoked,
            files: CrlPaths { der: made.files.der, pem: made.files.pem },
        }
    }
}

impl MadeCrl {
    /// Where it lies.
    pub fn files(&self) -> &CrlPaths {
        &self.files
    }

    /// The same list, whose files are other ones.
    #[must_use]
    pub fn at(self, files: CrlPaths) -> Self {
        Self { files, ..self }
    }

    /// Tells it.
    pub fn tell(&self, page: &mut Page, now: OffsetDateTime) {
        page.field("CRL of", &self.issuer);
        page.field("number", &self.number.to_string());
        page.field("revokes", &counted(self.revoked, "certificate"));
        page.field("good until", &self.next_update.told(now));
        page.command(&self.files.der.display().to_string());
        page.command(&self.files.pem.display().to_string());
    }
}
