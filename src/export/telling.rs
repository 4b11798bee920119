//! Words of the guide as markup: what stands on a screen and what is typed look different, and names keep to themselves.

use super::{
    guide::{Blank, Guide, Part, Phrase, Style, Substitutions},
    html::Html,
};

/// The guide in one language, and what fills its blanks.
pub struct Telling<'a> {
    /// The words.
    pub guide: &'static Guide,
    /// What fills their blanks.
    pub substitutions: Substitutions<'a>,
}

impl<'a> Telling<'a> {
    /// The words for a key, with markup.
    pub fn words(&self, html: &mut Html, key: &str) {
        self.phrase(html, self.guide.phrase(key));
    }

    /// The words for a key as plain text.
    pub fn plain(&self, key: &str) -> String {
        self.guide.phrase(key).plain(&self.substitutions)
    }

    /// The same, with one more blank filled.
    pub fn with(&self, blank: Blank, words: &'a str) -> Self {
        Self { guide: self.guide, substitutions: self.substitutions.clone().with(blank, words) }
    }

    /// A phrase, with markup.
    pub fn phrase(&self, html: &mut Html, phrase: &Phrase) {
        for span in phrase.spans() {
            match span.style {
                Style::Plain => self.parts(html, &span.parts),
                Style::Code => {
                    html.element("code", &[("translate", "no")], |html| self.parts(html, &span.parts));
                }
                Style::Screen => {
                    html.element("b", &[], |html| self.path(html, &span.parts));
                }
            }
        }
    }

    fn parts(&self, html: &mut Html, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Words(words) => html.text(words),
                Part::Blank(blank @ (Blank::Name | Blank::Root)) => html.name(self.substitutions.get(*blank)),
                Part::Blank(blank @ (Blank::File | Blank::Certificate | Blank::Hub | Blank::Address)) => {
                    html.words("span", &[("class", "literal"), ("translate", "no")], self.substitutions.get(*blank))
                }
                Part::Blank(Blank::Time) => html.words("time", &[], self.substitutions.get(Blank::Time)),
                Part::Blank(blank) => html.text(self.substitutions.get(*blank)),
            };
        }
    }

    /// A path through menus: where it may be broken, and what leads on.
    fn path(&self, html: &mut Html, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Words(words) => {
                    for (index, word) in words.split(" > ").enumerate() {
                        if index > 0 {
                            html.literal(" › ");
                        }
                        html.text(word);
                    }
                }
                blank @ Part::Blank(_) => self.parts(html, std::slice::from_ref(blank)),
            }
        }
    }
}
