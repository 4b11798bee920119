//! What a person should know of a root before a machine trusts it.

use crate::{
    trust::{Machine, Root},
    x509::oid,
};

/// The warnings about a root on a machine.
pub(super) fn warnings(root: &Root, machine: &Machine) -> Vec<String> {
    let tbs = root.certificate().tbs();
    let subject = tbs.subject();
    let mut warnings = Vec::new();
    let limits = tbs.name_constraints().ok().flatten().unwrap_or_default();
    match limits.leave_open().as_slice() {
        [] => {}
        [.., _, _, _] => warnings.push(format!(
            "{subject} may vouch for every name there is: whoever gets its key can be your bank to this machine"
        )),
        open => warnings.push(format!(
            "{subject} may vouch for every {}: whoever gets its key can be anybody's to this machine",
            open.join(" and every ")
        )),
    }
    let is_critical = tbs.extension(oid::NAME_CONSTRAINTS).is_some_and(|extension| extension.critical);
    if let Some(library) = machine.mbedtls.first().filter(|_| is_critical) {
        warnings.push(format!(
            "{} is here: programs with mbedTLS refuse {subject} for its critical constraints, and some of them then read no \
             root at all. For them make a CA with --nc-compat, or leave the system's store alone",
            library.display()
        ));
    }
    warnings
}
