//! What the log tells of a label: how it is renewed, where it is brought, which addresses of this machine it names.

use serde_json::{Value as Json, json};

use super::told::Told;
use crate::authority::intent::FollowIp;

/// What is told of a lineage; none where that is not told.
#[derive(Default)]
pub(crate) struct ToldLineage {
    /// The entry that told of it last.
    pub(crate) entry: i64,
    generation: i64,
    /// Its columns, as far as they are told.
    pub(crate) row: Option<Json>,
    /// What is done when an address changes, and which this machine had.
    pub(crate) own: Option<(Json, Json)>,
    pub(crate) destination: Option<Json>,
    /// The entry that told where it is brought.
    pub(crate) destination_entry: i64,
    /// What became of the last deployment; none where it is on its way.
    pub(super) deployment: Option<Json>,
}

impl ToldLineage {
    /// A certificate follows in it; one that comes late changes nothing of it.
    pub(super) fn follow(&mut self, told: &Told<'_>) {
        let row = told.detail.get("lineage");
        let generation = row.and_then(|row| row.get("generation")).and_then(Json::as_i64);
        if generation.is_some_and(|generation| generation <= self.generation) {
            return;
        }
        // Before the first it is brought nowhere.
        let nowhere = || row.filter(|_| self.entry == 0).map(|_| Json::Null);
        if let Some(destination) = told.detail.get("destination").cloned().or_else(nowhere) {
            (self.destination, self.destination_entry) = (Some(destination), told.entry.sequence);
        }
        self.entry = told.entry.sequence;
        self.generation = generation.unwrap_or(self.generation);
        self.row = row.cloned();
        let tell = || Json::from(FollowIp::default().as_str());
        let follow_ip = told.detail.get("follow_ip").cloned().unwrap_or_else(tell);
        let had = told.detail.get("own_addresses").cloned().unwrap_or_else(|| json!([]));
        self.own = row.map(|_| (follow_ip, had));
        self.deployment = None;
    }

    /// What is remembered of it is changed.
    pub(super) fn edit(&mut self, told: &Told<'_>) {
        self.entry = told.entry.sequence;
        self.row = Some(json!({
            "profile": told.detail.get("profile"),
            "key_algorithm": told.detail.get("key"),
            "key_policy": told.detail.get("key_policy"),
            "days": told.detail.get("days"),
        }));
        self.own = told.detail.get("follow_ip").cloned().zip(told.detail.get("own_addresses").cloned());
        self.destination = told.detail.get("destination").cloned();
        self.destination_entry = told.entry.sequence;
        if self.destination.as_ref().is_some_and(is_nowhere) {
            self.deployment = None;
        }
    }

    /// A certificate of it was brought to its server, or was not.
    pub(super) fn deploy(&mut self, told: &Told<'_>) {
        self.deployment = Some(told.detail.clone());
    }

    /// Where it is brought was not known when the home was restored.
    pub(super) fn forget_destination(&mut self, told: &Told<'_>) {
        (self.destination, self.destination_entry) = (Some(Json::Null), told.entry.sequence);
        self.deployment = None;
    }
}

/// Whether a destination, as the log tells it, is none.
pub(super) fn is_nowhere(told: &Json) -> bool {
    let is_said = |name: &str| told.get(name).is_some_and(|said| !said.is_null() && *said != json!([]));
    !["server", "out", "combined", "hook", "verify"].into_iter().any(is_said)
}
