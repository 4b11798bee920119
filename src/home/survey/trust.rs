//! Findings about a change of root, and the devices that have not followed.

use time::OffsetDateTime;

use super::{finding::Finding, kind::FindingKind};
use crate::authority::{ChangeOfRoot, Few, Stage};

pub(super) fn rotation(change: &ChangeOfRoot<'_>) -> Finding {
    let (old, new) = (change.old.path(), change.new.path());
    let (message, since) = match change.stage {
        Stage::Begun => (
            format!("the change from `{old}` to `{new}` has begun: it is cut over once the devices have the new root"),
            change.begun_at,
        ),
        Stage::CutOver => (
            format!("the change from `{old}` to `{new}` is cut over, and `{old}` is not retired"),
            change.cut_over_at.unwrap_or(change.begun_at),
        ),
    };
    Finding::new(FindingKind::RotationUnfinished, new, since, message)
}

/// The devices that proved their trust in a root of earlier, which ends then.
pub(super) fn devices(behind: &Few<String>, old_ends: Option<OffsetDateTime>) -> Option<Finding> {
    let names = behind.first.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let more = behind.number.saturating_sub(behind.first.len() as u64);
    let others = if more > 0 { format!(" and {more} more") } else { String::new() };
    let verb = if behind.number == 1 { "trusts" } else { "trust" };
    let message = format!("{names}{others} {verb} an earlier root only");
    (behind.number > 0).then(|| Finding::new(FindingKind::DevicesBehind, "devices", old_ends, message))
}
