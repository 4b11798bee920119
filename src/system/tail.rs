//! The end of a long text: that is where a program says why it failed.

use std::collections::VecDeque;

/// The end of what was said, and no more of it than is wanted.
#[derive(Debug)]
pub(super) struct Tail {
    bytes: VecDeque<u8>,
    most: usize,
    /// Whether something was let go.
    is_cut: bool,
}

impl Tail {
    /// Of nothing yet, and of at most so many bytes.
    pub(super) fn of_at_most(most: usize) -> Self {
        Self { bytes: VecDeque::new(), most, is_cut: false }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        let surplus = self.bytes.len().saturating_sub(self.most);
        self.is_cut |= surplus > 0;
        self.bytes.drain(..surplus);
    }

    /// Whether something was let go.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub(super) fn into_text(self) -> String {
        text(&Vec::from(self.bytes), self.is_cut)
    }
}

/// A text that may have lost its beginning.
pub(super) fn text(bytes: &[u8], is_cut: bool) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    if is_cut { format!("…{text}") } else { text }
}

/// How much of what a program says is kept.
pub(super) const MOST_OUTPUT: usize = 16 * 1024;
