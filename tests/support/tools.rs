//! Tools by others: which are here, and which are missing and told.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Whether all of `tools` are on this machine. A missing one is told to `tests/run`, which counts it as skipped; where `CI` is true
/// everything must be there.
pub(crate) fn present(what: &str, tools: &[PathBuf]) -> bool {
    let missing: Vec<String> =
        tools.iter().filter(|tool| !can_run(tool)).map(|tool| tool.display().to_string()).collect();
    if missing.is_empty() {
        return true;
    }
    let line = format!("{what}: missing {}", missing.join(", "));
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{line}");
    skipped(&line);
    false
}

/// Tells of something that cannot be tried here, and why.
pub(crate) fn skipped(line: &str) {
    let line = format!("{line}\n");
    #[expect(clippy::print_stderr, reason = "a person who runs the tests by hand reads it there")]
    {
        eprint!("skipped: {line}");
    }
    if let Some(path) = std::env::var_os("HUBCA_TEST_SKIPPED") {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
}

fn can_run(tool: &Path) -> bool {
    if tool.components().count() > 1 {
        return tool.exists();
    }
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|directory| directory.join(tool).exists()))
}

/// Commands found on the `PATH`.
pub(crate) fn commands(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(PathBuf::from).collect()
}

/// The Python of the environment that `tests/run` makes.
pub(crate) fn python() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("witnesses/venv/bin/python")
}

/// The programs of npm that `tests/run` installs.
pub(crate) fn node_programs() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("witnesses/node/node_modules/.bin")
}
