//! Java's PKIX trust manager, all cases in one virtual machine.

use std::path::PathBuf;
use std::process::Command;

use super::{Witness, ask, commands};
use crate::chain::{Case, Verdict};

pub(crate) struct Java;

impl Witness for Java {
    fn name(&self) -> &'static str {
        "java"
    }

    fn needs(&self) -> Vec<PathBuf> {
        commands(&["java", "javac"])
    }

    fn judge(&self, cases: &[Case]) -> Vec<Verdict> {
        let lines: Vec<String> = cases.iter().map(Case::line).collect();
        ask(&mut Command::new("java"), "Pkix.java", &lines, &[])
    }
}
