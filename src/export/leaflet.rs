//! The leaflet: what a person does on their devices, told without a server, as a page of HTML and as plain text.
//!
//! It needs nothing but itself: no script, no picture, no address that is looked up.

use super::{
    anchor::Anchor,
    fingerprint::Fingerprint,
    guide::{Arrival, Guide, Language, Platform, Step},
    html::Html,
    instructions::substitutions,
    mobileconfig, pem,
    telling::Telling,
};

/// What is told, of which CA, in which language.
#[derive(Clone, Copy, Debug)]
pub struct Leaflet<'a> {
    anchor: &'a Anchor,
    language: Language,
    occasion: Occasion,
}

/// With what the leaflet comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// In an archive, with the files for every device.
    Archive,
    /// In a mail, with the profile for Apple devices.
    Mail,
}

impl<'a> Leaflet<'a> {
    /// A leaflet.
    pub fn new(anchor: &'a Anchor, language: Language, occasion: Occasion) -> Self {
        Self { anchor, language, occasion }
    }

    /// What it is about, in a few words.
    pub fn title(&self) -> String {
        self.telling("").plain("leaflet.title")
    }

    /// The page.
    pub fn html(&self) -> String {
        let telling = self.telling("");
        let title = self.title();
        let mut html = Html::new();
        html.literal("<!DOCTYPE html>\n");
        html.element("html", &[("lang", self.language.tag())], |html| {
            html.element("head", &[], |html| {
                html.void("meta", &[("charset", "utf-8")]);
                html.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
                html.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
                // Were there ever a slip in the escaping, it would run nothing.
                let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                html.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", policy)]);
                html.words("title", &[], &title);
                html.literal(STYLE);
            });
            html.literal("\n");
            html.element("body", &[], |html| {
                html.element("h1", &[], |html| telling.words(html, "leaflet.title"));
                html.element("p", &[], |html| telling.words(html, self.lead()));
                self.fingerprint_html(html, &telling);
                if self.platforms().len() > 1 {
                    html.words("h2", &[], &telling.plain("leaflet.choose"));
                    self.contents_html(html, &telling);
                }
                for platform in self.platforms() {
                    self.platform_html(html, *platform);
                }
            });
        });
        html.literal("\n");
        html.into_string()
    }

    /// The same as plain text, in lines of at most 72 letters where no word is longer.
    pub fn text(&self) -> String {
        let telling = self.telling("");
        let fingerprint = Fingerprint::of(self.anchor.root());
        let mut text = Text::default();
        text.heading(&self.title(), '=');
        text.paragraph("", &telling.plain(self.lead()));
        text.heading(&telling.plain("fingerprint.title"), '-');
        text.paragraph("", &telling.plain("fingerprint.compare"));
        text.paragraph("    ", &fingerprint.words().join(" "));
        text.paragraph("    ", &fingerprint.groups().join(" "));
        for platform in self.platforms() {
            let file = self.file(*platform);
            let telling = self.telling(&file);
            let told = telling.guide.platform(*platform);
            text.heading(told.name(), '-');
            text.paragraph("", &telling.plain("leaflet.file"));
            let brought = self.brought(&telling);
            let steps = brought.into_iter().chain(self.steps(*platform).map(|step| in_one(step, &telling)));
            for (number, step) in (1..).zip(steps) {
                text.paragraph(&format!("{number}. "), &step);
            }
            text.paragraph("", &format!("{}:", telling.plain("headings.removal")));
            for step in told.removal() {
                text.paragraph("- ", &in_one(step, &telling));
            }
        }
        text.0
    }

    fn platforms(&self) -> &'static [Platform] {
        match self.occasion {
            Occasion::Archive => &Platform::ALL,
            Occasion::Mail => &[Platform::Ios, Platform::Macos],
        }
    }

    fn lead(&self) -> &'static str {
        match self.occasion {
            Occasion::Archive => "leaflet.archive",
            Occasion::Mail => "leaflet.mail",
        }
    }

    /// The first step of a mail, in place of the one that says how the file comes to the device.
    fn brought(&self, telling: &Telling<'_>) -> Option<String> {
        let said = || format!("{}. {}", telling.plain("leaflet.attached-title"), telling.plain("leaflet.attached"));
        (self.occasion == Occasion::Mail).then(said)
    }

    fn steps(&self, platform: Platform) -> impl Iterator<Item = &'static Step> {
        let brought = match self.occasion {
            Occasion::Archive => 0,
            Occasion::Mail => 1,
        };
        Guide::in_language(self.language).platform(platform).steps(Arrival::File).skip(brought)
    }

    fn file(&self, platform: Platform) -> String {
        let slug = self.anchor.slug();
        match platform {
            Platform::Ios | Platform::Macos => mobileconfig::file_name(&slug),
            Platform::Android | Platform::Linux | Platform::Firefox => pem::crt_file_name(&slug),
            Platform::Windows => pem::der_file_name(&slug),
        }
    }

    fn telling<'b>(&'b self, file: &'b str) -> Telling<'b> {
        Telling { guide: Guide::in_language(self.language), substitutions: substitutions(self.anchor, file) }
    }

    fn fingerprint_html(&self, html: &mut Html, telling: &Telling<'_>) {
        let fingerprint = Fingerprint::of(self.anchor.root());
        html.element("section", &[("class", "fingerprint")], |html| {
            html.words("h2", &[], &telling.plain("fingerprint.title"));
            html.element("p", &[], |html| telling.words(html, "fingerprint.compare"));
            html.words("p", &[("class", "words"), ("translate", "no")], &fingerprint.words().join(" "));
            html.element("p", &[("class", "groups"), ("translate", "no")], |html| {
                html.words("code", &[], &fingerprint.groups().join(" "));
            });
        });
    }

    fn contents_html(&self, html: &mut Html, telling: &Telling<'_>) {
        html.element("ul", &[("class", "contents")], |html| {
            for platform in self.platforms() {
                let target = format!("#{platform}");
                html.element("li", &[], |html| {
                    html.words("a", &[("href", &target)], telling.guide.platform(*platform).name());
                });
            }
        });
    }

    fn platform_html(&self, html: &mut Html, platform: Platform) {
        let file = self.file(platform);
        let telling = self.telling(&file);
        let told = telling.guide.platform(platform);
        html.literal("\n");
        html.element("section", &[("id", platform.as_str())], |html| {
            html.words("h2", &[], told.name());
            html.element("p", &[("class", "file")], |html| telling.words(html, "leaflet.file"));
            html.element("ol", &[], |html| {
                if self.occasion == Occasion::Mail {
                    html.element("li", &[], |html| {
                        html.words("strong", &[], &telling.plain("leaflet.attached-title"));
                        html.void("br", &[]);
                        telling.words(html, "leaflet.attached");
                    });
                }
                self.steps(platform).for_each(|step| step_html(html, step, &telling));
            });
            html.element("p", &[], |html| telling.phrase(html, told.compare()));
            html.words("h3", &[], &telling.plain("headings.removal"));
            html.element("ol", &[], |html| told.removal().iter().for_each(|step| step_html(html, step, &telling)));
        });
    }
}

fn step_html(html: &mut Html, step: &Step, telling: &Telling<'_>) {
    html.element("li", &[], |html| {
        html.words("strong", &[], step.title());
        html.void("br", &[]);
        telling.phrase(html, step.text());
    });
}

fn in_one(step: &Step, telling: &Telling<'_>) -> String {
    format!("{}. {}", step.title(), step.text_for(&telling.substitutions))
}

/// Plain text, paragraph by paragraph.
#[derive(Default)]
struct Text(String);

impl Text {
    fn heading(&mut self, words: &str, line: char) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        let under: String = std::iter::repeat_n(line, words.chars().count().min(COLUMNS)).collect();
        self.0.push_str(&format!("{words}\n{under}\n\n"));
    }

    /// A paragraph behind a mark; its other lines stand below the first.
    fn paragraph(&mut self, mark: &str, words: &str) {
        let mut line = mark.to_owned();
        let mut is_bare = true;
        for word in words.split_whitespace() {
            if !is_bare && line.chars().count() + 1 + word.chars().count() > COLUMNS {
                self.0.push_str(&line);
                self.0.push('\n');
                line = " ".repeat(mark.chars().count());
                is_bare = true;
            }
            if !is_bare {
                line.push(' ');
            }
            line.push_str(word);
            is_bare = false;
        }
        self.0.push_str(&line);
        self.0.push_str("\n\n");
    }
}

const COLUMNS: usize = 72;

/// What a mail program or a browser without a network needs.
const STYLE: &str = "<style>
body { font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; max-width: 40rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; color: #1c1e21; background: #fff; overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.2; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
li { margin: .5rem 0; }
code { font: .9em ui-monospace, 'SF Mono', Menlo, Consolas, monospace; background: #f0f1f3; border-radius: .25rem; padding: .1em .3em; }
a { color: #0a58ca; }
.fingerprint { border: 1px solid #c9ccd1; border-radius: .75rem; padding: 0 1rem; margin: 1.5rem 0; }
.fingerprint h2 { margin-top: 1rem; }
.words { font-weight: 600; }
.groups code { background: none; padding: 0; }
.contents { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.literal { font-weight: 600; }
@media (prefers-color-scheme: dark) {
  body { color: #e6e7e9; background: #17181a; }
  code { background: #2a2c30; }
  a { color: #7db0ff; }
  .fingerprint { border-color: #4a4d52; }
}
</style>";
