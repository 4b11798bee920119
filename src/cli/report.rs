//! What a command answers: one value, told to a person or written as JSON.

use serde::Serialize;

use super::page::Page;
use crate::x509::name::is_unprintable;

/// A value that a command answers with: its JSON shape is its `Serialize`, its words are here.
pub trait Report: Serialize {
    /// Tells it to a person.
    fn tell(&self, page: &mut Page);
}

/// What a command did: its answer, and with what the process ends.
pub struct Outcome {
    answer: Answer,
    exit_code: u8,
}

/// What goes to stdout.
pub(super) enum Answer {
    /// A value.
    Report(Box<dyn AnyReport>),
    /// A file that was asked for on stdout.
    Bytes(Vec<u8>),
    /// Nothing more: all was told while it happened.
    Told,
}

impl Outcome {
    /// Done, or yes.
    pub fn done(report: impl Report + 'static) -> Self {
        Self { answer: Answer::Report(Box::new(report)), exit_code: 0 }
    }

    /// Answered with no.
    pub fn no(report: impl Report + 'static) -> Self {
        Self { answer: Answer::Report(Box::new(report)), exit_code: 3 }
    }

    /// Done, and the process ends with a code of its own.
    pub fn with_code(report: impl Report + 'static, exit_code: u8) -> Self {
        Self { answer: Answer::Report(Box::new(report)), exit_code }
    }

    /// A file on stdout.
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self { answer: Answer::Bytes(bytes), exit_code: 0 }
    }

    /// Done, and told while it happened.
    pub fn told() -> Self {
        Self { answer: Answer::Told, exit_code: 0 }
    }

    /// With what the process ends.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }

    pub(super) fn answer(&self) -> &Answer {
        &self.answer
    }
}

/// A report whose type does not matter any more.
pub(super) trait AnyReport {
    fn page(&self, page: &mut Page);
    fn json(&self) -> Result<String, serde_json::Error>;
}

impl<R: Report> AnyReport for R {
    fn page(&self, page: &mut Page) {
        self.tell(page);
    }

    fn json(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{}\n", safe_json(&serde_json::to_string_pretty(self)?)))
    }
}

/// A value as JSON on one line, for answers that go on.
pub fn json_line(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(format!("{}\n", safe_json(&serde_json::to_string(value)?)))
}

/// JSON in which no character commands a terminal: serde escapes those below the space only.
pub(super) fn safe_json(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        // Line feeds stand between values only: in a string they are escaped already.
        if is_unprintable(character) && character != '\n' {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(character);
        }
    }
    safe
}
