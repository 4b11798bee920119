//! What a visitor said: the device it chose or seems to be, the language, the name it gave. Hostile until it is here.

use url::form_urlencoded;

use super::device::{is_beside_safari, platform_of};
use crate::{
    export::guide::{Language, Platform},
    x509::name::is_unprintable,
};

/// One look at the page.
#[derive(Clone, Debug)]
pub struct Visit {
    token: String,
    platform: Option<Platform>,
    choice: Choice,
    is_beside_safari: bool,
    language: Language,
    named: bool,
}

/// Who said which device it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The person, or a script that looked closer.
    Made,
    /// The name of the browser, which may be wrong.
    Guessed,
}

/// What a person called the device, and where the page was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenName {
    /// One line of at most 64 characters that can be shown.
    pub name: String,
    /// The path to send the person back to.
    pub back: String,
}

impl Visit {
    /// Reads what came with `GET /`. The token is the server's own word for this visitor.
    pub fn new(token: &str, query: &str, user_agent: &str, accept_language: &str) -> Self {
        let asked = Asked::read(query.as_bytes());
        let platform = asked.platform.or_else(|| platform_of(user_agent));
        Self {
            token: token.to_owned(),
            platform,
            choice: if asked.platform.is_some() { Choice::Made } else { Choice::Guessed },
            is_beside_safari: is_beside_safari(user_agent),
            language: asked.language.unwrap_or_else(|| Language::negotiate(accept_language)),
            named: asked.named,
        }
    }

    /// The device, if it is known.
    pub fn platform(&self) -> Option<Platform> {
        self.platform
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) fn choice(&self) -> Choice {
        self.choice
    }

    /// Whether it is a browser on an iPhone or iPad that is not sure to install a profile.
    pub(super) fn is_beside_safari(&self) -> bool {
        self.is_beside_safari
    }

    pub(super) fn named(&self) -> bool {
        self.named
    }
}

impl GivenName {
    /// Reads the body of `POST /name/<token>`, which is urlencoded. `None` where there is no name in it.
    pub fn read(body: &[u8]) -> Option<Self> {
        let asked = Asked::read(body);
        let name = asked.name?;
        let mut back = "/?named=1".to_owned();
        if let Some(platform) = asked.platform {
            back.push_str(&format!("&device={platform}"));
        }
        if let Some(language) = asked.language {
            back.push_str(&format!("&lang={language}"));
        }
        Some(Self { name, back })
    }
}

/// The fields that anything of ours ever asks for.
#[derive(Default)]
struct Asked {
    platform: Option<Platform>,
    language: Option<Language>,
    name: Option<String>,
    named: bool,
}

impl Asked {
    fn read(encoded: &[u8]) -> Self {
        let mut asked = Self::default();
        let bounded = encoded.get(..MOST_OCTETS).unwrap_or(encoded);
        for (key, value) in form_urlencoded::parse(bounded).take(MOST_FIELDS) {
            match &*key {
                "device" => asked.platform = value.parse().ok(),
                "lang" => asked.language = value.parse().ok(),
                "named" => asked.named = value == "1",
                "name" => asked.name = one_line(&value),
                _ => {}
            }
        }
        asked
    }
}

/// What can be shown of a name on one line.
fn one_line(text: &str) -> Option<String> {
    let shown: String = text.chars().filter(|character| !is_unprintable(*character)).take(LONGEST_NAME).collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

const MOST_OCTETS: usize = 2048;
const MOST_FIELDS: usize = 16;
const LONGEST_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

    #[test]
    fn a_choice_goes_before_a_guess() {
        let guessed = Visit::new("t", "", IPHONE, "de");
        assert_eq!((guessed.platform(), guessed.choice()), (Some(Platform::Ios), Choice::Guessed));
        assert_eq!(guessed.language(), Language::German);
        let made = Visit::new("t", "device=android&lang=en", IPHONE, "de");
        assert_eq!((made.platform(), made.choice()), (Some(Platform::Android), Choice::Made));
        assert_eq!(made.language(), Language::English);
    }

    #[test]
    fn nonsense_is_as_nothing() {
        for query in
            ["device=../../etc&lang=xx", "device[]=ios", "%ff%fe&&&==", "device=%00ios", &"a=b&".repeat(10_000)]
        {
            let visit = Visit::new("t", query, "", "");
            assert_eq!((visit.platform(), visit.language()), (None, Language::English), "{query}");
        }
    }

    #[test]
    fn a_name_is_one_line_that_can_be_shown() {
        let name = |body: &str| GivenName::read(body.as_bytes()).map(|given| given.name);
        assert_eq!(name("name=Anna%27s+iPad"), Some("Anna's iPad".to_owned()));
        assert_eq!(name("name=%1b%5b31m%0d%0aa%e2%80%aeb%00"), Some("[31mab".to_owned()));
        assert_eq!(name("name=+++"), None);
        assert_eq!(name("other=x"), None);
        assert_eq!(name(&format!("name={}", "ä".repeat(300))).map(|name| name.chars().count()), Some(64));
        let given = GivenName::read(b"name=x&device=ios&lang=de&back=https://evil.example").unwrap();
        assert_eq!(given.back, "/?named=1&device=ios&lang=de");
    }
}
