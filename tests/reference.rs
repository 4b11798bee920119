//! The help of every command is a snapshot, and `docs/reference/commands.md` is made of the same words.
//!
//! `SNAPSHOTS=overwrite cargo test --test reference` writes them anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the pages has failed")]

#[path = "reference/named.rs"]
mod named;

use std::path::{Path, PathBuf};

use hubca::{
    plan::shell_line,
    preset::{CertificateFiles, Site, Target, preset},
    x509::{Certificate, pem},
};
use snapbox::{Assert, Data, assert::DEFAULT_ACTION_ENV};

fn compare(text: &str, path: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    Assert::new()
        .normalize_paths(false)
        .action_env(DEFAULT_ACTION_ENV)
        .eq(text.to_owned(), Data::read_from(&path, None));
}

#[test]
fn the_help_of_every_command_is_as_it_was() {
    for (name, help) in hubca::cli::help_pages() {
        compare(&help, &format!("tests/snapshots/help/{}.txt", name.replace(' ', "-")));
    }
}

#[test]
fn every_preset_is_as_it_was() {
    let text = include_bytes!("fixtures/pki/leaf.crt.pem");
    let certificate = Certificate::from_der(&pem::parse(text).unwrap().remove(0).contents).unwrap();
    let site = Site::new("hub.lan", &certificate, CertificateFiles::of_label("hub.lan").unwrap()).unwrap();
    let newer = site.clone().for_release(Some([1, 26, 0]));
    let all = Target::ALL.into_iter().map(|target| (target, &site, target.to_string()));
    for (target, site, name) in all.chain([(Target::Nginx, &newer, "nginx-1.26".to_owned())]) {
        let offered = preset(target, site).unwrap();
        let mut page = format!("remember: {}\n", shell_line(&offered.remembering(site.label())));
        page.push_str(&format!("delivery: {:?}\nhook: {:?}\n", offered.delivery, offered.hook));
        for document in &offered.documents {
            page.push_str(&format!("\n{} belongs to {}:\n\n{}", document.file_name, document.belongs, document.text));
        }
        page.push('\n');
        offered.steps.iter().for_each(|step| page.push_str(&format!("- {step}\n")));
        page.push('\n');
        offered.cautions.iter().for_each(|caution| page.push_str(&format!("! {caution}\n")));
        offered.remarks.iter().for_each(|remark| page.push_str(&format!("* {remark}\n")));
        compare(&page, &format!("tests/snapshots/presets/{name}.txt"));
    }
}

#[test]
fn the_reference_says_what_the_program_says() {
    compare(&hubca::cli::reference(), "docs/reference/commands.md");
}

#[test]
fn every_help_page_has_examples_and_no_line_wider_than_80_columns() {
    for (name, help) in hubca::cli::help_pages() {
        assert!(help.contains("Examples:\n"), "{name}");
        let examples = help.split("Examples:\n").nth(1).into_iter().flat_map(str::lines);
        for line in examples.take_while(|line| !line.is_empty()) {
            let is_whole = line.starts_with("  ") && line.contains("hubca ");
            assert!(is_whole, "an example of {name} is wrapped: {line}");
        }
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
    }
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap();
            let is_page = !target.is_empty() && !target.contains("://");
            assert!(!is_page || page.parent().unwrap().join(target).exists(), "{}: {link}", page.display());
        }
    }
}

/// Every page of the documentation.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    for folder in ["docs", "docs/reference", "docs/decisions", "docs/guide"] {
        let entries = std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    assert!(pages.len() > 10);
    pages
}

#[test]
fn the_page_on_reliability_names_every_fuzz_target() {
    let page = std::fs::read_to_string("docs/reliability.md").unwrap();
    let targets = std::fs::read_dir("tests/fuzz/fuzz_targets").unwrap().map(|entry| entry.unwrap().path());
    for target in targets {
        let name = target.file_stem().unwrap().to_str().unwrap();
        assert!(page.contains(&format!("`{name}`")), "docs/reliability.md does not name {name}");
    }
}

#[test]
fn every_command_and_option_on_the_pages_is_one() {
    let parser = hubca::cli::parser();
    let (mut looked_at, mut wrong) = (0, Vec::new());
    for page in pages() {
        let code = named::code(&std::fs::read_to_string(&page).unwrap());
        for line in named::calls(&code) {
            looked_at += 1;
            wrong.extend(named::unknown(line, &parser).map(|word| told(&word, line, &page)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(looked_at > 100, "{looked_at}");
}

#[test]
fn every_command_and_option_that_a_hint_or_an_example_names_is_one() {
    let parser = hubca::cli::parser();
    // Sentences that go on after the name of the program.
    const PROSE: [&str; 11] =
        ["that", "did", "puts", "is", "copies", "as", "alone", "does", "takes", "itself", "knows"];
    let (mut looked_at, mut wrong) = (0, Vec::new());
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        // Tests below the code have wrong command lines on purpose.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in named::calls(text) {
            let line = line.split(['"', '{']).next().unwrap_or_default();
            let verb = line.split([' ', ':', ',', '.']).next().unwrap_or_default();
            if PROSE.contains(&verb) {
                continue;
            }
            looked_at += 1;
            wrong.extend(named::unknown(line, &parser).map(|word| told(&word, line, &path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(looked_at > 100, "{looked_at}");
}

fn told(word: &str, line: &str, path: &Path) -> String {
    format!("there is no `{word}`: `hubca {line}` in {}", path.display())
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_is_no_command_is_found() {
    let parser = hubca::cli::parser();
    let unknown = |line: &str| named::unknown(line, &parser);
    for line in ["issue --dns hub.lan --out DIR", "--home DIR crl --issuer issuing/1", "renew LABEL --force, then", ""]
    {
        assert_eq!(unknown(line), None, "{line}");
    }
    assert_eq!(unknown("renove hub.lan").as_deref(), Some("renove"));
    assert_eq!(unknown("profile shew server").as_deref(), Some("shew"));
    assert_eq!(unknown("issue --dnss hub.lan").as_deref(), Some("--dnss"));
    let page = "hubca is\n`hubca list` and\n```sh\nhubca show a # b\n/var/lib/hubca x\n```\n";
    assert_eq!(named::calls(&named::code(page)), ["list", "show a"]);
}
