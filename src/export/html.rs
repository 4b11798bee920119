//! The one door to markup: what is written in the sources goes through as it is, everything else is escaped.

use crate::x509::name::is_unprintable;

/// Markup under construction. What is not a literal of the sources can only come in escaped, so no name, however
/// hostile, becomes an element, an attribute or a script. Elements are always closed, so the same markup is XML.
#[derive(Debug, Default)]
pub struct Html(String);

impl Html {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Markup from the sources.
    pub fn literal(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Words.
    pub fn text(&mut self, words: &str) -> &mut Self {
        self.escape(words);
        self
    }

    /// An element and what is in it.
    pub fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        contents: impl FnOnce(&mut Self),
    ) -> &mut Self {
        self.start(name, attributes);
        self.0.push('>');
        contents(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        self
    }

    /// An element with words in it.
    pub fn words(&mut self, name: &'static str, attributes: &[(&'static str, &str)], words: &str) -> &mut Self {
        self.element(name, attributes, |html| {
            html.escape(words);
        })
    }

    /// An element that never has anything in it.
    pub fn void(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) -> &mut Self {
        self.start(name, attributes);
        self.0.push_str("/>");
        self
    }

    /// A name that others chose: it cannot turn the direction of the words around it.
    pub fn name(&mut self, name: &str) -> &mut Self {
        self.words("bdi", &[], name)
    }

    /// Other markup.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// The markup.
    pub fn into_string(self) -> String {
        self.0
    }

    fn start(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (attribute, value) in attributes {
            self.0.push(' ');
            self.0.push_str(attribute);
            self.0.push_str("=\"");
            self.escape(value);
            self.0.push('"');
        }
    }

    fn escape(&mut self, words: &str) {
        for character in words.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // XML has no way to write most of these, and none of them belongs on a page.
                unprintable if is_unprintable(unprintable) => self.0.push('\u{fffd}'),
                other => self.0.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sources_write_markup() {
        let mut html = Html::new();
        let hostile = "</p><script>alert('1' & \"2\")</script>\u{202e}\0";
        html.element("p", &[("title", hostile)], |html| {
            html.text(hostile).name(hostile);
        });
        let escaped = "&lt;/p&gt;&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;\u{fffd}\u{fffd}";
        assert_eq!(html.into_string(), format!("<p title=\"{escaped}\">{escaped}<bdi>{escaped}</bdi></p>"));
    }
}
