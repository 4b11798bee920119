//! `--now`: servers move over to the issuing CA of today at once, each as `renew` would do it.

use serde::Serialize;

use crate::{
    cli::{
        context::Context,
        failure::Failure,
        issuance::undeployed,
        page::{Page, Tone},
        passphrases::Passphrases,
    },
    home::{Home, Outside, RenewalWish, Urgency, VERIFY_LIMIT},
};

/// A server that was to move over.
#[derive(Debug, Serialize)]
pub(super) struct Moved {
    label: String,
    /// Whether its certificate of today is by the issuing CA of today, and where it shall be.
    moved: bool,
    error: Option<Failure>,
}

/// Renews every lineage whose certificate is by another CA than the one that issues now. One that fails does not stop the
/// others, and who moved before is left alone.
///
/// # Errors
/// A key that cannot be opened, or a ledger that fails.
pub(super) fn move_all(home: &Home, context: &Context) -> Result<Vec<Moved>, Failure> {
    let own = home.issuing()?.certificate().clone();
    let labels = home.labels_by_others(&own)?;
    if labels.is_empty() {
        return Ok(Vec::new());
    }
    let issuer = home.issuer(&Passphrases::new(context))?;
    let wish = RenewalWish { urgency: Urgency::Now, ..RenewalWish::default() };
    let outside = outside(context);
    let progress = context.progress("moving over", u64::try_from(labels.len()).unwrap_or(u64::MAX));
    let renewed = labels.into_iter().map(|label| {
        let renewal =
            home.candidate(&label, &wish).and_then(|candidate| home.renew(&candidate, Some(&issuer), &wish, &outside));
        progress.advance(1);
        match renewal {
            Ok(renewal) => {
                let deployed = renewal.and_then(|renewal| renewal.deployed);
                let error = deployed.and_then(|deployed| undeployed(&label, &deployed));
                let error = error.map(|failure| failure.calling(&context.invocation()));
                Moved { moved: error.is_none(), label, error }
            }
            Err(error) => Moved { label, moved: false, error: Some(error.into()) },
        }
    });
    Ok(renewed.collect())
}

/// What a chain or a certificate meets on its way to a server.
pub(super) fn outside(context: &Context) -> Outside<'_> {
    Outside { network: context.network(), processes: context.processes(), hook_limit: None, verify_limit: VERIFY_LIMIT }
}

/// Tells who moved over and who did not.
pub(super) fn tell(moved: &[Moved], page: &mut Page) {
    for server in moved {
        match &server.error {
            None => page.field(&server.label, "moved over"),
            Some(error) => page.toned_field(Tone::Bad, &server.label, error.message()),
        }
    }
}

/// Whether all of them did.
pub(super) fn is_complete(moved: &[Moved]) -> bool {
    moved.iter().all(|server| server.moved)
}
