//! The guide: what a person does on each device, in each language. The command line, the mail, the archive and the
//! onboarding page all take their words from here.
//!
//! A language is one file in `texts/` and one line in [`Language`]; the tests say what a file lacks.

mod language;
mod phrase;
mod picture;
mod platform;
#[cfg(test)]
mod tests;
mod words;

pub use language::{Language, UnknownLanguage};
pub use phrase::{Blank, Part, Phrase, PhraseError, Span, Style, Substitutions};
pub use picture::{Action, Picture, Row, Trailing};
pub use platform::{Platform, UnknownPlatform};
pub use words::{Arrival, Guide, PlatformGuide, Step, Trouble};
