//! Something that is not as it was written, as `audit verify` and `backup verify` report it.

use std::path::Path;

use serde::Serialize;

use crate::authority::Flaw;

/// What is not as it was written.
#[derive(Debug, Serialize)]
pub struct FoundFlaw {
    kind: &'static str,
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

impl From<Flaw> for FoundFlaw {
    fn from(flaw: Flaw) -> Self {
        Self { kind: flaw.kind.as_str(), subject: flaw.subject, message: flaw.message }
    }
}
