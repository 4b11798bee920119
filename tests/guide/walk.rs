//! A walk through a page on a clean machine: what it says is typed, and what comes of it is compared with what it shows.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use snapbox::assert::DEFAULT_ACTION_ENV;

use crate::{
    machine::{Answer, Machine, Person, Typed, wait_for},
    page::{Page, Shown, What},
    steady::agree,
};

/// A page and the machine on which it is walked.
pub(crate) struct Walk {
    page: Page,
    pub(crate) machine: Machine,
    ahead: std::vec::IntoIter<Shown>,
    all: Vec<(Shown, String)>,
    wrong: Vec<String>,
}

impl Walk {
    pub(crate) fn of(name: &str, person: Person, programs: &[PathBuf]) -> Option<Self> {
        let machine = Machine::new(&format!("the guide {name}"), person, programs)?;
        let page = Page::read(name);
        let ahead = page.shown().into_iter();
        Some(Self { page, machine, ahead, all: Vec::new(), wrong: Vec::new() })
    }

    /// Walks on until a command that begins like this has been typed.
    #[track_caller]
    pub(crate) fn until(&mut self, beginning: &str) {
        let shown = self.before(beginning);
        self.step(shown);
    }

    /// The same with a command that asks.
    #[track_caller]
    pub(crate) fn until_asked(&mut self, beginning: &str, replies: &[(&str, &str)]) {
        let shown = self.before(beginning);
        if let What::Command(line) = shown.what.clone() {
            let answer = self.machine.ask(&line, replies);
            self.judge(shown, &line, answer);
        }
    }

    /// Whether the page has these words.
    pub(crate) fn shows(&self, words: &str) -> bool {
        self.page.has(words)
    }

    /// Walks up to a command that begins like this.
    #[track_caller]
    fn before(&mut self, beginning: &str) -> Shown {
        while let Some(shown) = self.ahead.next() {
            if matches!(&shown.what, What::Command(line) if line.starts_with(beginning)) {
                return shown;
            }
            self.step(shown);
        }
        panic!("the page has no command `{beginning}`");
    }

    /// Walks to the end of the page, and tells all that was otherwise than it says.
    #[track_caller]
    pub(crate) fn end(mut self) {
        while let Some(shown) = self.ahead.next() {
            self.step(shown);
        }
        if is_overwriting() && !self.wrong.is_empty() {
            // All of it, so that one CA is on the whole page.
            self.page.write_anew(&self.all);
            return;
        }
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }

    fn step(&mut self, shown: Shown) {
        match shown.what.clone() {
            What::File(path) => {
                let path = path.replace("~/", "$HOME/");
                let answer = self.machine.run(&format!("cat \"{path}\""));
                self.compare(shown, answer.said);
            }
            What::Command(line) if shown.text.ends_with(GOES_ON) => self.start(shown, &line),
            What::Command(line) => {
                let answer = self.machine.run(&line);
                self.judge(shown, &line, answer);
            }
        }
    }

    /// A command that goes on: once it has said what the page shows, and listens where it says nothing, the walk goes on too.
    fn start(&mut self, shown: Shown, line: &str) {
        let before = self.listening();
        let typed = self.machine.start(line);
        if shown.text == GOES_ON {
            wait_for(&typed, || (self.listening() != before).then_some(()));
        }
        let begun = Instant::now();
        wait_for(&typed, || {
            let is_right = shown.text != GOES_ON && agree(&shown.text, &self.said_until_now(&typed));
            // Who writes the page anew does not know yet what it will say.
            let is_over = is_overwriting() && begun.elapsed() > Duration::from_secs(15);
            (is_right || is_over || (shown.text == GOES_ON && !is_overwriting())).then_some(())
        });
        let said = self.said_until_now(&typed);
        self.compare(shown, said);
    }

    fn said_until_now(&self, typed: &Typed) -> String {
        format!("{}{GOES_ON}", self.machine.said(typed))
    }

    /// The ports at which something listens: a line each, as Linux tells.
    fn listening(&mut self) -> String {
        self.machine.run("grep --no-filename ' 0A ' /proc/net/tcp /proc/net/tcp6 | cut -c 1-20").said
    }

    /// A command that ends: with success, if the page shows no error.
    fn judge(&mut self, shown: Shown, line: &str, answer: Answer) {
        let is_refused = if is_overwriting() { &answer.said } else { &shown.text }.starts_with("error: ");
        if (answer.code != 0) != is_refused {
            let place = self.page.line_of(&shown);
            panic!("{place}: `{line}` ended with {}: {}\n{}", answer.code, answer.said, self.wrong.join("\n"));
        }
        self.compare(shown, answer.said);
    }

    fn compare(&mut self, shown: Shown, mut said: String) {
        if !said.is_empty() && !said.ends_with('\n') {
            said.push('\n');
        }
        let is_new = shown.text.is_empty() || shown.text == GOES_ON && is_overwriting();
        let is_right = agree(&shown.text, &said) && (!is_new || shown.text == said);
        if !is_right {
            let place = self.page.line_of(&shown);
            self.wrong.push(format!("{place}: {:?}\nthe page shows:\n{}\nit says:\n{said}", shown.what, shown.text));
        }
        // What is left out of a page stays left out, if the rest is right.
        if !is_right || !shown.text.contains(GOES_ON) {
            self.all.push((shown, said));
        }
    }
}

fn is_overwriting() -> bool {
    std::env::var_os(DEFAULT_ACTION_ENV).is_some_and(|action| action == "overwrite")
}

/// How what a command says ends on a page, where the command goes on.
const GOES_ON: &str = "…\n";
