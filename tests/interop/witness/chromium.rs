//! Headless Chromium with the root in its NSS database.

use std::path::PathBuf;
use std::process::Command;

use super::{Witness, ask, python};
use crate::chain::{Case, Verdict};

pub(crate) struct Chromium;

impl Chromium {
    /// The browser, under the names that distributions give it.
    pub(crate) fn program() -> PathBuf {
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
            .iter()
            .map(PathBuf::from)
            .find(|path| path.exists())
            .unwrap_or_else(|| PathBuf::from("chromium"))
    }
}

impl Witness for Chromium {
    fn name(&self) -> &'static str {
        "chromium"
    }

    fn needs(&self) -> Vec<PathBuf> {
        vec![python(), Self::program(), PathBuf::from("certutil")]
    }

    fn judge(&self, cases: &[Case]) -> Vec<Verdict> {
        let lines: Vec<String> =
            cases.iter().map(|case| format!("{}\t{}", case.line(), case.chain.key.display())).collect();
        ask(&mut Command::new(python()), "browse.py", &lines, &[Self::program().as_os_str()])
    }
}
