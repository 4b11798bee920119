//! A signature around a profile told in words: whose it says to be, and whether it is over what is inside.

use serde::Serialize;
use time::OffsetDateTime;

use super::certificate::CertificateDescription;
use crate::{
    cli::{
        moment::Moment,
        page::{Page, Tone, counted},
    },
    export::ReadSigner,
};

/// Who signed a profile.
#[derive(Debug, Serialize)]
pub struct SignatureDescription {
    /// Whether the key of the signer's certificate signed this profile; not whether a device believes that certificate.
    matches: bool,
    reason: Option<String>,
    signed_at: Option<Moment>,
    signer: Option<CertificateDescription>,
    certificates: usize,
}

impl SignatureDescription {
    pub(super) fn of(signer: ReadSigner, certificates: usize, now: OffsetDateTime) -> Self {
        let ReadSigner { certificate, signed_at, verdict } = signer;
        Self {
            matches: verdict.is_ok(),
            reason: verdict.err().map(|verdict| verdict.to_string()),
            signed_at: signed_at.map(Moment::from),
            signer: certificate.map(|certificate| CertificateDescription::of(&certificate, now)),
            certificates,
        }
    }

    pub(super) fn tell(&self, page: &mut Page, now: OffsetDateTime) {
        page.heading("signature");
        match &self.reason {
            None => page.toned_field(Tone::Good, "fits", "the profile is as the key of this signer signed it"),
            Some(reason) => page.toned_field(Tone::Bad, "worthless", reason),
        }
        if let Some(signed_at) = self.signed_at {
            page.field("signed", &format!("{}, as the signer says", signed_at.told(now)));
        }
        page.field("with it", &counted(self.certificates, "certificate"));
        if let Some(signer) = &self.signer {
            signer.tell(page, now);
        }
    }
}
