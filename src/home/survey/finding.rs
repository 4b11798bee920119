//! One thing that needs a person.

use std::cmp::Reverse;

use time::OffsetDateTime;

use super::{kind::FindingKind, severity::Severity};
use crate::home::moved::Moved;

/// One thing that needs a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub kind: FindingKind,
    /// Of what: a label, a CA, a path.
    pub subject: String,
    /// Until when, or since when.
    pub due: Option<OffsetDateTime>,
    /// What is, in a sentence.
    pub message: String,
    /// Which addresses changed, where it is about that.
    pub moved: Option<Moved>,
}

impl Finding {
    pub(super) fn new(
        kind: FindingKind,
        subject: impl Into<String>,
        due: impl Into<Option<OffsetDateTime>>,
        message: impl Into<String>,
    ) -> Self {
        Self { kind, subject: subject.into(), due: due.into(), message: message.into(), moved: None }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }

    /// Worst first, then what was due first, then by kind; what has no date comes last.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let due = self.due.map_or(i64::MAX, OffsetDateTime::unix_timestamp);
        (Reverse(self.severity()), due, self.kind)
    }
}
