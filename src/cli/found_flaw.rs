//! Something that is not as it was written, as `audit verify` and `backup verify` report it.

use std::path::Path;

use serde::Serialize;

use crate::{
    authority::{Flaw, FlawKind},
    home::MissingIssuingKey,
};

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

impl FoundFlaw {
    /// A home has lost the key that issues.
    pub fn of_lost_key(missing: &MissingIssuingKey) -> Self {
        let message = format!("the key that issues, `{}`, is not in the home, and so not in the backup", missing.name);
        Self { kind: FlawKind::CaKey.as_str(), subject: missing.name.clone(), message }
    }
}

impl From<Flaw> for FoundFlaw {
    fn from(flaw: Flaw) -> Self {
        Self { kind: flaw.kind.as_str(), subject: flaw.subject, message: flaw.message }
    }
}
