//! What a visitor is answered with: headers and bytes.

use std::borrow::Cow;

/// A page, a style sheet, a script or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    media_type: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Cow<'static, [u8]>,
}

impl Document {
    pub(super) fn new(media_type: &'static str, body: impl Into<Cow<'static, [u8]>>) -> Self {
        let headers = vec![
            ("x-content-type-options", "nosniff".to_owned()),
            ("referrer-policy", "no-referrer".to_owned()),
            ("cross-origin-resource-policy", "same-origin".to_owned()),
        ];
        Self { media_type, headers, body: body.into() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// `Content-Type`.
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// Further headers: names in lower case, values of visible ASCII.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// One of them.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    /// The bytes.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The bytes, given away.
    pub fn into_body(self) -> Cow<'static, [u8]> {
        self.body
    }
}
