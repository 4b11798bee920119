//! Something that is not as it was written, as `audit verify` and `backup verify` report it.

use std::path::Path;

use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    authority::{Flaw, FlawKind},
    cli::{
        moment::Moment,
        page::{Page, Tone},
    },
    home::MissingIssuingKey,
};

/// What is not as it was written.
#[derive(Debug, Serialize)]
pub struct FoundFlaw {
    /// What it is about, by its word in JSON.
    pub kind: &'static str,
    subject: String,
    /// What is wrong with it, in a sentence.
    pub message: String,
}

impl FoundFlaw {
    /// What is wrong with a whole file.
    pub fn of_file(kind: &'static str, path: &Path, message: String) -> Self {
        Self { kind, subject: path.display().to_string(), message }
    }
}

impl FoundFlaw {
    /// A home has lost the key that issues.
    pub fn of_lost_key(missing: &MissingIssuingKey) -> Self {
        let message = format!("the key that issues, `{}`, is not in the home, and so not in the backup", missing.name);
        Self { kind: FlawKind::CaKey.as_str(), subject: missing.name.clone(), message }
    }
}

/// What was not as it was written when the home was restored, and stays so.
#[derive(Debug, Serialize)]
pub struct KnownFlaw {
    #[serde(flatten)]
    found: FoundFlaw,
    /// When the home was restored.
    since: Moment,
}

impl KnownFlaw {
    /// Tells it.
    pub fn tell(&self, page: &mut Page) {
        let mark = format!("known since the restore of {}:", self.since.date());
        page.marked(Tone::Caution, &mark, &self.found.message);
    }
}

impl From<(Flaw, OffsetDateTime)> for KnownFlaw {
    fn from((flaw, since): (Flaw, OffsetDateTime)) -> Self {
        Self { found: flaw.into(), since: since.into() }
    }
}

impl From<Flaw> for FoundFlaw {
    fn from(flaw: Flaw) -> Self {
        Self { kind: flaw.kind.as_str(), subject: flaw.subject, message: flaw.message }
    }
}
