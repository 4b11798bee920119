//! Each language is complete: the same keys, steps, pictures, blanks and marks as English has, and nothing asked for that is not there.

use std::{collections::BTreeSet, fs, path::Path};

use toml::Value;

use super::{
    language::Language,
    phrase::{Blank, Phrase, Substitutions},
    platform::Platform,
    words::{Arrival, Guide},
};

fn read(language: Language) -> Value {
    Value::Table(language.source().parse().unwrap())
}

/// Where `other` differs in shape from `english`.
fn differences(place: &str, english: &Value, other: &Value, found: &mut Vec<String>) {
    match (english, other) {
        (Value::Table(english), Value::Table(other)) => {
            for key in english.keys().filter(|key| !other.contains_key(*key)) {
                found.push(format!("{place}.{key} is missing"));
            }
            for (key, value) in other {
                match english.get(key) {
                    Some(english) => differences(&format!("{place}.{key}"), english, value, found),
                    None => found.push(format!("{place}.{key} is not in English")),
                }
            }
        }
        (Value::Array(english), Value::Array(other)) => {
            if english.len() != other.len() {
                found.push(format!("{place} has {} entries, English has {}", other.len(), english.len()));
            }
            for (index, (english, other)) in english.iter().zip(other).enumerate() {
                differences(&format!("{place}[{index}]"), english, other, found);
            }
        }
        (Value::String(english), Value::String(other)) => {
            let fixed = ["kind", "trailing", "arrival"].iter().any(|key| place.ends_with(&format!(".{key}")));
            if fixed && english != other {
                found.push(format!("{place} is `{other}`, in English `{english}`"));
            }
            if !fixed && marks(english) != marks(other) {
                found.push(format!("{place}: the blanks or the code differ from English"));
            }
        }
        _ if english == other => {}
        _ => found.push(format!("{place} is {other}, in English {english}")),
    }
}

/// The blanks and the code of a phrase, whatever their order.
fn marks(text: &str) -> BTreeSet<String> {
    let Ok(phrase) = Phrase::try_from(text.to_owned()) else { return BTreeSet::from([format!("unreadable: {text}")]) };
    let blanks = phrase.blanks().map(|blank| format!("{blank:?}"));
    let code = text.split('`').skip(1).step_by(2).map(ToOwned::to_owned);
    blanks.chain(code).collect()
}

#[test]
fn every_language_has_what_english_has() {
    for language in Language::ALL {
        let mut found = Vec::new();
        differences(language.tag(), &read(Language::English), &read(language), &mut found);
        assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    }
}

#[test]
fn a_slip_in_a_translation_is_named() {
    let english = "[a]\nx = \"tap [OK] on {file}\"\ny = \"`rm`\"\nlist = [\"1\", \"2\"]\n";
    for (german, slip) in [
        ("[a]\ny = \"`rm`\"\nlist = [\"1\", \"2\"]\n", "de.a.x is missing"),
        ("[a]\nx = \"[OK] {name}\"\ny = \"`rm`\"\nlist = [\"1\", \"2\"]\n", "de.a.x: the blanks or the code differ"),
        ("[a]\nx = \"{file}\"\ny = \"`rm -r`\"\nlist = [\"1\", \"2\"]\n", "de.a.y: the blanks or the code differ"),
        ("[a]\nx = \"{file}\"\ny = \"`rm`\"\nlist = [\"1\"]\n", "de.a.list has 1 entries"),
        ("[a]\nx = \"{file}\"\ny = \"`rm`\"\nlist = [\"1\", \"2\"]\nz = \"\"\n", "de.a.z is not in English"),
    ] {
        let mut found = Vec::new();
        let parse = |text: &str| Value::Table(text.parse().unwrap());
        differences("de", &parse(english), &parse(german), &mut found);
        assert!(matches!(&found[..], [only] if only.starts_with(slip)), "{found:?}");
    }
}

#[test]
fn every_platform_is_told_whole_in_every_language() {
    let substitutions = Substitutions::new().with(Blank::File, "hub.crt").with(Blank::Name, "Hub");
    let substitutions = substitutions.with(Blank::Root, "Hub root").with(Blank::Certificate, "hub.crt");
    for language in Language::ALL {
        let guide = Guide::in_language(language);
        for platform in Platform::ALL {
            let device = guide.platform(platform);
            for arrival in [Arrival::Page, Arrival::File] {
                let steps: Vec<_> = device.steps(arrival).collect();
                assert!((3..=9).contains(&steps.len()), "{language} {platform}");
                for step in steps {
                    let text = step.text_for(&substitutions);
                    assert!(!step.title().is_empty() && !text.is_empty() && !text.contains('{'));
                }
            }
            assert!(!device.name().is_empty() && !device.removal().is_empty() && device.troubles().len() >= 2);
            let filled: String = device.troubles().iter().map(|trouble| trouble.text_for(&substitutions)).collect();
            assert!(!filled.contains('{'), "{filled}");
        }
    }
}

/// All sources, but the tests of the guide.
fn sources() -> Vec<String> {
    fn walk(directory: &Path, sources: &mut Vec<String>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("guide/tests.rs") {
                sources.push(fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut sources = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    sources
}

#[test]
fn all_words_that_are_asked_for_are_there_and_no_others() {
    let english = read(Language::English);
    let sections = english["words"].as_table().unwrap();
    let there: BTreeSet<String> = sections
        .iter()
        .flat_map(|(section, words)| words.as_table().unwrap().keys().map(move |word| format!("{section}.{word}")))
        .collect();
    let mut asked_for = BTreeSet::new();
    for source in sources() {
        for section in sections.keys() {
            let opening = format!("\"{section}.");
            let words = source.split(&opening).skip(1).filter_map(|rest| rest.split('"').next());
            // A file such as `page.css` is no key.
            let keys = words.filter(|word| !matches!(*word, "css" | "js")).map(|word| format!("{section}.{word}"));
            asked_for.extend(keys);
        }
        for call in [".phrase(\"", ".text(\""] {
            let literals = source.split(call).skip(1).filter_map(|rest| rest.split('"').next());
            asked_for.extend(literals.filter(|key| key.contains('.') && !key.contains(' ')).map(str::to_owned));
        }
    }
    assert_eq!(asked_for.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "asked for, and in no text");
    assert_eq!(there.difference(&asked_for).collect::<Vec<_>>(), Vec::<&String>::new(), "never asked for");
}
