//! The certificates of a chain by anyone, brought into line also where signatures cannot.

use crate::x509::{Certificate, CertificationPath, path::Order};

/// A chain by anyone: what leads from the end entity upwards, and what does not.
pub(super) struct Chain<'a> {
    /// End entity first; each is issued by the next, by signature or at least by name.
    pub(super) line: Vec<&'a Certificate>,
    /// What has no place in it.
    pub(super) strangers: Vec<&'a Certificate>,
    pub(super) order: Order,
}

impl<'a> Chain<'a> {
    /// Joins to a path what its signatures could not: certificates whose signature does not verify, or uses an
    /// algorithm that is refused, still belong where their names say.
    pub(super) fn of(path: &'a CertificationPath) -> Self {
        let mut line: Vec<&Certificate> = path.certificates().iter().collect();
        let mut strangers: Vec<&Certificate> = path.strangers().iter().collect();
        // A path that starts at a CA is one that no signature led to; an end entity beside it is what it is about.
        let is_leaf = |certificate: &&Certificate| !certificate.tbs().is_ca();
        let starts_high = line.first().is_some_and(|first| first.tbs().is_ca());
        if starts_high && let Some(place) = strangers.iter().position(is_leaf) {
            let leaf = strangers.remove(place);
            strangers.splice(0..0, std::mem::replace(&mut line, vec![leaf]));
        }
        while let Some(last) = line.last().filter(|last| !last.tbs().is_self_issued()) {
            let Some(place) = issuer_among(&strangers, last) else { break };
            line.push(strangers.remove(place));
        }
        Self { line, strangers, order: path.order() }
    }
}

/// The issuer by signature, else by name, else by identifier of the key.
fn issuer_among(candidates: &[&Certificate], of: &Certificate) -> Option<usize> {
    let by = |is_issuer: &dyn Fn(&Certificate) -> bool| candidates.iter().position(|candidate| is_issuer(candidate));
    let wanted = of.tbs().authority_key_identifier().ok().flatten();
    by(&|candidate| of.verify_signed_by(candidate.tbs().public_key()).is_ok())
        .or_else(|| by(&|candidate| candidate.tbs().subject().as_der() == of.tbs().issuer().as_der()))
        .or_else(|| {
            by(&|candidate| wanted.is_some() && candidate.tbs().subject_key_identifier().ok().flatten() == wanted)
        })
}
