//! A failure as a person is told it: what is, why, and the way out.

use std::{error::Error, fmt};

use serde::Serialize;

use super::{
    invocation::Invocation,
    page::{Page, Tone},
};

/// What went wrong: a message, causes one below the other, and hints.
///
/// Lower case, no full stop, the object in backticks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    kind: FailureKind,
    message: String,
    causes: Vec<String>,
    /// The last lines of what a program said that failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    said: Vec<String>,
    hints: Vec<String>,
}

/// What a program does with a failure depends on its kind; the words stand in JSON and are never renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The command line is wrong.
    Usage,
    /// Policy or a rule says no.
    Refused,
    /// What was read is not what is wanted.
    Input,
    /// There is no such thing.
    NotFound,
    /// Something is there already.
    Exists,
    /// A passphrase is missing or wrong.
    Passphrase,
    /// The file system says no.
    File,
    /// The home cannot be used.
    Home,
    /// The ledger cannot be used.
    Ledger,
    /// An address or port cannot be used.
    Network,
    /// A certificate did not reach its server.
    Deployment,
    /// None of these: most likely a defect of the program.
    Internal,
}

impl Failure {
    /// A failure of a kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), said: Vec::new(), hints: Vec::new() }
    }

    /// A wrong command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    /// An error with all its sources.
    pub fn of(kind: FailureKind, error: &dyn Error) -> Self {
        Self::new(kind, error.to_string()).because_of(error.source())
    }

    /// Adds a cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        let cause = cause.into();
        // An error that says no more than the one it carries is told once.
        if cause != self.message && self.causes.last() != Some(&cause) {
            self.causes.push(cause);
        }
        self
    }

    /// Adds an error and all its sources as causes.
    #[must_use]
    pub fn because_of<'a>(mut self, error: impl Into<Option<&'a (dyn Error + 'static)>>) -> Self {
        let mut next = error.into();
        while let Some(error) = next {
            self = self.because(error.to_string());
            next = error.source();
        }
        self
    }

    /// Adds what a program said that failed, line by line.
    #[must_use]
    pub fn having_said(mut self, lines: &[String]) -> Self {
        self.said.extend_from_slice(lines);
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Puts a message above: the old one becomes its first cause.
    #[must_use]
    pub fn within(mut self, message: impl Into<String>) -> Self {
        self.causes.insert(0, std::mem::replace(&mut self.message, message.into()));
        self
    }

    /// The same failure, whose hints name the home that was named.
    #[must_use]
    pub fn calling(self, invocation: &Invocation) -> Self {
        self.map_hints(|hint| invocation.spelled(hint))
    }

    /// The same failure with each hint changed.
    #[must_use]
    pub fn map_hints(mut self, change: impl Fn(&str) -> String) -> Self {
        self.hints.iter_mut().for_each(|hint| *hint = change(hint));
        self
    }

    /// What kind it is.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// What is.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Why.
    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    /// The ways out.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// With what the process ends: 2 for a wrong command line, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            FailureKind::Usage => 2,
            _ => 1,
        }
    }

    /// Tells it to a person.
    pub fn tell(&self, page: &mut Page) {
        page.marked(Tone::Bad, "error:", &self.message);
        for cause in &self.causes {
            page.paragraph("  because: ", Tone::Plain, cause);
        }
        self.said.iter().for_each(|line| page.quoted(line));
        for hint in &self.hints {
            page.marked(Tone::Good, "hint:", hint);
        }
    }

    /// Tells it to a program: one JSON document on one line.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Document<'a> {
            error: &'a Failure,
        }
        let text = serde_json::to_string(&Document { error: self });
        format!("{}\n", super::report::safe_json(&text.unwrap_or_default()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_causes_and_hints() {
        let failure = Failure::new(FailureKind::Refused, "`8.8.8.8` is outside what this CA may vouch for")
            .because("its scope is 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7 and local, lan, home.arpa")
            .hint("make a CA whose scope has it");
        let mut page = Page::new(80);
        failure.tell(&mut page);
        let text = anstream::adapter::strip_str(page.as_str()).to_string();
        assert_eq!(
            text,
            "error: `8.8.8.8` is outside what this CA may vouch for\n\
             \x20 because: its scope is 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7 and\n\
             \x20          local, lan, home.arpa\n\
             hint: make a CA whose scope has it\n"
        );
    }

    #[test]
    fn what_a_program_said_is_told_line_by_line() {
        let said = ["AH00526: Syntax error:", "\tCannot define"].map(str::to_owned);
        let failure =
            Failure::new(FailureKind::File, "cannot see").because("it failed").having_said(&said).hint("look");
        let mut page = Page::new(80);
        failure.tell(&mut page);
        let text = anstream::adapter::strip_str(page.as_str()).to_string();
        let lines = "    | AH00526: Syntax error:\n    |     Cannot define\n";
        assert_eq!(text, format!("error: cannot see\n  because: it failed\n{lines}hint: look\n"));
        assert!(failure.to_json().contains("\"said\":[\"AH00526: Syntax error:\",\"\\tCannot define\"]"));
    }

    #[test]
    fn json_has_the_four_keys_and_nothing_a_terminal_obeys() {
        let failure = Failure::usage("a\u{9b}b").hint("c");
        assert_eq!(
            failure.to_json(),
            "{\"error\":{\"kind\":\"usage\",\"message\":\"a\\u009bb\",\"causes\":[],\"hints\":[\"c\"]}}\n"
        );
        assert_eq!(failure.exit_code(), 2);
    }
}
