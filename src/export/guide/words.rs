//! The words of one language: for each platform the steps, the way back and what goes wrong, and words for the rest.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::{
    language::Language,
    phrase::{Phrase, Substitutions},
    picture::Picture,
    platform::Platform,
};

/// All that is said in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    platforms: Platforms,
    words: BTreeMap<String, BTreeMap<String, Phrase>>,
}

/// What a person does on a device of one kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformGuide {
    name: String,
    compare: Phrase,
    steps: Vec<Step>,
    removal: Vec<Step>,
    troubles: Vec<Trouble>,
}

/// One step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    title: String,
    text: Phrase,
    arrival: Option<Arrival>,
    #[serde(default)]
    pictures: Vec<Picture>,
}

/// How the file comes to the device: some steps are for one way only.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Arrival {
    /// From the onboarding page, which the device shows.
    Page,
    /// By itself: with AirDrop, in a mail, on a stick.
    File,
}

/// Something that goes wrong, and what helps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trouble {
    title: String,
    text: Phrase,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Platforms {
    ios: PlatformGuide,
    macos: PlatformGuide,
    android: PlatformGuide,
    windows: PlatformGuide,
    linux: PlatformGuide,
    firefox: PlatformGuide,
}

impl Guide {
    /// The guide in that language.
    pub fn in_language(language: Language) -> &'static Self {
        static ENGLISH: LazyLock<Guide> = LazyLock::new(|| Guide::read(Language::English));
        static GERMAN: LazyLock<Guide> = LazyLock::new(|| Guide::read(Language::German));
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
        }
    }

    #[expect(clippy::expect_used, reason = "the texts are part of the program, and a test reads each of them")]
    fn read(language: Language) -> Self {
        toml::from_str(language.source()).expect("the texts are complete")
    }

    /// What a person does on such a device.
    pub fn platform(&self, platform: Platform) -> &PlatformGuide {
        match platform {
            Platform::Ios => &self.platforms.ios,
            Platform::Macos => &self.platforms.macos,
            Platform::Android => &self.platforms.android,
            Platform::Windows => &self.platforms.windows,
            Platform::Linux => &self.platforms.linux,
            Platform::Firefox => &self.platforms.firefox,
        }
    }

    /// Other words, by a key such as `fingerprint.title`. A test looks for keys that are asked for and are not there.
    pub fn phrase(&self, key: &str) -> &Phrase {
        static MISSING: LazyLock<Phrase> = LazyLock::new(Phrase::default);
        let (section, word) = key.split_once('.').unwrap_or((key, ""));
        self.words.get(section).and_then(|section| section.get(word)).unwrap_or(&MISSING)
    }

    /// Other words that have no blanks, as plain text.
    pub fn text(&self, key: &str) -> String {
        self.phrase(key).plain(&Substitutions::new())
    }
}

impl PlatformGuide {
    /// What people call such a device.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where such a device shows the fingerprint.
    pub fn compare(&self) -> &Phrase {
        &self.compare
    }

    /// What is done to trust the root, in order.
    pub fn steps(&self, arrival: Arrival) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.arrival.is_none_or(|only| only == arrival))
    }

    /// What is done to be rid of the root again, in order.
    pub fn removal(&self) -> &[Step] {
        &self.removal
    }

    /// What goes wrong, the most frequent first.
    pub fn troubles(&self) -> &[Trouble] {
        &self.troubles
    }
}

impl Step {
    /// What it is about, in a few words.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What is done, in a sentence or two.
    pub fn text(&self) -> &Phrase {
        &self.text
    }

    /// The same as plain text.
    pub fn text_for(&self, substitutions: &Substitutions<'_>) -> String {
        self.text.plain(substitutions)
    }

    /// What it looks like.
    pub fn pictures(&self) -> &[Picture] {
        &self.pictures
    }
}

impl Trouble {
    /// What it looks like to the person who has it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What helps.
    pub fn text(&self) -> &Phrase {
        &self.text
    }

    /// The same as plain text.
    pub fn text_for(&self, substitutions: &Substitutions<'_>) -> String {
        self.text.plain(substitutions)
    }
}
