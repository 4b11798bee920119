//! What a person agrees to before a profile is installed: the fingerprint to compare, in each language of the guide.

use plist::{Dictionary, Value};

use super::super::{
    anchor::Anchor,
    fingerprint::Fingerprint,
    guide::{Blank, Guide, Language, Substitutions},
};

/// The ConsentText of the profile of a CA: a text for "the IETF BCP 47 identifier for a language", and `default` for
/// every language that is not there.
pub(super) fn consent_text(anchor: &Anchor) -> Dictionary {
    let tagged = Language::ALL.map(|language| (language.tag(), language));
    let texts = std::iter::once(("default", Language::English)).chain(tagged);
    texts.map(|(tag, language)| (tag.to_owned(), Value::from(text(anchor, language)))).collect()
}

/// What to agree to, the digits in four lines, and the words.
fn text(anchor: &Anchor, language: Language) -> String {
    let guide = Guide::in_language(language);
    let told = guide.phrase("consent.root").plain(&Substitutions::new().with(Blank::Name, anchor.name()));
    let roots: Vec<String> = anchor.roots().map(|root| digits(&Fingerprint::of(root))).collect();
    format!("{told}\n\n{}", roots.join("\n\n"))
}

fn digits(fingerprint: &Fingerprint) -> String {
    let lines: Vec<String> = fingerprint.groups().chunks(GROUPS_A_LINE).map(|groups| groups.join(" ")).collect();
    format!("SHA-256\n{}\n\n{}", lines.join("\n"), fingerprint.words().join(" "))
}

/// What a phone shows without breaking the line.
const GROUPS_A_LINE: usize = 4;
