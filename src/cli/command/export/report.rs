//! What an export answers: the files, the fingerprint to compare, and what to do with them.

use serde::Serialize;

use crate::{
    cli::{
        delivery::DeliveredFile,
        page::{Page, Tone},
        report::Report,
    },
    export::{Anchor, Fingerprint, Target, instructions},
};

/// The files that were written, and what to do with them.
#[derive(Debug, Serialize)]
pub struct ExportReport {
    target: &'static str,
    files: Vec<DeliveredFile>,
    /// What a person compares before trusting it.
    root_sha256: String,
    /// The same in words.
    root_words: String,
    #[serde(skip)]
    root_groups: String,
    steps: Vec<String>,
}

impl ExportReport {
    /// Files for a target, and its steps.
    pub fn new(target: Target, anchor: &Anchor, files: Vec<DeliveredFile>) -> Self {
        Self::with_steps(target.as_str(), anchor, files, instructions(target, anchor))
    }

    /// Files, and what to do with them.
    pub fn with_steps(target: &'static str, anchor: &Anchor, files: Vec<DeliveredFile>, steps: Vec<String>) -> Self {
        let fingerprint = Fingerprint::of(anchor.root());
        Self {
            target,
            files,
            root_sha256: fingerprint.hex(),
            root_words: fingerprint.words().join(" "),
            root_groups: fingerprint.groups().join(" "),
            steps,
        }
    }

    /// The files.
    pub fn files(&self) -> &[DeliveredFile] {
        &self.files
    }

    /// Tells what to do with them; the marks count the steps.
    pub fn tell_steps<'a>(&self, page: &mut Page, marks: impl IntoIterator<Item = &'a str>) {
        page.field("root SHA-256", &self.root_groups);
        page.field("in words", &self.root_words);
        page.blank();
        for (mark, step) in marks.into_iter().zip(&self.steps) {
            page.paragraph(&format!("  {mark} "), Tone::Plain, step);
        }
    }
}

impl Report for ExportReport {
    fn tell(&self, page: &mut Page) {
        self.files.iter().for_each(|file| page.command(&file.path.display().to_string()));
        page.blank();
        self.tell_steps(page, ["1.", "2.", "3.", "4.", "5.", "6.", "7.", "8.", "9."]);
    }
}
