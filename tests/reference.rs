//! The help of every command is a snapshot, and `docs/reference/commands.md` is made of the same words.
//!
//! `SNAPSHOTS=overwrite cargo test --test reference` writes them anew.

use std::path::Path;

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
fn the_reference_says_what_the_program_says() {
    compare(&hubca::cli::reference(), "docs/reference/commands.md");
}

#[test]
fn every_help_page_has_examples_and_no_line_wider_than_80_columns() {
    for (name, help) in hubca::cli::help_pages() {
        assert!(help.contains("Examples:\n"), "{name}");
        let examples = help.split("Examples:\n").nth(1).into_iter().flat_map(str::lines);
        for line in examples.take_while(|line| !line.is_empty()) {
            assert!(line.starts_with("  "), "an example of {name} is wrapped: {line}");
        }
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
    }
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    for folder in ["docs", "docs/reference", "docs/decisions", "docs/guide"] {
        let entries = std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    assert!(pages.len() > 10);
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap();
            let is_page = !target.is_empty() && !target.contains("://");
            assert!(!is_page || page.parent().unwrap().join(target).exists(), "{}: {link}", page.display());
        }
    }
}
