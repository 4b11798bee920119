//! A plan, told before it is done: what each step writes and runs.

use std::path::PathBuf;

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
        let empty = Self { does: step.sentence().to_owned(), path: None, content: None, command: None };
        match step.deed() {
            Deed::Write { path, content, .. } => {
                Self { path: Some(path.clone()), content: Some(String::from_utf8_lossy(content).into_owned()), ..empty }
            }
            Deed::WriteBlock { path, text, .. } => {
                Self { path: Some(path.clone()), content: Some(text.clone()), ..empty }
            }
            Deed::MakeDirectory { path }
            | Deed::Remove { path, .. }
            | Deed::Restore { path, .. }
            | Deed::RemoveBlock { path, .. } => Self { path: Some(path.clone()), ..empty },
            Deed::Run { words } => Self { command: Some(shell_line(words)), ..empty },
        }
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
