//! The terminal: stdout for answers, stderr for everything else, and a person who can be asked, or nobody.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use dialoguer::{Confirm, Input, Password, Select, console::Term};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use thiserror::Error;
use zeroize::Zeroizing;

/// Where a command speaks and asks.
pub trait Terminal {
    /// How many columns a line has.
    fn columns(&self) -> usize;

    /// Whether a person can be asked.
    fn person(&self) -> Person;

    /// Whether the answer is shown to a person and not kept in a file.
    fn shows_answer(&self) -> bool;

    /// Writes text, perhaps coloured, to stdout.
    ///
    /// # Errors
    /// The reader went away, or the disk is full; so for the bytes below.
    fn answer(&self, text: &str) -> io::Result<()>;

    /// Writes bytes to stdout as they are.
    ///
    /// # Errors
    /// The reader went away, or the disk is full.
    fn answer_bytes(&self, bytes: &[u8]) -> io::Result<()>;

    /// Writes text, perhaps coloured, to stderr; nobody can be told if that fails.
    fn remark(&self, text: &str);

    /// Asks for a line of text.
    ///
    /// # Errors
    /// Nobody is there, or the question was broken off; so for the questions below.
    fn ask(&self, question: &str, default: &str) -> Result<String, TerminalError>;

    /// Asks for yes or no.
    ///
    /// # Errors
    /// Nobody is there, or the question was broken off.
    fn confirm(&self, question: &str) -> Result<bool, TerminalError>;

    /// Asks which of several; gives the place of the chosen one.
    ///
    /// # Errors
    /// Nobody is there, or the question was broken off.
    fn choose(&self, question: &str, choices: &[String]) -> Result<usize, TerminalError>;

    /// Asks for a passphrase, without showing it.
    ///
    /// # Errors
    /// Nobody is there, or the question was broken off.
    fn passphrase(&self, question: &str) -> Result<Zeroizing<String>, TerminalError>;

    /// Asks for a new passphrase, twice; empty means none.
    ///
    /// # Errors
    /// Nobody is there, or the question was broken off.
    fn new_passphrase(&self, question: &str) -> Result<Zeroizing<String>, TerminalError>;

    /// Shows how far long work has come.
    fn progress(&self, work: &str, steps: u64) -> Box<dyn Progress>;
}

/// How far long work has come.
pub trait Progress {
    /// So many steps more are done.
    fn advance(&self, steps: u64);
}

/// Whether somebody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// Somebody reads the questions and can type.
    Present,
    /// A script, a timer or a pipe.
    Absent,
}

/// Whether text may be coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Where a person reads it.
    OnTerminals,
    /// Nowhere: `NO_COLOR` is set, or the terminal is a dumb one.
    Nowhere,
}

/// A question without an answer.
#[derive(Debug, Error)]
pub enum TerminalError {
    /// There is nobody to ask.
    #[error("there is no terminal to ask on")]
    Nobody,
    /// The question was broken off.
    #[error("the question was not answered")]
    BrokenOff(#[source] io::Error),
}

/// The standard streams of the process.
#[derive(Debug)]
pub struct StandardTerminal {
    answer_colour: ColorChoice,
    remark_colour: ColorChoice,
    person: Person,
}

impl StandardTerminal {
    /// The standard streams, coloured or not.
    pub fn new(colour: Colour) -> Self {
        let choice = |is_terminal: bool| match colour {
            Colour::OnTerminals if is_terminal => ColorChoice::Always,
            _ => ColorChoice::Never,
        };
        let asks = io::stdin().is_terminal() && io::stderr().is_terminal();
        Self {
            answer_colour: choice(io::stdout().is_terminal()),
            remark_colour: choice(io::stderr().is_terminal()),
            person: if asks { Person::Present } else { Person::Absent },
        }
    }

    fn asked<T>(&self, ask: impl FnOnce(&Term) -> dialoguer::Result<T>) -> Result<T, TerminalError> {
        if self.person == Person::Absent {
            return Err(TerminalError::Nobody);
        }
        ask(&Term::stderr()).map_err(|dialoguer::Error::IO(error)| TerminalError::BrokenOff(error))
    }
}

impl Terminal for StandardTerminal {
    fn columns(&self) -> usize {
        match Term::stdout().size_checked() {
            Some((_, columns)) => usize::from(columns).clamp(NARROWEST, WIDEST),
            None => DEFAULT_COLUMNS,
        }
    }

    fn person(&self) -> Person {
        self.person
    }

    fn shows_answer(&self) -> bool {
        io::stdout().is_terminal()
    }

    fn answer(&self, text: &str) -> io::Result<()> {
        let mut stream = AutoStream::new(io::stdout().lock(), self.answer_colour);
        stream.write_all(text.as_bytes())?;
        stream.flush()
    }

    fn answer_bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stream = io::stdout().lock();
        stream.write_all(bytes)?;
        stream.flush()
    }

    fn remark(&self, text: &str) {
        let mut stream = AutoStream::new(io::stderr().lock(), self.remark_colour);
        // There is no third stream to tell of it.
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }

    fn ask(&self, question: &str, default: &str) -> Result<String, TerminalError> {
        self.asked(|term| Input::new().with_prompt(question).default(default.to_owned()).interact_text_on(term))
    }

    fn confirm(&self, question: &str) -> Result<bool, TerminalError> {
        self.asked(|term| Confirm::new().with_prompt(question).default(false).interact_on(term))
    }

    fn choose(&self, question: &str, choices: &[String]) -> Result<usize, TerminalError> {
        self.asked(|term| Select::new().with_prompt(question).items(choices).default(0).interact_on(term))
    }

    fn passphrase(&self, question: &str) -> Result<Zeroizing<String>, TerminalError> {
        let answer = self.asked(|term| Password::new().with_prompt(question).interact_on(term));
        answer.map(Zeroizing::new)
    }

    fn new_passphrase(&self, question: &str) -> Result<Zeroizing<String>, TerminalError> {
        let answer = self.asked(|term| {
            Password::new()
                .with_prompt(question)
                .with_confirmation("the same again", "the two are not the same")
                .allow_empty_password(true)
                .interact_on(term)
        });
        answer.map(Zeroizing::new)
    }

    fn progress(&self, work: &str, steps: u64) -> Box<dyn Progress> {
        let target = if io::stderr().is_terminal() && steps > 1 {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(steps), target).with_message(work.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{msg} [{wide_bar}] {pos}/{len}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Box::new(Bar(bar))
    }
}

/// A bar that is gone when the work is done.
struct Bar(ProgressBar);

impl Progress for Bar {
    fn advance(&self, steps: u64) {
        self.0.inc(steps);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// What a line has where nobody says.
pub const DEFAULT_COLUMNS: usize = 80;
const NARROWEST: usize = 40;
const WIDEST: usize = 100;
