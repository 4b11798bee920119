//! The judge: a profile keeps Apple's schema, brings the root and nothing that is secret, and can be told from every other.

use std::collections::BTreeSet;

use hubca::x509::{Certificate, name::is_unprintable};
use plist::{Dictionary, Value};
use url::Url;
use uuid::Uuid;

use crate::{
    finding::{Finding, Rule},
    schema::Schema,
    secrets,
};

/// What is wrong with a profile that shall bring this root.
pub(crate) fn findings(profile: &[u8], root: &Certificate) -> Vec<Finding> {
    findings_of_roots(profile, std::slice::from_ref(root))
}

/// What is wrong with a profile that shall bring these roots, each once.
pub(crate) fn findings_of_roots(profile: &[u8], roots: &[Certificate]) -> Vec<Finding> {
    let value = match Value::from_reader_xml(profile) {
        Ok(Value::Dictionary(dictionary)) => dictionary,
        Ok(_) => return vec![Finding::new(Rule::Xml, "", "is no dictionary")],
        Err(error) => return vec![Finding::new(Rule::Xml, "", error.to_string())],
    };
    let mut findings = Vec::new();
    let written = profile.windows(5).filter(|window| window == b"<key>").count();
    if written != keys_in(&Value::Dictionary(value.clone())) {
        findings.push(Finding::new(Rule::OnceEach, "", "a key is there twice"));
    }
    let schema = Schema::read();
    schema.check_top_level(&value, &mut findings);
    let payloads = payloads(&value);
    for (place, payload) in &payloads {
        check_payload(&schema, payload, place, &mut findings);
    }
    check_single(&schema, &payloads, &mut findings);
    check_uuids(&value, &payloads, &mut findings);
    check_identifiers(&value, &payloads, &mut findings);
    check_certificates(&payloads, roots, &mut findings);
    check_consent(&value, &mut findings);
    check_removable(&value, &mut findings);
    check_words(&Value::Dictionary(value.clone()), "", &mut findings);
    secrets::check(&Value::Dictionary(value), "", &mut findings);
    findings
}

/// The payloads, each with its place.
fn payloads(profile: &Dictionary) -> Vec<(String, &Dictionary)> {
    let items = profile.get("PayloadContent").and_then(Value::as_array).into_iter().flatten().enumerate();
    items.filter_map(|(index, item)| Some((format!("PayloadContent[{index}]."), item.as_dictionary()?))).collect()
}

fn text<'a>(dictionary: &'a Dictionary, key: &str) -> &'a str {
    dictionary.get(key).and_then(Value::as_string).unwrap_or_default()
}

fn check_payload(schema: &Schema, payload: &Dictionary, place: &str, findings: &mut Vec<Finding>) {
    let kind = text(payload, "PayloadType");
    if schema.payload(kind).is_none() {
        findings.push(Finding::new(Rule::PayloadType, format!("{place}PayloadType"), format!("`{kind}` is no type")));
        return;
    }
    schema.check_payload(kind, payload, place, findings);
    match kind {
        "com.apple.webClip.managed" => check_web_clip(payload, place, findings),
        "com.apple.security.pkcs12" if payload.contains_key("Password") => {
            findings.push(Finding::new(Rule::Password, format!("{place}Password"), "everybody can read it"));
        }
        _ => {}
    }
}

fn check_single(schema: &Schema, payloads: &[(String, &Dictionary)], findings: &mut Vec<Finding>) {
    let kinds: Vec<&str> = payloads.iter().map(|(_, payload)| text(payload, "PayloadType")).collect();
    for kind in kinds.iter().collect::<BTreeSet<_>>() {
        let is_single = schema.payload(kind).is_some_and(|payload| payload.single);
        if is_single && kinds.iter().filter(|other| *other == kind).count() > 1 {
            findings.push(Finding::new(
                Rule::PayloadType,
                "PayloadContent",
                format!("`{kind}` is there more than once"),
            ));
        }
    }
}

fn check_uuids(profile: &Dictionary, payloads: &[(String, &Dictionary)], findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (place, dictionary) in with(profile, payloads, "PayloadUUID") {
        match Uuid::try_parse(text(dictionary, "PayloadUUID")) {
            Ok(uuid) if uuid.get_variant() != uuid::Variant::RFC4122 => {
                findings.push(Finding::new(Rule::Uuid, place, "is of no variant that is known"));
            }
            Ok(uuid) if !seen.insert(uuid) => findings.push(Finding::new(Rule::Uuid, place, "is that of another")),
            Ok(_) => {}
            Err(error) => findings.push(Finding::new(Rule::Uuid, place, error.to_string())),
        }
    }
}

fn check_identifiers(profile: &Dictionary, payloads: &[(String, &Dictionary)], findings: &mut Vec<Finding>) {
    let own = text(profile, "PayloadIdentifier");
    let mut seen = BTreeSet::new();
    for (place, dictionary) in with(profile, payloads, "PayloadIdentifier") {
        let identifier = text(dictionary, "PayloadIdentifier");
        let labels: Vec<&str> = identifier.split('.').collect();
        let is_label = |label: &&str| {
            !label.is_empty() && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        };
        if labels.len() < 3 || !labels.iter().all(is_label) {
            findings.push(Finding::new(Rule::Identifier, place, format!("`{identifier}` is not in reverse-DNS style")));
        } else if !seen.insert(identifier) {
            findings.push(Finding::new(Rule::Identifier, place, format!("`{identifier}` is that of another")));
        } else if identifier != own && !identifier.starts_with(&format!("{own}.")) {
            findings.push(Finding::new(Rule::Identifier, place, format!("`{identifier}` is not below `{own}`")));
        }
    }
}

/// The profile and its payloads, as far as they have a key, with its place.
fn with<'a>(
    profile: &'a Dictionary,
    payloads: &[(String, &'a Dictionary)],
    key: &str,
) -> Vec<(String, &'a Dictionary)> {
    let all = [vec![(String::new(), profile)], payloads.to_vec()].concat().into_iter();
    all.filter(|(_, part)| part.contains_key(key)).map(|(place, part)| (format!("{place}{key}"), part)).collect()
}

fn check_certificates(payloads: &[(String, &Dictionary)], wanted: &[Certificate], findings: &mut Vec<Finding>) {
    let mut roots = 0;
    for (place, payload) in payloads {
        let place = format!("{place}PayloadContent");
        let content = payload.get("PayloadContent").and_then(Value::as_data).unwrap_or_default();
        match (text(payload, "PayloadType"), Certificate::from_der(content)) {
            ("com.apple.security.root", Ok(certificate)) => {
                roots += 1;
                if !wanted.contains(&certificate) {
                    findings.push(Finding::new(Rule::Root, place, "is another root"));
                }
            }
            ("com.apple.security.root", Err(error)) => {
                roots += 1;
                findings.push(Finding::new(Rule::Root, place, error.to_string()));
            }
            ("com.apple.security.pkcs1", Ok(certificate)) if !certificate.tbs().is_ca() => {
                findings.push(Finding::new(Rule::Certificate, place, "is not the certificate of a CA"));
            }
            ("com.apple.security.pkcs1", Err(error)) => {
                findings.push(Finding::new(Rule::Certificate, place, error.to_string()));
            }
            _ => {}
        }
    }
    if roots != wanted.len() {
        findings.push(Finding::new(Rule::Root, "PayloadContent", format!("{roots} roots are in it")));
    }
}

fn check_consent(profile: &Dictionary, findings: &mut Vec<Finding>) {
    let Some(texts) = profile.get("ConsentText").and_then(Value::as_dictionary) else { return };
    if !texts.contains_key("default") {
        findings.push(Finding::new(Rule::Consent, "ConsentText", "says nothing in other languages"));
    }
    for (language, text) in texts {
        let place = format!("ConsentText.{language}");
        // RFC 5646: a language of two or three letters, then subtags of up to eight.
        let mut subtags = language.split('-');
        let is_primary =
            |tag: &str| (2..=3).contains(&tag.len()) && tag.bytes().all(|octet| octet.is_ascii_lowercase());
        let is_tag = subtags.next().is_some_and(is_primary)
            && subtags
                .all(|tag| (1..=8).contains(&tag.len()) && tag.bytes().all(|octet| octet.is_ascii_alphanumeric()));
        if language != "default" && !is_tag {
            findings.push(Finding::new(Rule::Consent, &place, "is no language"));
        }
        if text.as_string().is_some_and(|text| text.trim().is_empty()) {
            findings.push(Finding::new(Rule::Consent, place, "is empty"));
        }
    }
}

fn check_removable(profile: &Dictionary, findings: &mut Vec<Finding>) {
    for key in ["PayloadRemovalDisallowed", "HasRemovalPasscode"] {
        if profile.get(key).and_then(Value::as_boolean) == Some(true) {
            findings.push(Finding::new(Rule::Removable, key, "is set"));
        }
    }
}

fn check_web_clip(payload: &Dictionary, place: &str, findings: &mut Vec<Finding>) {
    let url = Url::parse(text(payload, "URL"));
    let is_page = |url: &Url| matches!(url.scheme(), "http" | "https") && url.password().is_none();
    if !url.as_ref().is_ok_and(is_page) {
        findings.push(Finding::new(Rule::Url, format!("{place}URL"), "is no address of a page"));
    }
    if let Some(icon) = payload.get("Icon").and_then(Value::as_data)
        && let Err(wrong) = check_icon(icon)
    {
        findings.push(Finding::new(Rule::Icon, format!("{place}Icon"), wrong));
    }
}

/// "A square image that's no larger than 400 x 400 pixels and less than 1 MB when uncompressed."
fn check_icon(png: &[u8]) -> Result<(), String> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    let header = decoder.read_header_info().map_err(|error| error.to_string())?;
    let (width, height) = (header.width, header.height);
    if width != height || width > 400 {
        return Err(format!("has {width} × {height} pixels"));
    }
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let unpacked = reader.output_buffer_size().unwrap();
    if unpacked >= 1_000_000 {
        return Err(format!("has {unpacked} bytes"));
    }
    reader.next_frame(&mut vec![0; unpacked]).map(|_| ()).map_err(|error| error.to_string())
}

fn check_words(value: &Value, place: &str, findings: &mut Vec<Finding>) {
    match value {
        Value::String(text) => {
            let is_wrong = |character: char| is_unprintable(character) && character != '\n';
            if let Some(character) = text.chars().find(|character| is_wrong(*character)) {
                findings.push(Finding::new(Rule::Words, place, format!("has {character:?}")));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check_words(item, &format!("{place}[{index}]"), findings);
            }
        }
        Value::Dictionary(entries) => {
            for (key, value) in entries {
                let separator = if place.is_empty() { "" } else { "." };
                check_words(value, &format!("{place}{separator}{key}"), findings);
            }
        }
        _ => {}
    }
}

fn keys_in(value: &Value) -> usize {
    match value {
        Value::Dictionary(entries) => entries.len() + entries.values().map(keys_in).sum::<usize>(),
        Value::Array(items) => items.iter().map(keys_in).sum(),
        _ => 0,
    }
}
