//! The language that the steps are told in.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use crate::export::guide::Language;

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct LanguageArguments {
    /// The language that the steps are told in
    #[arg(
        long,
        value_name = "LANGUAGE",
        default_value = Language::English.tag(),
        value_parser = PossibleValuesParser::new(Language::ALL.map(Language::tag)).try_map(|tag| tag.parse::<Language>()),
    )]
    language: Language,
}

impl LanguageArguments {
    /// The language.
    pub(super) fn language(self) -> Language {
        self.language
    }
}
