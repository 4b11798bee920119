//! The server verifier of Python's `cryptography`.

use std::path::PathBuf;
use std::process::Command;

use super::{Witness, ask, python};
use crate::chain::{Case, Verdict};

pub(crate) struct Cryptography;

impl Witness for Cryptography {
    fn name(&self) -> &'static str {
        "cryptography"
    }

    fn needs(&self) -> Vec<PathBuf> {
        vec![python()]
    }

    fn judge(&self, cases: &[Case]) -> Vec<Verdict> {
        let lines: Vec<String> = cases.iter().map(Case::line).collect();
        ask(&mut Command::new(python()), "pyca.py", &lines, &[])
    }
}
