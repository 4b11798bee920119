//! A backup as people and programs are told of it.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::{
    cli::page::{Page, Tone, counted},
    home::{Manifest, MissingIssuingKey, Omitted, WhyMissing},
    plan::shell_word,
};

/// A backup.
#[derive(Debug, Serialize)]
pub(super) struct ToldBackup {
    pub(super) path: PathBuf,
    ca: String,
    made_at: String,
    audit: ToldHead,
    files: usize,
    without: Vec<Omitted>,
    /// The key of the CA that issues, by its name in the backup, if that is not in it.
    missing_issuing_key: Option<String>,
    #[serde(skip)]
    why_missing: Option<WhyMissing>,
}

#[derive(Debug, Serialize)]
struct ToldHead {
    entries: i64,
    head: String,
}

impl ToldBackup {
    pub(super) fn of(path: PathBuf, manifest: Manifest, missing: Option<MissingIssuingKey>) -> Self {
        Self {
            path,
            ca: manifest.ca,
            made_at: manifest.made_at,
            audit: ToldHead { entries: manifest.audit.entries, head: manifest.audit.head },
            files: manifest.files.len(),
            without: manifest.without,
            why_missing: missing.as_ref().map(|missing| missing.why),
            missing_issuing_key: missing.map(|missing| missing.name),
        }
    }

    pub(super) fn tell(&self, page: &mut Page) {
        page.field("CA", &self.ca);
        page.field("made", &self.made_at);
        page.field("in it", &format!("{}, {} entries of the log", counted(self.files, "file"), self.audit.entries));
        let without: Vec<_> = self.without.iter().copied().map(in_words).collect();
        if !without.is_empty() {
            page.field("without", &without.join(" and "));
        }
        if let (Some(name), Some(why)) = (&self.missing_issuing_key, self.why_missing) {
            page.paragraph("  - ", Tone::Caution, &without_issuing_key(name, why));
        }
        page.line("the hash of its newest entry is");
        page.command(&self.audit.head);
    }
}

/// A root that issues by itself has no other key: what is left out for safety is what the restored home needs each day.
pub(super) fn without_issuing_key(name: &str, why: WhyMissing) -> String {
    let why = match why {
        WhyMissing::LeftOut => {
            "it is the root's, which issues by itself: keep that key elsewhere, or make a backup --with-root-key"
        }
        WhyMissing::Lost => "it was not in the home",
    };
    format!("the key that issues, `{name}`, is not in it, and nothing can be issued with what is restored of it: {why}")
}

/// What becomes of a backup whose CAs and keys are whole, but not all else.
pub(super) fn tell_flawed(page: &mut Page, path: &Path) {
    let text = "its CAs and their keys are whole: where there is no sound one, this takes it with what is wrong in it:";
    page.paragraph("", Tone::Plain, text);
    page.command(&page.hubca(&format!("restore --with-flaws {}", shell_word(&path.display().to_string()))));
}

fn in_words(left_out: Omitted) -> &'static str {
    match left_out {
        Omitted::RootKey => "the root key",
        Omitted::LeafKeys => "the keys of certificates",
    }
}
