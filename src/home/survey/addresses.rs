//! Findings about addresses of this machine that are others than its certificates name.

use super::{finding::Finding, kind::FindingKind};
use crate::home::moved::Moved;

pub(super) fn moved(moved: Moved) -> Finding {
    let finding = Finding::new(FindingKind::AddressChanged, &moved.label, None, moved.message());
    Finding { moved: Some(moved), ..finding }
}
