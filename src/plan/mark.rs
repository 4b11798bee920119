//! The words by which this program knows what it wrote.

/// A line with these words marks a file as one that this program wrote, and may write anew without keeping a copy.
pub const MARK: &str = "Written by hubca";

/// Whether the begin of a file bears the mark.
pub(super) fn is_ours(held: &[u8]) -> bool {
    held.windows(MARK.len()).take(MARK_WITHIN).any(|window| window == MARK.as_bytes())
}

/// How far into a file the mark may stand.
const MARK_WITHIN: usize = 4096;
