//! A backup as people and programs are told of it.

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    cli::page::{Page, counted},
    home::{Manifest, Omitted},
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
}

#[derive(Debug, Serialize)]
struct ToldHead {
    entries: i64,
    head: String,
}

impl ToldBackup {
    pub(super) fn of(path: PathBuf, manifest: Manifest) -> Self {
        Self {
            path,
            ca: manifest.ca,
            made_at: manifest.made_at,
            audit: ToldHead { entries: manifest.audit.entries, head: manifest.audit.head },
            files: manifest.files.len(),
            without: manifest.without,
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
        page.line("the hash of its newest entry is");
        page.command(&self.audit.head);
    }
}

fn in_words(left_out: Omitted) -> &'static str {
    match left_out {
        Omitted::RootKey => "the root key",
        Omitted::LeafKeys => "the keys of certificates",
    }
}
