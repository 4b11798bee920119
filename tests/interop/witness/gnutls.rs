//! GnuTLS's `certtool --verify`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use super::{Witness, commands, on_all_cores, words};
use crate::chain::{Case, Verdict};

pub(crate) struct GnuTls;

impl Witness for GnuTls {
    fn name(&self) -> &'static str {
        "gnutls"
    }

    fn needs(&self) -> Vec<PathBuf> {
        commands(&["certtool"])
    }

    fn judge(&self, cases: &[Case]) -> Vec<Verdict> {
        on_all_cores(cases, |case| {
            let mut served = tempfile::NamedTempFile::new().unwrap();
            for file in [&case.chain.leaf, &case.chain.issuing] {
                served.write_all(&std::fs::read(file).unwrap()).unwrap();
            }
            served.flush().unwrap();
            let output = Command::new("certtool")
                .args([
                    "--verify",
                    "--verify-purpose",
                    "1.3.6.1.5.5.7.3.1",
                    "--verify-hostname",
                    &case.name.to_string(),
                ])
                .arg("--load-ca-certificate")
                .arg(&case.chain.root)
                .arg("--infile")
                .arg(served.path())
                .output()
                .unwrap();
            let said = words(&output);
            // The exit code alone says too little: some versions end with 0 after a refusal.
            let trusted = said.contains("Chain verification output: Verified. The certificate is trusted.");
            if output.status.success() && trusted { Verdict::Accepts } else { Verdict::Refuses(said) }
        })
    }
}
