//! Programs that say what is in a store.

use std::time::Duration;

use super::error::TrustError;
use crate::system::{Ended, Ending, Errand, Host};

/// What a program said.
pub(super) struct Answer {
    pub(super) how: Ending,
    pub(super) said: String,
}

/// Asks a program. That it fails is an answer too: many say so that there is nothing.
pub(super) fn ask(words: &[&str], host: &dyn Host) -> Result<Answer, TrustError> {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    let errand = Errand { words, variables: Vec::new(), input: Vec::new(), limit: LONGEST_ANSWER };
    let Ended { how, output } = host.run(&errand)?;
    Ok(Answer { how, said: output })
}

/// A program that lists what it has takes no longer, be it one of Java on a small machine.
const LONGEST_ANSWER: Duration = Duration::from_secs(60);
