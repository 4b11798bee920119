//! Steps in their order.

use std::path::Path;

use super::{
    error::StepError,
    step::{Outcome, Step},
};
use crate::system::Processes;

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

    /// Takes the steps; gives those that were tried.
    pub fn run(&self, processes: &dyn Processes, on_failure: OnFailure) -> Vec<Taken<'_>> {
        let mut taken = Vec::new();
        for step in &self.steps {
            let result = step.take(processes);
            let is_end = result.is_err() && on_failure == OnFailure::Stop;
            taken.push(Taken { step, result });
            if is_end {
                break;
            }
        }
        taken
    }

    /// Takes the steps; where one fails, every file is put back as it was before the first, and what was run before it
    /// is undone.
    ///
    /// # Errors
    /// A file that cannot be read, before anything is done.
    pub fn run_or_undo(&self, processes: &dyn Processes) -> Result<Vec<Taken<'_>>, StepError> {
        let before = self.steps.iter().map(Step::before).collect::<Result<Vec<_>, _>>()?;
        let taken = self.run(processes, OnFailure::Stop);
        if taken.iter().any(|taken| taken.result.is_err()) {
            for (taken, before) in taken.iter().zip(before).rev() {
                if !matches!(taken.result, Ok(Outcome::Done)) {
                    continue;
                }
                // The first failure is the one to tell.
                let _ = match (before, taken.step.undoing()) {
                    (Some(before), _) => before.put_back(),
                    (None, Some(step)) => step.take(processes).map(|_| ()),
                    (None, None) => Ok(()),
                };
            }
        }
        Ok(taken)
    }

    /// The plan that undoes this one: what undoes each step, the last one first.
    #[must_use]
    pub fn undoing(&self) -> Self {
        Self::new(self.steps.iter().rev().filter_map(Step::undoing))
    }
}
