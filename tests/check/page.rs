//! `docs/check.md` has every finding about a server, and what to do about it.

use hubca::lint::{Platform, rules};
use snapbox::{Assert, Data, assert::DEFAULT_ACTION_ENV};

#[test]
fn the_page_has_every_finding_about_a_server() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/check.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (words, _) = text.split_once("| rule |").unwrap();
    let mut page = format!(
        "{words}| rule | demands that | error for | warning for | what to do |\n| --- | --- | --- | --- | --- |\n"
    );
    for rule in rules().filter(|rule| rule.concerns() == "the connection") {
        let told = |platforms: &[Platform]| match platforms.len() {
            0 => "–".to_owned(),
            number if number == Platform::ALL.len() => "all".to_owned(),
            _ => Platform::list(platforms),
        };
        page.push_str(&format!(
            "| `{}` | {} | {} | {} | {} |\n",
            rule.id(),
            rule.demand(),
            told(rule.refused_by()),
            told(rule.noted_for()),
            rule.advice()
        ));
    }
    Assert::new().action_env(DEFAULT_ACTION_ENV).eq(page, Data::read_from(&path, None).raw());
}
