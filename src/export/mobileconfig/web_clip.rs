//! A web clip: an icon on the Home Screen that opens the hub, Apple's `com.apple.webClip.managed`.

use plist::Value;
use thiserror::Error;
use url::{Host, Url};

use super::{
    super::{anchor::Anchor, icon::Icon},
    identifier::uuid_of_part,
    payload::{Payload, dictionary},
};
use crate::x509::name::is_unprintable;

/// Where an icon leads, what is written below it, and its picture.
#[derive(Clone)]
pub struct WebClip {
    address: WebAddress,
    label: WebClipLabel,
    icon: Icon,
}

/// The address of a page: `http` or `https`, and no password in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress(Url);

/// A word or two below an icon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebClipLabel(String);

/// Why text is no address for a web clip.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WebAddressError {
    /// Not a URL at all.
    #[error("`{text}` is no URL: {reason}")]
    Malformed {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A character that hides, or that parsers pass over.
    #[error("the URL has the character {0:?}, which cannot be shown")]
    Unprintable(char),
    /// More than a profile should carry.
    #[error("the URL has {0} characters; at most {LONGEST_ADDRESS} are taken")]
    TooLong(usize),
    /// A scheme that runs code, reads files or opens a program.
    #[error("a Home Screen icon opens http and https, not `{0}:`")]
    Scheme(String),
    /// A name and a password for the page, which everybody who has the profile could read.
    #[error("the URL has a user name or a password in it, and everybody who has the profile could read it")]
    Credentials,
}

/// Why text is not written below an icon.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WebClipLabelError {
    /// Nothing to read.
    #[error("the label is empty")]
    Empty,
    /// A control or direction-changing character.
    #[error("the label has the character {0:?}, which cannot be shown")]
    Unprintable(char),
    /// More than can ever be shown.
    #[error("the label has {0} characters; at most {LONGEST_LABEL} are taken")]
    TooLong(usize),
}

impl WebClip {
    /// A web clip.
    pub fn new(address: WebAddress, label: WebClipLabel, icon: Icon) -> Self {
        Self { address, label, icon }
    }

    /// Its payload. There is one web clip to a CA, so another address takes the place of the first.
    pub(super) fn into_payload(self, anchor: &Anchor) -> Payload {
        Payload {
            kind: "com.apple.webClip.managed",
            suffix: PART.to_owned(),
            uuid: uuid_of_part(anchor.root(), PART),
            description: format!("An icon on the Home Screen that opens {}", self.address.as_str()),
            display_name: self.label.0.clone(),
            // Whatever is left out is as it should be: the icon can be removed, and it opens in Safari with its bars,
            // because notebooks open new tabs.
            keys: dictionary([
                ("URL", self.address.as_str().into()),
                ("Label", self.label.0.into()),
                ("Icon", Value::Data(self.icon.as_png().to_vec())),
            ]),
        }
    }
}

impl WebAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// No URL, or one that no icon should open.
    pub fn new(text: &str) -> Result<Self, WebAddressError> {
        // A parser of URLs passes over tabs and line feeds, wherever they are.
        if let Some(character) = text.chars().find(|character| is_unprintable(*character)) {
            return Err(WebAddressError::Unprintable(character));
        }
        if text.len() > LONGEST_ADDRESS {
            return Err(WebAddressError::TooLong(text.len()));
        }
        let malformed = |reason: String| WebAddressError::Malformed { text: text.to_owned(), reason };
        let url = Url::parse(text).map_err(|error| malformed(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(WebAddressError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WebAddressError::Credentials);
        }
        Ok(Self(url))
    }

    /// The address as it is written in the profile.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What to write below its icon where nobody says: the first label of its host name, or the name of the CA where
    /// the host is an address or is not written in plain letters.
    pub fn label(&self, anchor: &Anchor) -> WebClipLabel {
        let first = match self.0.host() {
            Some(Host::Domain(name)) => name.split('.').next().filter(|label| !label.starts_with("xn--")),
            _ => None,
        };
        WebClipLabel(first.unwrap_or_else(|| anchor.name()).chars().take(LONGEST_LABEL).collect())
    }
}

impl WebClipLabel {
    /// Takes text for a label.
    ///
    /// # Errors
    /// Nothing to read, too much of it, or a character that cannot be shown.
    pub fn new(text: &str) -> Result<Self, WebClipLabelError> {
        let characters = text.chars().count();
        if text.trim().is_empty() {
            return Err(WebClipLabelError::Empty);
        }
        if characters > LONGEST_LABEL {
            return Err(WebClipLabelError::TooLong(characters));
        }
        match text.chars().find(|character| is_unprintable(*character)) {
            Some(character) => Err(WebClipLabelError::Unprintable(character)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

const PART: &str = "web-clip";
/// Longer ones are cut off by one program or another.
const LONGEST_ADDRESS: usize = 2000;
/// A Home Screen shows about a dozen characters of it.
const LONGEST_LABEL: usize = 64;
