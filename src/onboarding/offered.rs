//! An offer, looked at once for all visits: its fingerprint, how far its root reaches, and its files.

use super::{downloads::Downloads, offer::Offer, scope::Reach};
use crate::export::Fingerprint;

/// What every page of a site shows.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    pub(super) offer: Offer,
    pub(super) fingerprint: Fingerprint,
    pub(super) reach: Reach,
    pub(super) downloads: Downloads,
}

impl Offered {
    pub(super) fn new(offer: Offer) -> Self {
        Self {
            fingerprint: Fingerprint::of(offer.anchor.root()),
            reach: Reach::of(offer.anchor.root()),
            downloads: Downloads::of(&offer.anchor),
            offer,
        }
    }
}
