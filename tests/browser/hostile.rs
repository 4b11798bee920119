//! Names by others are shown and never obeyed.

use serde_json::json;

use crate::stage::page;
use crate::support::TestHome;
use crate::support::shared::Shared;
use crate::support::visitor::{Visitor, browser_is_here};

#[test]
fn a_name_that_looks_like_a_script_is_text_on_the_page() {
    if !browser_is_here() {
        return;
    }
    for name in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</h1><a href=//evil.test>x</a>",
        "{{7*7}}${7*7}<%=7*7%>",
        "&lt;b&gt;&amp;",
        "'-alert(1)-'",
    ] {
        let home = TestHome::empty();
        home.hubca(&["init", "--name", name, "--no-passphrase", "--json"]).succeeded();
        let share = Shared::start(&home, &[]);
        let seen = Visitor::with("iphone")
            .then_verdict()
            .then(json!({ "text": "body" }))
            .then(json!({ "count": "body script, body img, h1 a, [onerror]" }))
            .visits(&page(&share));
        assert!(seen.text(2).contains(name), "`{name}` is not shown as it is: {}", seen.text(2));
        assert_eq!(seen.answer(3), 0, "{name}");
        assert!(seen.dialogs.is_empty(), "{name}: {:?}", seen.dialogs);
        assert!(seen.requests.iter().all(|url| !url.contains("evil")), "{:?}", seen.requests);
    }
}
