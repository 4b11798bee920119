//! What a person does to put a preset in its place.

use std::fmt;

/// One thing that a person does, in words, and perhaps by a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// A sentence; without its full stop where a command follows.
    pub words: String,
    /// What is typed or copied, as a shell takes it.
    pub command: Option<String>,
}

impl Instruction {
    /// Something to do in words alone.
    pub fn words(words: impl Into<String>) -> Self {
        Self { words: words.into(), command: None }
    }

    /// Something to do by typing this.
    pub fn typing(words: impl Into<String>, command: impl Into<String>) -> Self {
        Self { words: words.into(), command: Some(command.into()) }
    }
}

impl fmt::Display for Instruction {
    /// In one line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.command {
            None => formatter.write_str(&self.words),
            Some(command) => write!(formatter, "{}: {command}", self.words),
        }
    }
}
