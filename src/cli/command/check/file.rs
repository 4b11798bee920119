//! The chain in a file, judged.

use std::path::Path;

use super::{
    report::{Added, CheckReport},
    roots::Roots,
};
use crate::{
    cli::{
        command::inspect::MOST_BYTES,
        context::Context,
        failure::{Failure, FailureKind},
        inspection,
        moment::Moment,
    },
    lint::{Platform, examine},
    probe::KnownCas,
    x509::{Certificate, CertificationPath},
};

/// That root which is what comes next above a file's certificates.
fn missing_above(path: &CertificationPath, known: &KnownCas) -> Option<Certificate> {
    let top = path.certificates().last().filter(|top| !top.is_self_signed())?;
    known.roots.iter().find(|root| top.is_issued_by(root)).cloned()
}

/// Examines the chain in a file.
///
/// # Errors
/// The file cannot be read, or holds no certificate.
pub(super) fn check(
    file: &Path,
    roots: &Roots,
    platforms: &[Platform],
    at: Moment,
    context: &Context,
) -> Result<CheckReport, Failure> {
    let source = file.display().to_string();
    let bytes = zeroize::Zeroizing::new(context.read(file, MOST_BYTES)?);
    let unchecked = |failure: Failure| failure.within(format!("cannot check `{source}`"));
    let certificates = inspection::certificates(&bytes).map_err(unchecked)?;
    if certificates.len() > CertificationPath::MOST {
        let message = format!("`{source}` holds {} certificates", certificates.len());
        return Err(Failure::new(FailureKind::Input, message).hint(format!(
            "give the chain of one certificate: at most {} are looked at together",
            CertificationPath::MOST
        )));
    }
    let path = CertificationPath::assemble(certificates)
        .ok_or_else(|| Failure::new(FailureKind::Input, format!("there is no certificate in `{source}`")))?;
    let added = missing_above(&path, roots.known());
    let path = path.continued(added.clone());
    Ok(CheckReport::new(
        examine(&path, at.instant(), platforms),
        Some(&path),
        Added::new(added.as_ref(), roots),
        None,
        at,
    ))
}
