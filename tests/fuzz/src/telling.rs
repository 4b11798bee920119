//! What a file holds, told as `hubca inspect` tells it.

use hubca::cli::{inspection::describe, page::Page};

use crate::NOW;

/// Tells what bytes are, if they are anything: in words with nothing in them that a terminal obeys, and as JSON.
pub fn tell(bytes: &[u8]) {
    let Ok(found) = describe(bytes, NOW) else { return };
    let mut page = Page::new(80);
    for one in &found {
        one.tell(&mut page, NOW);
        serde_json::to_string(one).unwrap();
    }
    let plain = page.as_str().replace("\x1b[1m", "").replace("\x1b[0m", "");
    let obeyed = plain.chars().find(|one| one.is_control() && *one != '\n');
    assert_eq!(obeyed, None, "{plain:?}");
}
