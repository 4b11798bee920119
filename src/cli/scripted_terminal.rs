//! A terminal for tests: it keeps what was said, and answers questions from a list.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex},
};

use zeroize::Zeroizing;

use super::terminal::{DEFAULT_COLUMNS, Person, Progress, Terminal, TerminalError};

/// A terminal of 80 columns without colours, whose person says what the test wrote down. A clone is the same terminal.
#[derive(Clone, Debug, Default)]
pub struct ScriptedTerminal {
    replies: Arc<Mutex<VecDeque<String>>>,
    person: Option<Person>,
    said: Arc<Mutex<Said>>,
}

/// What was written and asked.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The bytes on stdout.
    pub stdout: Vec<u8>,
    /// The text on stderr.
    pub stderr: String,
    /// The questions, in their order.
    pub questions: Vec<String>,
}

impl ScriptedTerminal {
    /// A terminal with nobody in front of it.
    pub fn absent() -> Self {
        Self::default()
    }

    /// A terminal whose person gives these replies, one to a question.
    pub fn with_replies<'a>(replies: impl IntoIterator<Item = &'a str>) -> Self {
        let replies = Arc::new(Mutex::new(replies.into_iter().map(str::to_owned).collect()));
        Self { replies, person: Some(Person::Present), said: Arc::default() }
    }

    /// What was written and asked so far.
    pub fn said(&self) -> Said {
        self.said.lock().map(|said| said.clone()).unwrap_or_default()
    }

    fn note(&self, note: impl FnOnce(&mut Said)) {
        if let Ok(mut said) = self.said.lock() {
            note(&mut said);
        }
    }

    fn reply(&self, question: &str) -> Result<String, TerminalError> {
        if self.person() == Person::Absent {
            return Err(TerminalError::Nobody);
        }
        self.note(|said| said.questions.push(question.to_owned()));
        let reply = self.replies.lock().ok().and_then(|mut replies| replies.pop_front());
        reply.ok_or_else(|| TerminalError::BrokenOff(io::ErrorKind::UnexpectedEof.into()))
    }
}

impl Terminal for ScriptedTerminal {
    fn columns(&self) -> usize {
        DEFAULT_COLUMNS
    }

    fn person(&self) -> Person {
        self.person.unwrap_or(Person::Absent)
    }

    fn shows_answer(&self) -> bool {
        false
    }

    fn answer(&self, text: &str) -> io::Result<()> {
        let plain = anstream::adapter::strip_str(text).to_string();
        self.answer_bytes(plain.as_bytes())
    }

    fn answer_bytes(&self, bytes: &[u8]) -> io::Result<()> {
        self.note(|said| said.stdout.extend_from_slice(bytes));
        Ok(())
    }

    fn remark(&self, text: &str) {
        let plain = anstream::adapter::strip_str(text).to_string();
        self.note(|said| said.stderr.push_str(&plain));
    }

    fn ask(&self, question: &str, default: &str) -> Result<String, TerminalError> {
        let reply = self.reply(question)?;
        Ok(if reply.is_empty() { default.to_owned() } else { reply })
    }

    fn confirm(&self, question: &str) -> Result<bool, TerminalError> {
        Ok(self.reply(question)? == "y")
    }

    fn choose(&self, question: &str, choices: &[String]) -> Result<usize, TerminalError> {
        let reply = self.reply(&format!("{question} ({})", choices.join(" | ")))?;
        let chosen = choices.iter().position(|choice| choice.starts_with(&reply));
        chosen.ok_or_else(|| TerminalError::BrokenOff(io::ErrorKind::InvalidInput.into()))
    }

    fn passphrase(&self, question: &str) -> Result<Zeroizing<String>, TerminalError> {
        self.reply(question).map(Zeroizing::new)
    }

    fn new_passphrase(&self, question: &str) -> Result<Zeroizing<String>, TerminalError> {
        self.reply(question).map(Zeroizing::new)
    }

    fn progress(&self, _work: &str, _steps: u64) -> Box<dyn Progress> {
        Box::new(Unseen)
    }
}

struct Unseen;

impl Progress for Unseen {
    fn advance(&self, _steps: u64) {}
}
