//! What a program says on its two ways: its answer, and what it complains of.

use super::tail::Tail;

/// What a program said so far.
#[derive(Debug)]
pub(super) struct Speech {
    pub(super) answer: Tail,
    pub(super) complaint: Tail,
    order: Order,
}

/// Which of its ways something came on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Output,
    Error,
}

/// Whether the two ways are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Mixed,
    Apart,
}

impl Speech {
    /// All in one, as a terminal would show it, and of it the last `most` bytes.
    pub(super) fn mixed(most: usize) -> Self {
        Self { answer: Tail::of_at_most(most), complaint: Tail::of_at_most(0), order: Order::Mixed }
    }

    /// The answer apart from the complaint, and of each the last so many bytes.
    pub(super) fn apart(most: usize, most_complaint: usize) -> Self {
        Self { answer: Tail::of_at_most(most), complaint: Tail::of_at_most(most_complaint), order: Order::Apart }
    }

    pub(super) fn add(&mut self, way: Way, bytes: &[u8]) {
        match (way, self.order) {
            (Way::Error, Order::Apart) => self.complaint.add(bytes),
            _ => self.answer.add(bytes),
        }
    }
}
