//! A text with places for values. It is filled in one pass: what is filled in is never read again.

use super::{error::PresetError, language::Language, target::Target};

/// Something that stands in a text.
pub(super) enum Value<'a> {
    /// A path or another text that the language must not obey.
    Word(&'a str),
    /// What has no character that any language obeys: a number, names as they stand in a URL.
    Plain(String),
}

/// Fills `<<name>>` wherever it stands.
pub(super) fn fill(
    target: Target,
    language: Language,
    template: &str,
    values: &[(&str, Value<'_>)],
) -> Result<String, PresetError> {
    let mut parts = template.split("<<");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once(">>").unwrap_or((part, ""));
        let found = values.iter().find(|(known, _)| *known == name);
        let (_, value) = found.ok_or_else(|| PresetError::NoValue { target, name: name.to_owned() })?;
        match value {
            Value::Word(word) => text.push_str(&language.word(word)?),
            Value::Plain(plain) => text.push_str(plain),
        }
        text.push_str(after);
    }
    Ok(text)
}
