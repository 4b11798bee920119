//! Programs under a clock of the test's choosing, by the library of faketime.
//!
//! The program `faketime` names a semaphore after its process number and gives up where one of that name is left by somebody who was killed;
//! the library alone needs none.

use std::{process::Command, sync::OnceLock};

/// Sets the clock of a program: `+60d` or `-1h` from now, or `@2020-01-01 00:00:00` of its own time zone, from where it goes on.
pub(crate) fn set<'command>(command: &'command mut Command, clock: &str) -> &'command mut Command {
    command.env("LD_PRELOAD", library()).env("FAKETIME", clock).env("FAKETIME_DISABLE_SHM", "1")
}

/// Where the library is, as `faketime` itself says.
pub(crate) fn library() -> &'static str {
    static LIBRARY: OnceLock<String> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let asked = || Command::new("faketime").args(["-f", "+0", "env"]).output().unwrap();
        // Each try is another process, and has another number.
        let told = (0..8).map(|_| asked()).find(|output| output.status.success()).unwrap();
        let environment = String::from_utf8(told.stdout).unwrap();
        environment.lines().find_map(|line| line.strip_prefix("LD_PRELOAD=")).unwrap().to_owned()
    })
}
