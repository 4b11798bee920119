//! An entry of the audit log as people and programs are told it.

use serde::Serialize;
use serde_json::Value as Json;
use time::OffsetDateTime;

use crate::{authority::AuditEntry, cli::moment::Moment, x509::hexadecimal};

/// An entry of the audit log.
#[derive(Debug, Serialize)]
pub(super) struct ToldEntry {
    sequence: i64,
    at: Moment,
    act: String,
    detail: Json,
    hash: String,
}

impl ToldEntry {
    pub(super) fn of(entry: &AuditEntry) -> Self {
        let at = OffsetDateTime::from_unix_timestamp(entry.at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Self {
            sequence: entry.sequence,
            at: at.into(),
            act: entry.act.clone(),
            // What is no JSON was written by nobody of ours, and is told as it is.
            detail: serde_json::from_str(&entry.detail).unwrap_or_else(|_| Json::String(entry.detail.clone())),
            hash: hexadecimal(&entry.hash),
        }
    }

    /// The cells of a table: its place, when, what and about what.
    pub(super) fn row(&self) -> [String; 4] {
        [self.sequence.to_string(), in_words(self.at), self.act.clone(), self.about()]
    }

    /// The same on a line.
    pub(super) fn line(&self) -> String {
        let [place, when, what, about] = self.row();
        format!("{place}  {when}  {what}  {about}")
    }

    /// What it is about: the label or the serial number first, and neither hashes nor columns, which nobody reads.
    fn about(&self) -> String {
        let Some(fields) = self.detail.as_object() else { return said(&self.detail) };
        let is_nothing = |value: &Json| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let is_told = |name: &str, value: &Json| !is_hash(name) && !OF_ROWS.contains(&name) && !is_nothing(value);
        let mut told: Vec<_> = fields.iter().filter(|(name, value)| is_told(name, value)).collect();
        told.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
        let words = told.into_iter().map(|(name, value)| match name.as_str() {
            "label" => said(value),
            name => {
                let value = instant_in(name, value).map_or_else(|| said(value), in_words);
                format!("{} {value}", name.replace('_', " "))
            }
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// The instant that a field tells in seconds since 1970; none where it tells something else.
fn instant_in(name: &str, value: &Json) -> Option<Moment> {
    let seconds = value.as_i64().filter(|_| name.ends_with("_at"))?;
    OffsetDateTime::from_unix_timestamp(seconds).ok().map(Moment::from)
}

fn in_words(moment: Moment) -> String {
    moment.to_rfc3339().trim_end_matches('Z').replace('T', " ")
}

/// A value in words, of a list its beginning.
fn said(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(values) => {
            let words = values.iter().take(MOST_TOLD).map(said).collect::<Vec<_>>().join(" ");
            let more = values.len().saturating_sub(MOST_TOLD);
            if more == 0 { words } else { format!("{words} and {more} more") }
        }
        Json::Object(fields) => {
            let told = || fields.iter().filter(|(name, value)| !is_hash(name) && !value.is_null());
            let is_one = told().count() == 1;
            let words =
                told().map(|(name, value)| if is_one { said(value) } else { format!("{name} {}", said(value)) });
            words.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

/// Hashes of files and keys, and that of an entry, which a backup notes.
fn is_hash(name: &str) -> bool {
    name.ends_with("sha256") || name == "head"
}

/// How many things of a list are told.
const MOST_TOLD: usize = 8;
/// The fields that are told before the others.
const FIRST: [&str; 4] = ["label", "names", "name", "serial"];
/// The fields that tell what was written into a row of the ledger, with which `audit verify` compares it.
const OF_ROWS: [&str; 5] = ["row", "before", "lineage", "ca", "moved_in"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_tells_its_label_first_and_no_hash() {
        let detail = r#"{"issuer":2,"key_sha256":"ab","label":"hub.lan","names":[{"dns":"hub.lan"},{"ip":"10.0.0.1"}],"profile":"server","serial":"01ff"}"#;
        let entry = AuditEntry {
            sequence: 7,
            at: 1_795_262_400,
            act: "reserve".to_owned(),
            detail: detail.to_owned(),
            hash: [0; 32],
        };
        assert_eq!(
            ToldEntry::of(&entry).line(),
            "7  2026-11-21 12:00:00  reserve  hub.lan, names hub.lan 10.0.0.1, serial 01ff, issuer 2, profile server"
        );
        let files: Vec<_> =
            (0..10).map(|place| serde_json::json!({ "path": place.to_string(), "sha256": "ab" })).collect();
        let detail = serde_json::json!({ "from": "openssl", "files": files }).to_string();
        let import = AuditEntry { act: "import".to_owned(), detail, ..entry.clone() };
        assert!(ToldEntry::of(&import).line().ends_with("files 0 1 2 3 4 5 6 7 and 2 more, from openssl"));
        let detail = r#"{"file":"/srv/b.age","made_at":1795262400,"head":"ab","without":["root_key"]}"#;
        let backup = AuditEntry { act: "backup".to_owned(), detail: detail.to_owned(), ..entry.clone() };
        let told = ToldEntry::of(&backup).line();
        assert!(told.ends_with("backup  file /srv/b.age, made at 2026-11-21 12:00:00, without root_key"), "{told}");
        let foreign = AuditEntry { detail: "not ours".to_owned(), ..entry };
        assert!(ToldEntry::of(&foreign).line().ends_with("reserve  not ours"));
    }
}
