//! The pages and pictures of `docs/guide` are what the program tells and draws.
//!
//! `SNAPSHOTS=overwrite cargo test --test onboarding guide` writes them anew.

use std::{collections::BTreeSet, path::PathBuf};

use hubca::{
    export::guide::{Arrival, Blank, Guide, Language, Part, Phrase, Platform, Step, Style, Substitutions},
    onboarding::picture_files,
};
use snapbox::{Assert, Data, assert::DEFAULT_ACTION_ENV};

const CA: &str = "Home Hub";
const ROOT: &str = "Home Hub Root CA 1f0c2a9b";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/guide")
}

fn compare(text: &str, name: &str) {
    let there = Data::read_from(&folder().join(name), None).raw();
    Assert::new().normalize_paths(false).action_env(DEFAULT_ACTION_ENV).eq(Data::text(text).raw(), there);
}

fn page_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios => "ipad-and-iphone.md",
        Platform::Macos => "mac.md",
        Platform::Android => "android.md",
        Platform::Windows => "windows.md",
        Platform::Linux => "linux.md",
        Platform::Firefox => "firefox.md",
    }
}

fn file_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios | Platform::Macos => "home-hub.mobileconfig",
        Platform::Windows => "home-hub.cer",
        Platform::Android | Platform::Linux | Platform::Firefox => "home-hub.crt",
    }
}

/// One device's page.
fn page(platform: Platform) -> String {
    let device = Guide::in_language(Language::English).platform(platform);
    let told = |phrase: &Phrase| markdown(phrase, platform);
    let mut page = format!(
        "# {}\n\n`hubca share` shows these steps on the device itself, one at a time, and tests whether they worked; \
         `hubca export {platform}` writes the file alone.\nHere the CA is called {CA}.\n",
        device.name()
    );
    let steps = device.steps(Arrival::Page).zip(device.steps(Arrival::File));
    for (number, (from_page, with_file)) in (1..).zip(steps) {
        page.push_str(&format!("\n## {number}. {}\n\n{}\n", from_page.title(), told(from_page.text())));
        for picture in 1..=from_page.pictures().len() {
            page.push_str(&format!("\n![{}](pictures/{platform}-{number}-{picture}.svg)\n", from_page.title()));
        }
        if from_page.title() != with_file.title() {
            page.push_str(&format!("\nWithout the page: {}\n", told(with_file.text())));
        }
    }
    page.push_str(&format!("\n## Compare the fingerprint\n\n{}\n", told(device.compare())));
    page.push_str("\n## When something is different\n");
    for trouble in device.troubles() {
        page.push_str(&format!("\n**{}** {}\n", sentence(trouble.title()), told(trouble.text())));
    }
    page.push_str("\n## Remove the root again\n\n");
    for (number, step) in (1..).zip(device.removal()) {
        page.push_str(&format!("{number}. **{}** {}\n", sentence(step.title()), told(step.text())));
    }
    page
}

fn sentence(title: &str) -> String {
    format!("{title}.")
}

fn markdown(phrase: &Phrase, platform: Platform) -> String {
    let substitutions = Substitutions::new()
        .with(Blank::Name, CA)
        .with(Blank::Root, ROOT)
        .with(Blank::File, file_name(platform))
        .with(Blank::Certificate, "home-hub.crt");
    let words = |parts: &[Part]| -> String {
        let words = parts.iter().map(|part| match part {
            Part::Words(words) => words.as_str(),
            Part::Blank(blank) => substitutions.get(*blank),
        });
        words.collect()
    };
    let spans = phrase.spans().iter().map(|span| match span.style {
        Style::Plain => words(&span.parts),
        Style::Screen => format!("**{}**", words(&span.parts).replace(" > ", " › ")),
        Style::Code => format!("`{}`", words(&span.parts)),
    });
    spans.collect()
}

#[test]
fn each_device_has_its_page() {
    for platform in Platform::ALL {
        compare(&page(platform), page_name(platform));
    }
}

#[test]
fn the_pictures_of_the_pages_are_what_the_program_draws() {
    std::fs::create_dir_all(folder().join("pictures")).unwrap();
    let files: Vec<_> =
        Platform::ALL.into_iter().flat_map(|platform| picture_files(platform, Language::English, CA, ROOT)).collect();
    for file in &files {
        compare(&file.svg, &format!("pictures/{}", file.name));
    }
    let drawn: BTreeSet<_> = files.into_iter().map(|file| file.name).collect();
    let there = std::fs::read_dir(folder().join("pictures")).unwrap();
    let there: BTreeSet<_> = there.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, drawn);
}

#[test]
fn both_ways_to_a_device_have_as_many_steps() {
    for language in Language::ALL {
        for platform in Platform::ALL {
            let device = Guide::in_language(language).platform(platform);
            let titles = |arrival| device.steps(arrival).map(Step::title).collect::<Vec<_>>();
            let (from_page, with_file) = (titles(Arrival::Page), titles(Arrival::File));
            assert_eq!(from_page.len(), with_file.len(), "{platform}");
            assert_eq!(from_page[1..from_page.len() - 1], with_file[1..with_file.len() - 1], "{platform}");
        }
    }
}
