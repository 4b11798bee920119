//! Apple's schema as data, and whether a dictionary keeps it.

use std::collections::BTreeMap;

use plist::{Dictionary, Value};
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use crate::finding::{Finding, Rule};

/// The keys of a profile and of every payload.
pub(crate) struct Schema(BTreeMap<String, PayloadSchema>);

/// The keys of one payload type.
#[derive(Deserialize)]
pub(crate) struct PayloadSchema {
    #[serde(rename = "type")]
    kind: String,
    /// Whether some keys only are in it.
    #[serde(default)]
    part: bool,
    /// Whether it may be there once only.
    #[serde(default)]
    pub(crate) single: bool,
    keys: Vec<Key>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    path: String,
    #[serde(rename = "type")]
    kind: Kind,
    presence: Presence,
    #[serde(default)]
    one_of: Vec<toml::Value>,
    format: Option<Format>,
    range: Option<(i64, i64)>,
    repetition: Option<usize>,
    #[expect(dead_code, reason = "what a device takes for granted needs no check")]
    default: Option<toml::Value>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    String,
    Integer,
    Real,
    Boolean,
    Date,
    Data,
    Array,
    Dictionary,
    Any,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Presence {
    Required,
    Optional,
    /// An item of an array.
    Item,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Format {
    Url,
    Uuid,
    SixDigits,
    SixOrNineLetters,
}

impl Schema {
    pub(crate) fn read() -> Self {
        #[derive(Deserialize)]
        struct File {
            payload: Vec<PayloadSchema>,
        }
        let file: File = toml::from_str(include_str!("../fixtures/apple/schema.toml")).unwrap();
        Self(file.payload.into_iter().map(|payload| (payload.kind.clone(), payload)).collect())
    }

    /// The schema of a payload type.
    pub(crate) fn payload(&self, kind: &str) -> Option<&PayloadSchema> {
        self.0.get(kind).filter(|_| kind != TOP_LEVEL && kind != COMMON)
    }

    /// What a profile's own keys do not keep.
    pub(crate) fn check_top_level(&self, profile: &Dictionary, findings: &mut Vec<Finding>) {
        self.check(&[TOP_LEVEL], profile, "", findings);
    }

    /// What the keys of a payload do not keep.
    pub(crate) fn check_payload(&self, kind: &str, payload: &Dictionary, place: &str, findings: &mut Vec<Finding>) {
        self.check(&[COMMON, kind], payload, place, findings);
    }

    fn check(&self, kinds: &[&str], dictionary: &Dictionary, place: &str, findings: &mut Vec<Finding>) {
        let schemas: Vec<&PayloadSchema> = kinds.iter().map(|kind| &self.0[*kind]).collect();
        let keys: Vec<&Key> = schemas.iter().flat_map(|schema| &schema.keys).collect();
        let is_part = schemas.iter().any(|schema| schema.part);
        check_dictionary(&keys, "", dictionary, place, is_part, findings);
    }
}

/// Checks the keys of a dictionary that is found at `path` in the schema.
fn check_dictionary(
    keys: &[&Key],
    path: &str,
    dictionary: &Dictionary,
    place: &str,
    is_part: bool,
    findings: &mut Vec<Finding>,
) {
    let own: Vec<(&str, &Key)> = keys
        .iter()
        .filter_map(|key| Some((key.path.strip_prefix(path)?, *key)))
        .filter(|(name, _)| !name.is_empty() && !name.contains(['.', '[']))
        .collect();
    let any = own.iter().find(|(name, _)| *name == "ANY").map(|(_, key)| *key);
    for (name, _) in own.iter().filter(|(name, key)| *name != "ANY" && key.presence == Presence::Required) {
        if !dictionary.contains_key(name) {
            findings.push(Finding::new(Rule::Required, format!("{place}{name}"), "is missing"));
        }
    }
    if any.is_some_and(|any| any.presence == Presence::Required) && dictionary.is_empty() {
        findings.push(Finding::new(Rule::Required, place, "is empty"));
    }
    for (name, value) in dictionary {
        let here = format!("{place}{name}");
        match own.iter().find(|(known, _)| known == name).map(|(_, key)| *key).or(any) {
            Some(key) => check_value(keys, key, value, &here, is_part, findings),
            None if is_part => {}
            None => findings.push(Finding::new(Rule::KnownKey, here, "is not in the schema")),
        }
    }
}

fn check_value(keys: &[&Key], key: &Key, value: &Value, place: &str, is_part: bool, findings: &mut Vec<Finding>) {
    if !is_of_kind(value, key.kind) {
        findings.push(Finding::new(Rule::Type, place, format!("is no {:?}", key.kind)));
        return;
    }
    let is_allowed = key.one_of.is_empty() || key.one_of.iter().any(|allowed| is_same(allowed, value));
    let is_in_range = key
        .range
        .is_none_or(|(least, most)| value.as_signed_integer().is_some_and(|number| (least..=most).contains(&number)));
    let is_formed = key.format.is_none_or(|format| value.as_string().is_some_and(|text| is_of_format(text, format)));
    if !(is_allowed && is_in_range && is_formed) {
        findings.push(Finding::new(Rule::Allowed, place, format!("{value:?} is not allowed")));
    }
    if let Some(items) = value.as_array() {
        let prefix = format!("{}[].", key.path);
        let item = keys
            .iter()
            .find(|key| key.path.strip_prefix(&prefix).is_some_and(|name| !name.contains('.') && !name.contains('[')));
        if let Some(item) = item {
            if item.repetition.is_some_and(|times| times != items.len()) {
                findings.push(Finding::new(Rule::Allowed, place, format!("has {} items", items.len())));
            }
            for (index, value) in items.iter().enumerate() {
                check_value(keys, item, value, &format!("{place}[{index}]"), is_part, findings);
            }
        }
    }
    if let Some(dictionary) = value.as_dictionary() {
        check_dictionary(keys, &format!("{}.", key.path), dictionary, &format!("{place}."), is_part, findings);
    }
}

fn is_of_kind(value: &Value, kind: Kind) -> bool {
    match kind {
        Kind::String => value.as_string().is_some(),
        Kind::Integer => value.as_signed_integer().is_some(),
        Kind::Real => value.as_real().is_some() || value.as_signed_integer().is_some(),
        Kind::Boolean => value.as_boolean().is_some(),
        Kind::Date => value.as_date().is_some(),
        Kind::Data => value.as_data().is_some(),
        Kind::Array => value.as_array().is_some(),
        Kind::Dictionary => value.as_dictionary().is_some(),
        Kind::Any => true,
    }
}

fn is_same(allowed: &toml::Value, value: &Value) -> bool {
    match allowed {
        toml::Value::Integer(number) => value.as_signed_integer() == Some(*number),
        toml::Value::String(text) => value.as_string() == Some(text),
        other => panic!("{other} is no value of the schema"),
    }
}

fn is_of_format(text: &str, format: Format) -> bool {
    match format {
        Format::Url => Url::parse(text).is_ok(),
        Format::Uuid => Uuid::try_parse(text).is_ok() && text.len() == 36,
        Format::SixDigits => text.len() == 6 && text.bytes().all(|octet| octet.is_ascii_digit()),
        Format::SixOrNineLetters => {
            [6, 9].contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_alphanumeric())
        }
    }
}

const TOP_LEVEL: &str = "TopLevel";
const COMMON: &str = "CommonPayloadKeys";

#[test]
fn every_key_of_the_schema_has_its_parent() {
    for payload in Schema::read().0.values() {
        for key in &payload.keys {
            let Some((parent, _)) = key.path.rsplit_once('.') else { continue };
            let parent = parent.strip_suffix("[]").unwrap_or(parent);
            let found = payload.keys.iter().find(|key| key.path == parent);
            let found = found.unwrap_or_else(|| panic!("{}: {} has no {parent}", payload.kind, key.path));
            assert!(matches!(found.kind, Kind::Array | Kind::Dictionary), "{}: {parent}", payload.kind);
            assert_eq!(
                found.kind == Kind::Array,
                key.presence == Presence::Item || key.path.contains(&format!("{parent}[].")),
                "{}",
                key.path
            );
        }
    }
}
