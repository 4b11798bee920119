//! The pages for those who come from other tools.

use std::{fs, path::PathBuf};

use crate::{machine::Person, support::tools::commands, walk::Walk};

#[test]
fn each_openssl_command_and_the_one_in_its_place_do_what_the_page_shows() {
    if let Some(walk) = Walk::of("from-openssl.md", Person::Ann, &commands(&["openssl"])) {
        walk.end();
    }
}

#[test]
fn who_comes_from_mkcert_gets_what_the_page_shows() {
    if let Some(walk) = Walk::of("from-mkcert.md", Person::Ann, &commands(&["mkcert"])) {
        walk.end();
    }
}

#[test]
fn who_comes_from_certbot_gets_what_the_page_shows() {
    if let Some(walk) = Walk::of("from-certbot.md", Person::Root, &[]) {
        walk.end();
    }
}

/// A page says `<!-- there is no: hubca WORD -->` where it tells people that something cannot be done yet.
#[test]
fn what_pages_say_is_missing_is_missing() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/guide");
    let parser = hubca::cli::parser();
    for page in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let text = if page.is_file() { fs::read_to_string(&page).unwrap() } else { continue };
        for missing in text.split("<!-- there is no: hubca ").skip(1).map(|rest| rest.split(' ').next().unwrap()) {
            assert!(parser.find_subcommand(missing).is_none(), "{}: there is a `{missing}` now", page.display());
        }
    }
    assert!(parser.find_subcommand("issue").is_some(), "words are looked for among the commands");
}
