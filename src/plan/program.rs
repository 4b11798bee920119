//! A program that a step runs.

use std::time::Duration;

use super::{error::StepError, outcome::Outcome};
use crate::system::{Ended, Ending, Errand, Processes, shell_quoted};

/// Runs a program to its end; no shell reads its words.
pub(super) fn run(words: &[String], input: &[u8], processes: &dyn Processes) -> Result<Outcome, StepError> {
    let errand = Errand { words: words.to_vec(), variables: Vec::new(), input: input.to_vec(), limit: LONGEST_RUN };
    // One that writes a store anew, and is ended in the middle, leaves less in it than there was.
    let Ended { how, output } = processes.run_through(&errand)?;
    if how.is_success() {
        return Ok(Outcome::Done);
    }
    let how = match how {
        Ending::Code(code) => format!("failed with exit code {code}"),
        Ending::Signal(signal) => format!("was ended by signal {signal}"),
        Ending::TimeLimit => format!("was still running after {} seconds", LONGEST_RUN.as_secs()),
    };
    Err(StepError::Failed { line: shell_line(words), how, said: last_lines(&output) })
}

/// The end of what a program said: there it says why it failed.
fn last_lines(output: &str) -> Vec<String> {
    let lines: Vec<&str> = output.trim().lines().map(str::trim_end).collect();
    let told = lines.iter().skip(lines.len().saturating_sub(MOST_LINES));
    let cut = |line: &&str| match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => (*line).to_owned(),
    };
    told.map(cut).collect()
}

/// A command line as a shell would take it for these words.
pub fn shell_line(words: &[String]) -> String {
    words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it for one.
pub fn shell_word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+,:@%=".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    shell_quoted(text)
}

/// Most programs of a plan tell another one what to do; one that gathers all trusted certificates anew takes its time on a
/// small machine.
const LONGEST_RUN: Duration = Duration::from_secs(180);
/// How many lines of what a program said are told.
const MOST_LINES: usize = 20;
/// How many letters of each.
const LONGEST_LINE: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_a_shell_has_every_word_whole() {
        let words = ["systemctl", "a b", "it's", "", "$HOME"].map(str::to_owned);
        assert_eq!(shell_line(&words), r"systemctl 'a b' 'it'\''s' '' '$HOME'");
    }

    #[test]
    fn of_a_long_speech_the_end_is_told() {
        let speech: String = (0..1000).map(|number| format!("line {number}\r\n")).collect();
        let told = last_lines(&speech);
        assert_eq!((told.len(), told[0].as_str(), told[19].as_str()), (20, "line 980", "line 999"));
        let told = last_lines(&"é".repeat(9000));
        assert_eq!(told, [format!("{}…", "é".repeat(LONGEST_LINE))]);
        assert!(last_lines(" \n").is_empty());
    }
}
