//! What a person should know of a root before a machine trusts it.

use time::OffsetDateTime;

use crate::{
    cli::{moment::Moment, page::or_nameless},
    trust::{Machine, Root},
    x509::oid,
};

/// The warnings about a root on a machine.
pub(super) fn warnings(root: &Root, machine: &Machine, now: OffsetDateTime) -> Vec<String> {
    let tbs = root.certificate().tbs();
    let subject = tbs.subject().to_string();
    let subject = or_nameless(&subject);
    let mut warnings = Vec::new();
    let (begin, end) = (tbs.validity().not_before(), tbs.validity().not_after());
    if end < now {
        let end = Moment::from(end).told(now);
        warnings.push(format!("{subject} ended {end}: no program trusts anything for it any more"));
    } else if now < begin {
        let begin = Moment::from(begin).told(now);
        warnings.push(format!("{subject} begins {begin}: until then no program trusts anything for it"));
    }
    let limits = tbs.name_constraints().ok().flatten().unwrap_or_default();
    let open: Vec<String> = limits.leave_open().iter().map(ToString::to_string).collect();
    match open.as_slice() {
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
