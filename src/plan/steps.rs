//! Steps in their order.

use std::path::{Path, PathBuf};

use super::{change::Change, directories::Directories, error::StepError, outcome::Outcome, step::Step};
use crate::system::{Interruption, Processes};

/// Steps in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    steps: Vec<Step>,
}

/// What happens after a step that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// The steps after it are left: they build on it.
    Stop,
    /// The others are taken all the same: each stands for itself.
    GoOn,
}

/// A step that was tried, and what became of it.
#[derive(Debug)]
pub struct Taken<'a> {
    /// The step.
    pub step: &'a Step,
    /// What became of it.
    pub result: Result<Outcome, StepError>,
    /// Where what somebody had changed in a file of ours is kept, if something was.
    pub kept: Option<PathBuf>,
}

/// A plan that failed and was undone.
#[derive(Debug)]
pub struct Undone<'a> {
    /// The step that failed.
    pub step: &'a Step,
    /// Why.
    pub error: StepError,
    /// What could not be undone; nothing where all is as it was before.
    pub left: Vec<StepError>,
}

impl Plan {
    /// A plan of these steps.
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect() }
    }

    /// The steps in their order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether it runs nothing and touches files below a directory only.
    pub fn is_below(&self, directory: &Path) -> bool {
        self.steps.iter().all(|step| step.deed().path().is_some_and(|path| path.starts_with(directory)))
    }

    /// The same plan with one more step at its end.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The same plan with the steps of another at its end.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.steps.extend(other.steps);
        self
    }

    /// The same plan without what it runs: its files alone.
    #[must_use]
    pub fn without_programs(mut self) -> Self {
        self.steps.retain(|step| step.program().is_none());
        self
    }

    /// Takes the steps; gives those that were tried. Meanwhile no other plan writes where this one does.
    pub fn run(&self, processes: &dyn Processes, on_failure: OnFailure) -> Vec<Taken<'_>> {
        let mut directories = Directories::default();
        let mut taken = Vec::new();
        for step in &self.steps {
            let mut change = Change::for_good();
            let result = take(step, processes, &mut directories, &mut change);
            let is_end = result.is_err() && on_failure == OnFailure::Stop;
            taken.push(Taken { step, result, kept: change.kept().map(Path::to_owned) });
            if is_end {
                break;
            }
        }
        taken
    }

    /// Takes the steps; where one fails, or somebody wants an end, every file is put back as it was before the first, what
    /// was run is undone, and a server that was told of it is told once more.
    ///
    /// # Errors
    /// The step that failed, and what could not be undone.
    pub fn run_or_undo(&self, processes: &dyn Processes) -> Result<Vec<Taken<'_>>, Undone<'_>> {
        let interruption = Interruption::hold_back();
        let mut directories = Directories::default();
        let (mut taken, mut tried) = (Vec::new(), Vec::new());
        for step in &self.steps {
            let mut change = Change::default();
            let result = take(step, processes, &mut directories, &mut change);
            let kept = change.kept().map(Path::to_owned);
            tried.push(Tried { step, change, is_needless: is_needless(&result) });
            match result {
                Ok(outcome) => taken.push(Taken { step, result: Ok(outcome), kept }),
                Err(error) => {
                    interruption.disregard();
                    return Err(Undone { step, error, left: undo(tried, processes) });
                }
            }
        }
        Ok(taken)
    }

    /// The plan that undoes this one: what undoes each step, the last one first; and a server that is told of it is told of
    /// that.
    #[must_use]
    pub fn undoing(&self) -> Self {
        let told = self.steps.iter().filter(|step| step.tells()).cloned();
        Self::new(self.steps.iter().rev().filter_map(Step::undoing).chain(told))
    }
}

/// A step that may have to be undone.
struct Tried<'a> {
    step: &'a Step,
    change: Change,
    /// Nothing was done, and so there is nothing to undo.
    is_needless: bool,
}

fn take(
    step: &Step,
    processes: &dyn Processes,
    directories: &mut Directories,
    change: &mut Change,
) -> Result<Outcome, StepError> {
    if Interruption::is_asked() {
        return Err(StepError::Interrupted);
    }
    step.file().map_or(Ok(()), |file| directories.hold(file))?;
    step.take(processes, change)
}

/// Whether there was nothing to do, or nothing was begun.
fn is_needless(result: &Result<Outcome, StepError>) -> bool {
    matches!(result, Ok(Outcome::AlreadySo) | Err(StepError::Interrupted | StepError::Busy { .. }))
}

/// Undoes what was tried, the last first, be it that a step failed half-way; then tells the servers that were told of it.
fn undo(tried: Vec<Tried<'_>>, processes: &dyn Processes) -> Vec<StepError> {
    let told = tried.iter().filter(|tried| tried.step.tells() && !tried.is_needless);
    let told: Vec<&Step> = told.map(|tried| tried.step).collect();
    let run = |step: &Step| step.take(processes, &mut Change::default()).err();
    let mut left = Vec::new();
    for Tried { step, change, is_needless } in tried.into_iter().rev() {
        left.extend(change.undo());
        if step.file().is_none() && !is_needless {
            left.extend(step.undoing().and_then(|undoing| run(&undoing)));
        }
    }
    left.extend(told.into_iter().filter_map(run));
    left
}
