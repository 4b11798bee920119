//! A configuration profile by anybody, read with care: bounded in depth, nothing in it obeyed.

use plist::{Dictionary, Value};
use thiserror::Error;

/// What a profile says of itself; what is missing is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadProfile {
    /// PayloadIdentifier: by which a device tells it from others.
    pub identifier: String,
    /// PayloadUUID.
    pub uuid: String,
    /// PayloadDisplayName.
    pub display_name: String,
    /// PayloadOrganization.
    pub organization: String,
    /// PayloadDescription.
    pub description: String,
    /// PayloadContent: what it would install.
    pub payloads: Vec<ReadPayload>,
}

/// One thing a profile would install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadPayload {
    /// PayloadType.
    pub kind: String,
    /// PayloadIdentifier.
    pub identifier: String,
    /// PayloadUUID.
    pub uuid: String,
    /// PayloadDisplayName.
    pub display_name: String,
    /// URL, where there is one: what a web clip opens.
    pub url: Option<String>,
    /// PayloadContent, where it is data: a certificate, or an identity.
    pub content: Vec<u8>,
}

/// Why bytes are no profile.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ProfileReadError {
    /// Deeper than any profile is.
    #[error("it is nested more than {DEEPEST} levels deep")]
    TooDeep,
    /// No property list in XML.
    #[error("it is no property list: {0}")]
    Malformed(String),
    /// A property list of something else.
    #[error("its PayloadType is not `Configuration`")]
    NotAProfile,
}

impl ReadProfile {
    /// Whether bytes are XML that may be a profile.
    pub fn may_be(bytes: &[u8]) -> bool {
        let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        [&b"<?xml"[..], b"<!DOCTYPE plist", b"<plist"].iter().any(|prefix| start.starts_with(prefix))
    }

    /// Reads a profile in XML that is not signed.
    ///
    /// # Errors
    /// Bytes that are none.
    pub fn from_xml(bytes: &[u8]) -> Result<Self, ProfileReadError> {
        if depth(bytes) > DEEPEST {
            return Err(ProfileReadError::TooDeep);
        }
        let value = Value::from_reader_xml(bytes).map_err(|error| ProfileReadError::Malformed(error.to_string()))?;
        let profile = value.into_dictionary().ok_or(ProfileReadError::NotAProfile)?;
        if text(&profile, "PayloadType") != "Configuration" {
            return Err(ProfileReadError::NotAProfile);
        }
        let payloads = profile.get("PayloadContent").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            identifier: text(&profile, "PayloadIdentifier"),
            uuid: text(&profile, "PayloadUUID"),
            display_name: text(&profile, "PayloadDisplayName"),
            organization: text(&profile, "PayloadOrganization"),
            description: text(&profile, "PayloadDescription"),
            payloads: payloads.iter().filter_map(Value::as_dictionary).map(ReadPayload::of).collect(),
        })
    }
}

impl ReadPayload {
    fn of(payload: &Dictionary) -> Self {
        Self {
            kind: text(payload, "PayloadType"),
            identifier: text(payload, "PayloadIdentifier"),
            uuid: text(payload, "PayloadUUID"),
            display_name: text(payload, "PayloadDisplayName"),
            url: payload.get("URL").and_then(Value::as_string).map(ToOwned::to_owned),
            content: payload.get("PayloadContent").and_then(Value::as_data).unwrap_or_default().to_vec(),
        }
    }
}

/// How deep dictionaries and arrays lie in one another: the parser and its values would follow them on the stack.
fn depth(bytes: &[u8]) -> usize {
    let (mut deepest, mut now) = (0_usize, 0_usize);
    for (place, _) in bytes.iter().enumerate().filter(|(_, octet)| **octet == b'<') {
        let tag = bytes.get(place + 1..).unwrap_or_default();
        if tag.starts_with(b"/") {
            now = now.saturating_sub(1);
        } else if !tag.starts_with(b"?") && !tag.starts_with(b"!") {
            now += 1;
            deepest = deepest.max(now);
            // `<true/>` ends where it begins.
            let end = tag.iter().position(|octet| *octet == b'>').unwrap_or(0);
            if end > 0 && tag.get(end - 1) == Some(&b'/') {
                now = now.saturating_sub(1);
            }
        }
    }
    deepest
}

fn text(dictionary: &Dictionary, key: &str) -> String {
    dictionary.get(key).and_then(Value::as_string).unwrap_or_default().to_owned()
}

/// Far more than any profile has.
const DEEPEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_too_deep_is_refused_before_it_is_read() {
        let deep = format!("<plist>{}{}</plist>", "<array>".repeat(100_000), "</array>".repeat(100_000));
        assert_eq!(ReadProfile::from_xml(deep.as_bytes()), Err(ProfileReadError::TooDeep));
        let wide = format!("<plist><array>{}</array></plist>", "<true/>".repeat(1000));
        assert_eq!(ReadProfile::from_xml(wide.as_bytes()), Err(ProfileReadError::NotAProfile));
    }

    #[test]
    fn a_property_list_of_something_else_is_no_profile() {
        let other =
            b"<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>a</key><string>b</string></dict></plist>";
        assert!(ReadProfile::may_be(other));
        assert_eq!(ReadProfile::from_xml(other), Err(ProfileReadError::NotAProfile));
        assert!(matches!(ReadProfile::from_xml(b"<plist><dict>"), Err(ProfileReadError::Malformed(_))));
        assert!(!ReadProfile::may_be(b"-----BEGIN CERTIFICATE-----"));
    }
}
