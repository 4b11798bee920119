//! `docs/status.md` has every finding, and what to do about it.

use snapbox::{Assert, Data, assert::DEFAULT_ACTION_ENV};

#[test]
fn the_page_has_every_finding() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/status.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (words, _) = text.split_once("## Findings\n").unwrap();
    let page = format!("{words}## Findings\n\n{}", hubca::cli::findings::table());
    Assert::new().action_env(DEFAULT_ACTION_ENV).eq(page, Data::read_from(&path, None).raw());
}
