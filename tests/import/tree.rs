//! A directory as it is at a moment: every name, content, mode and time.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What lies below a directory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tree(BTreeMap<PathBuf, (u32, i64, i64, Vec<u8>)>);

impl Tree {
    pub(crate) fn of(directory: &Path) -> Self {
        let mut entries = BTreeMap::new();
        let mut open = vec![directory.to_owned()];
        while let Some(path) = open.pop() {
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
            if metadata.is_dir() {
                open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
            entries.insert(path, (metadata.mode(), metadata.mtime(), metadata.mtime_nsec(), content));
        }
        Self(entries)
    }
}
