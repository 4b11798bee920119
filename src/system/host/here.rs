//! This machine.

use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rustix::fs::{Access, access};

use super::door::{Host, Lying, Whereabouts};
use crate::system::{
    conversation::{Company, Conversation},
    ending::{Answered, Ended, Ending},
    files::{FileError, directory, read_bounded},
    process_error::ProcessError,
    processes::{Errand, Processes},
};

/// This machine, whose programs are run by these.
#[derive(Clone, Copy)]
pub struct Here<'a>(pub &'a dyn Processes);

impl Processes for Here<'_> {
    fn run(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        self.0.run(errand)
    }

    fn run_through(&self, errand: &Errand) -> Result<Ended, ProcessError> {
        self.0.run_through(errand)
    }

    fn ask(&self, errand: &Errand, most: usize) -> Result<Answered, ProcessError> {
        self.0.ask(errand, most)
    }

    fn has(&self, program: &str) -> bool {
        self.0.has(program)
    }

    fn run_at_terminal(&self, words: &[String]) -> Result<Ending, ProcessError> {
        self.0.run_at_terminal(words)
    }

    fn converse(&self, words: &[String], company: Company) -> Result<Conversation, ProcessError> {
        self.0.converse(words, company)
    }
}

impl Host for Here<'_> {
    fn whereabouts(&self) -> Whereabouts {
        Whereabouts::Here
    }

    fn look(&self, paths: &[PathBuf]) -> Vec<Lying> {
        let look = |path: &PathBuf| match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_file() && access(path, Access::EXEC_OK).is_ok() => Lying::Program,
            Ok(metadata) if metadata.is_file() => Lying::File,
            Ok(metadata) if metadata.is_dir() => Lying::Directory,
            Ok(_) => Lying::Special,
            Err(_) => Lying::Nothing,
        };
        paths.iter().map(look).collect()
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, FileError> {
        read_bounded(path, limit)
    }

    fn entries(&self, path: &Path) -> Result<Vec<String>, FileError> {
        directory::entries(path)
    }

    fn resolve(&self, path: &Path) -> Result<PathBuf, FileError> {
        directory::resolve(path)
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        std::fs::metadata(path).ok().map(|metadata| metadata.uid())
    }
}
