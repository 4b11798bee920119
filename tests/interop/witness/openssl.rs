//! OpenSSL's `verify`, with every strictness it has.

use std::path::PathBuf;
use std::process::Command;

use super::{Witness, commands, on_all_cores, words};
use crate::chain::{Case, Name, Verdict};

pub(crate) struct OpenSsl;

impl Witness for OpenSsl {
    fn name(&self) -> &'static str {
        "openssl"
    }

    fn needs(&self) -> Vec<PathBuf> {
        commands(&["openssl"])
    }

    fn judge(&self, cases: &[Case]) -> Vec<Verdict> {
        on_all_cores(cases, |case| {
            let (option, name) = match &case.name {
                Name::Dns(name) => ("-verify_hostname", name.clone()),
                Name::Ip(address) => ("-verify_ip", address.to_string()),
            };
            let output = Command::new("openssl")
                .args([
                    "verify",
                    "-x509_strict",
                    "-policy_check",
                    "-check_ss_sig",
                    "-purpose",
                    "sslserver",
                    "-no-CApath",
                    "-no-CAstore",
                ])
                .args([option, &name])
                .arg("-CAfile")
                .arg(&case.chain.root)
                .arg("-untrusted")
                .arg(&case.chain.issuing)
                .arg(&case.chain.leaf)
                .output()
                .unwrap();
            let said = words(&output);
            if output.status.success() && said.ends_with(": OK") { Verdict::Accepts } else { Verdict::Refuses(said) }
        })
    }
}
