//! A plan, told before it is done: what each step writes and runs.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::page::{Page, Tone};
use crate::plan::{Deed, Step, shell_line};

/// A step of a plan, as answers have it.
#[derive(Debug, Serialize)]
pub struct ToldStep {
    does: String,
    /// The file or directory.
    path: Option<PathBuf>,
    /// What is written into it.
    content: Option<String>,
    /// What is run, as a shell takes it.
    command: Option<String>,
}

impl ToldStep {
    /// What a step does.
    pub fn of(step: &Step) -> Self {
        let deed = step.deed();
        let content = match deed {
            Deed::Write { content, .. } => Some(String::from_utf8_lossy(content).into_owned()),
            Deed::WriteBlock { text, .. } => Some(text.clone()),
            _ => None,
        };
        let command = if let Deed::Run { words } = deed { Some(shell_line(words)) } else { None };
        Self { does: step.sentence().to_owned(), path: deed.path().map(Path::to_owned), content, command }
    }

    /// Tells it.
    pub fn tell(&self, page: &mut Page) {
        page.marked(Tone::Strong, "step:", &self.does);
        if let Some(path) = &self.path {
            page.command(&path.display().to_string());
        }
        if let Some(command) = &self.command {
            page.command(command);
        }
        for line in self.content.iter().flat_map(|content| content.lines()) {
            page.command(&format!("| {line}"));
        }
    }
}
