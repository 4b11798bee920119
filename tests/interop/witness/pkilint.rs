//! pkilint: no finding of WARNING or worse, but for the two that a private CA has its reasons for.

use std::path::PathBuf;
use std::process::Command;

use super::{Witness, ask, python};
use crate::chain::{Case, Criticality, Verdict};

pub(crate) struct Pkilint;

impl Witness for Pkilint {
    fn name(&self) -> &'static str {
        "pkilint"
    }

    fn needs(&self) -> Vec<PathBuf> {
        vec![python()]
    }

    fn compares_names(&self) -> bool {
        false
    }

    fn judge(&self, cases: &[Case]) -> Vec<Verdict> {
        let lines: Vec<String> = cases
            .iter()
            .map(|case| {
                let forgiven = match case.criticality {
                    Criticality::Critical => "",
                    // `--nc-compat` is the operator's word that some device cannot read critical constraints.
                    Criticality::NotCritical => "pkix.certificate_name_constraints_extension_not_critical",
                };
                format!("{}\t{forgiven}", case.line())
            })
            .collect();
        ask(&mut Command::new(python()), "rfc5280_lint.py", &lines, &[])
    }
}
