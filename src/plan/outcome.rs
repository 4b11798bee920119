//! What became of a step.

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Done,
    /// There was nothing to do.
    AlreadySo,
}
