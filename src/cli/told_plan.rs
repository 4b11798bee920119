//! A plan, told before it is done: what each step writes and runs.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{
    failure::{Failure, FailureKind},
    page::{Page, Tone},
};
use crate::plan::{Deed, Step, StepError, shell_line};

/// A step of a plan, as answers have it.
#[derive(Clone, Debug, Serialize)]
pub struct ToldStep {
    does: String,
    /// The file or directory.
    path: Option<PathBuf>,
    /// What is written into it, or what the program reads.
    content: Option<String>,
    /// What is run, as a shell takes it.
    command: Option<String>,
}

impl ToldStep {
    /// What a step does.
    pub fn of(step: &Step) -> Self {
        let deed = step.deed();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (content, command) = match deed {
            Deed::Write { content, .. } => (Some(text(content)), None),
            Deed::WriteBlock { text, .. } => (Some(text.clone()), None),
            Deed::Run { words, input } => ((!input.is_empty()).then(|| text(input)), Some(shell_line(words))),
            _ => (None, None),
        };
        Self { does: step.sentence().to_owned(), path: deed.path().map(Path::to_owned), content, command }
    }

    /// Tells it.
    pub fn tell(&self, page: &mut Page) {
        self.tell_briefly(page);
        for line in self.content.iter().flat_map(|content| content.lines()) {
            page.quoted(line);
        }
    }

    /// Whether it has a program read this.
    pub fn feeds(&self, content: &str) -> bool {
        self.command.is_some() && self.content.as_deref() == Some(content)
    }

    /// Tells it so that it can be done by hand, where everybody knows one text: behind a program that reads it stands a name for it.
    pub fn tell_beside(&self, known: &str, name: &str, page: &mut Page) {
        match &self.command {
            Some(command) if self.feeds(known) => {
                page.marked(Tone::Strong, "step:", &self.does);
                page.command(&format!("{command} <{name}"));
            }
            None if self.content.as_deref() == Some(known) => self.tell_briefly(page),
            _ => self.tell(page),
        }
    }

    /// Tells it, but not what is written: everybody knows by then.
    pub fn tell_briefly(&self, page: &mut Page) {
        page.marked(Tone::Strong, "step:", &self.does);
        if let Some(path) = &self.path {
            page.command(&path.display().to_string());
        }
        if let Some(command) = &self.command {
            page.command(command);
        }
    }
}

/// Why a step failed, and what the program said that it ran.
pub fn failure_of(step: &Step, error: &StepError) -> Failure {
    let failure = Failure::of(FailureKind::File, error).within(format!("cannot {}", step.sentence()));
    match error {
        StepError::Failed { said, .. } => failure.having_said(said),
        StepError::Busy { .. } => failure.hint("try again when it has ended"),
        _ => failure,
    }
}

/// Where what somebody had changed is kept.
pub fn tell_kept(kept: &[PathBuf], page: &mut Page) {
    for copy in kept {
        page.marked(Tone::Caution, "note:", &format!("what was changed there by hand is kept in {}", copy.display()));
    }
}
