//! Words with blanks and two kinds of emphasis, as the texts hold them.
//!
//! `[Settings > General]` is what a person sees on the screen, `` `sudo trust anchor {file}` `` what is typed, and
//! `{file}` a blank that is filled in when the words are told. What fills a blank is never read as markup.

use std::{borrow::Cow, mem};

use serde::Deserialize;
use thiserror::Error;

/// Words, parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Phrase {
    spans: Vec<Span>,
}

/// Some words of one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// How they are shown.
    pub style: Style,
    /// The words and blanks, in order.
    pub parts: Vec<Part>,
}

/// How words are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As they are.
    Plain,
    /// As what stands on a button or in a menu.
    Screen,
    /// As what is typed.
    Code,
}

/// Words, or a place for some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Words(String),
    /// A place that is filled in.
    Blank(Blank),
}

/// What can be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blank {
    /// The name of the file that the device is given.
    File,
    /// The name of the root's plain certificate file.
    Certificate,
    /// The name of the CA.
    Name,
    /// The name that devices list the root under: its common name.
    Root,
    /// The address of the hub.
    Hub,
    /// The address of the page.
    Address,
    /// What people call a device of a kind.
    Device,
    /// A list of names or networks.
    List,
    /// A time of day.
    Time,
    /// A number.
    Number,
    /// Another number, of which the first is a part.
    Total,
}

/// What the blanks are filled with.
#[derive(Clone, Debug, Default)]
pub struct Substitutions<'a>(Vec<(Blank, Cow<'a, str>)>);

/// Why text is no phrase.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PhraseError {
    /// There is no such blank.
    #[error("`{{{0}}}` is no blank")]
    UnknownBlank(String),
    /// An opening mark without its closing one.
    #[error("`{0}` is not closed")]
    Open(char),
}

impl Phrase {
    /// The words as plain text.
    pub fn plain(&self, substitutions: &Substitutions<'_>) -> String {
        let parts = self.spans.iter().flat_map(|span| &span.parts);
        parts
            .map(|part| match part {
                Part::Words(words) => words.as_str(),
                Part::Blank(blank) => substitutions.get(*blank),
            })
            .collect()
    }

    /// The words by style.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The blanks in it.
    pub fn blanks(&self) -> impl Iterator<Item = Blank> + '_ {
        self.spans.iter().flat_map(|span| &span.parts).filter_map(|part| match part {
            Part::Blank(blank) => Some(*blank),
            Part::Words(_) => None,
        })
    }
}

impl<'a> Substitutions<'a> {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// These and one more.
    #[must_use]
    pub fn with(mut self, blank: Blank, words: impl Into<Cow<'a, str>>) -> Self {
        self.0.retain(|(filled, _)| *filled != blank);
        self.0.push((blank, words.into()));
        self
    }

    /// What fills a blank; dots where nothing does.
    pub fn get(&self, blank: Blank) -> &str {
        self.0.iter().find(|(filled, _)| *filled == blank).map_or("…", |(_, words)| words)
    }
}

impl TryFrom<String> for Phrase {
    type Error = PhraseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut phrase = Self { spans: Vec::new() };
        let mut style = Style::Plain;
        let mut words = String::new();
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            let next = match (character, style) {
                ('[', Style::Plain) => Some(Style::Screen),
                ('`', Style::Plain) => Some(Style::Code),
                (']', Style::Screen) | ('`', Style::Code) => Some(Style::Plain),
                _ => None,
            };
            if let Some(next) = next {
                phrase.push(style, Part::Words(mem::take(&mut words)));
                style = next;
            } else if character == '{' {
                let (word, after) = rest.as_str().split_once('}').ok_or(PhraseError::Open('{'))?;
                let blank = Blank::named(word).ok_or_else(|| PhraseError::UnknownBlank(word.to_owned()))?;
                phrase.push(style, Part::Words(mem::take(&mut words)));
                phrase.push(style, Part::Blank(blank));
                rest = after.chars();
            } else {
                words.push(character);
            }
        }
        phrase.push(style, Part::Words(words));
        match style {
            Style::Plain => Ok(phrase),
            Style::Screen => Err(PhraseError::Open('[')),
            Style::Code => Err(PhraseError::Open('`')),
        }
    }
}

impl Phrase {
    fn push(&mut self, style: Style, part: Part) {
        if matches!(&part, Part::Words(words) if words.is_empty()) {
            return;
        }
        match self.spans.last_mut() {
            Some(span) if span.style == style => span.parts.push(part),
            _ => self.spans.push(Span { style, parts: vec![part] }),
        }
    }
}

impl Blank {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "file" => Self::File,
            "certificate" => Self::Certificate,
            "name" => Self::Name,
            "root" => Self::Root,
            "hub" => Self::Hub,
            "address" => Self::Address,
            "device" => Self::Device,
            "list" => Self::List,
            "time" => Self::Time,
            "number" => Self::Number,
            "total" => Self::Total,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str) -> Result<Phrase, PhraseError> {
        Phrase::try_from(text.to_owned())
    }

    #[test]
    fn marks_become_styles_and_blanks_are_filled() {
        let phrase = phrase("Tap [Install] on {file}, then `cp {file} /etc`.").unwrap();
        let styles: Vec<_> = phrase.spans().iter().map(|span| span.style).collect();
        assert_eq!(styles, [Style::Plain, Style::Screen, Style::Plain, Style::Code, Style::Plain]);
        let plain = phrase.plain(&Substitutions::new().with(Blank::File, "hub.crt"));
        assert_eq!(plain, "Tap Install on hub.crt, then cp hub.crt /etc.");
    }

    #[test]
    fn what_fills_a_blank_is_no_markup() {
        let plain = phrase("{name} and {root}").unwrap();
        let substitutions = Substitutions::new().with(Blank::Name, "[{root}] `x`").with(Blank::Root, "{name}");
        assert_eq!(plain.plain(&substitutions), "[{root}] `x` and {name}");
    }

    #[test]
    fn a_slip_of_the_translator_is_found() {
        assert_eq!(phrase("{flie}"), Err(PhraseError::UnknownBlank("flie".to_owned())));
        assert_eq!(phrase("{file"), Err(PhraseError::Open('{')));
        assert_eq!(phrase("[Settings"), Err(PhraseError::Open('[')));
        assert_eq!(phrase("`rm"), Err(PhraseError::Open('`')));
    }
}
