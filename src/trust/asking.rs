//! Programs that say what is in a store.

use std::time::Duration;

use super::error::TrustError;
use crate::{
    plan::shell_line,
    system::{Answered, Ending, Errand, Host},
};

/// What a program said.
pub(super) struct Answer {
    pub(super) how: Ending,
    /// All of its answer.
    pub(super) said: String,
    /// The end of what it complained of.
    pub(super) complaint: String,
}

/// Asks a program. That it fails is an answer too: many say so that there is nothing.
pub(super) fn ask(words: &[&str], host: &dyn Host) -> Result<Answer, TrustError> {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    let errand = Errand { words, variables: Vec::new(), input: Vec::new(), limit: LONGEST_ANSWER };
    let Answered { how, answer, complaint } = host.ask(&errand, MOST_SAID)?;
    Ok(Answer { how, said: answer, complaint })
}

impl Answer {
    /// A program that gave no answer, and why.
    pub(super) fn refused(&self, words: &[&str]) -> TrustError {
        let told = [&self.complaint, &self.said].map(|text| text.trim()).into_iter().find(|text| !text.is_empty());
        let line = shell_line(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        TrustError::Silent { line, said: told.unwrap_or("it says nothing").to_owned() }
    }
}

/// A program that lists what it has takes no longer, be it one of Java on a small machine.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);
/// All public roots have half a megabyte as text.
const MOST_SAID: usize = 16 * 1024 * 1024;
