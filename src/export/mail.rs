//! A mail that is not sent yet: RFC 5322, with the profile attached and the steps as text and as HTML.
//!
//! `X-Unsent` has mail programs open it as a draft. It has no date and no identifier, which the program that sends it
//! adds, so it is the same whenever it is made.

use mail_builder::{
    headers::{address::Address, content_type::ContentType, raw::Raw, text::Text},
    mime::MimePart,
};
use thiserror::Error;

use super::{
    anchor::{Anchor, Contents},
    artifact::Artifact,
    guide::Language,
    leaflet::{Leaflet, Occasion},
    mail_address::MailAddress,
    mobileconfig,
    slug::Slug,
};
use crate::x509::{certificate::sha256, hexadecimal, name::is_unprintable};

/// A mail to one person.
#[derive(Clone, Debug)]
pub struct Mail<'a> {
    /// To whom.
    pub to: &'a MailAddress,
    /// What it is about, if not what the leaflet says.
    pub subject: Option<&'a Subject>,
    /// The language of its words.
    pub language: Language,
}

/// The subject of a mail, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(String);

/// Why text is no subject.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SubjectError {
    /// Nothing but spaces.
    #[error("the subject is empty")]
    Empty,
    /// More than anybody reads.
    #[error("the subject has more than {MOST_LETTERS} letters")]
    TooLong,
    /// A line end, or something that hides.
    #[error("the subject has the character {0:?}, which cannot be shown")]
    Unprintable(char),
}

impl Subject {
    /// Reads a subject.
    ///
    /// # Errors
    /// Text that is none.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        if text.trim().is_empty() {
            return Err(SubjectError::Empty);
        }
        if text.chars().count() > MOST_LETTERS {
            return Err(SubjectError::TooLong);
        }
        match text.chars().find(|character| is_unprintable(*character)) {
            Some(character) => Err(SubjectError::Unprintable(character)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

/// `<ca-slug>.eml`.
pub fn file_name(slug: &Slug) -> String {
    format!("{slug}.eml")
}

/// The mail.
pub fn mail(anchor: &Anchor, mail: &Mail<'_>) -> Artifact {
    let leaflet = Leaflet::new(anchor, mail.language, Occasion::Mail);
    let profile = mobileconfig::profile(anchor, Contents::RootOnly);
    let subject = mail.subject.map_or_else(|| leaflet.title(), |subject| subject.0.clone());
    let (text, html) = (leaflet.text(), leaflet.html());
    let boundaries = boundaries(&[text.as_bytes(), html.as_bytes(), profile.contents()]);
    let [mixed, alternative] = &boundaries;
    let bodies = vec![MimePart::new("text/plain", text), MimePart::new("text/html", html)];
    let attachment = MimePart::new(
        ContentType::new(profile.media_type()).attribute("name", profile.file_name()),
        profile.contents(),
    )
    .attachment(profile.file_name());
    let parts = vec![MimePart::new(multipart("alternative", alternative), bodies), attachment];
    let mut whole = MimePart::new(multipart("mixed", mixed), parts);
    let headers = [
        ("MIME-Version", Raw::new("1.0").into()),
        ("X-Unsent", Raw::new("1").into()),
        ("To", Address::new_address(None::<&str>, mail.to.as_str()).into()),
        ("Subject", Text::new(subject).into()),
        ("Content-Language", Raw::new(mail.language.tag()).into()),
    ];
    whole.headers.splice(0..0, headers.map(|(name, value)| (name.into(), value)));
    let mut bytes = Vec::new();
    whole.write_part(&mut bytes);
    Artifact::public(file_name(&anchor.slug()), MEDIA_TYPE, bytes)
}

fn multipart<'a>(kind: &str, boundary: &'a str) -> ContentType<'a> {
    ContentType::new(format!("multipart/{kind}")).attribute("boundary", boundary)
}

/// What stands between the parts: it depends on all of them, so that none can hold it, whatever a CA is called.
fn boundaries(contents: &[&[u8]]) -> [String; 2] {
    let digest = hexadecimal(&sha256(&contents.concat()));
    let short = digest.get(..32).unwrap_or(&digest);
    [format!("=_mixed_{short}"), format!("=_alternative_{short}")]
}

/// RFC 2046 5.2.1.
const MEDIA_TYPE: &str = "message/rfc822";
const MOST_LETTERS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::{Certificate, pem};

    fn text(name: &str, subject: Option<&str>) -> String {
        let root = include_str!("../../tests/fixtures/pki/root.crt.pem");
        let root = Certificate::from_der(&pem::parse(root.as_bytes()).unwrap().remove(0).contents).unwrap();
        let anchor = Anchor::new(name, root, []).unwrap();
        let to = "ann@example.org".parse().unwrap();
        let subject = subject.map(|subject| Subject::parse(subject).unwrap());
        let artifact = mail(&anchor, &Mail { to: &to, subject: subject.as_ref(), language: Language::English });
        String::from_utf8(artifact.contents().to_vec()).unwrap()
    }

    #[test]
    fn it_is_a_draft_and_the_same_whenever_it_is_made() {
        let first = text("Home Hub", None);
        assert_eq!(first, text("Home Hub", None));
        let (head, _) = first.split_once("\r\n\r\n").unwrap();
        let names: Vec<_> = head.lines().filter_map(|line| line.split_once(": ")).map(|(name, _)| name).collect();
        let expected = ["MIME-Version", "X-Unsent", "To", "Subject", "Content-Language", "Content-Type"];
        assert_eq!(names, expected);
        assert!(head.contains("X-Unsent: 1") && head.contains("Subject: Let your devices trust Home Hub"));
    }

    #[test]
    fn a_name_neither_ends_a_part_nor_adds_a_header() {
        let harmless = text("Home Hub", None);
        let boundary = harmless.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        for name in [format!("--{boundary}--"), "Bcc: eve@example.org".to_owned(), "=?utf-8?q?=0D=0ABcc:?=".to_owned()]
        {
            let hostile = text(&name, None);
            let (head, body) = hostile.split_once("\r\n\r\n").unwrap();
            assert_eq!(head.lines().filter(|line| line.starts_with("Bcc")).count(), 0, "{head}");
            let own = hostile.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
            assert_eq!(body.matches(&format!("\n--{own}\r\n")).count(), 1, "{name}");
            assert_eq!(body.matches(&format!("\n--{own}--")).count(), 1, "{name}");
        }
    }

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(Subject::parse(" "), Err(SubjectError::Empty));
        assert_eq!(Subject::parse("a\r\nBcc: b"), Err(SubjectError::Unprintable('\r')));
        assert_eq!(Subject::parse(&"ä".repeat(201)), Err(SubjectError::TooLong));
        assert!(text("Home Hub", Some("Für Ann")).contains("Subject: =?utf-8?"));
    }
}
