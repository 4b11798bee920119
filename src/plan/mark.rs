//! The words by which this program knows what it wrote, and the seal by which it sees whether somebody has changed it since.

use aws_lc_rs::digest::{SHA256, digest};

/// A first line that begins with these words, behind what makes it a comment, marks a file as one that this program wrote,
/// and may write anew.
pub const MARK: &str = "Written by hubca";

/// A text that bears the mark, with a seal behind it: `Written by hubca (0123456789abcdef)`. It no longer fits once
/// anything in the text is changed. What bears no mark stays as it is.
pub fn sealed(text: impl Into<Vec<u8>>) -> Vec<u8> {
    let text = text.into();
    match text.split_at_checked(end_of_mark(&text).unwrap_or_default()) {
        Some((marked @ [_, ..], rest)) => [marked, b" (", seal(&text).as_bytes(), b")", rest].concat(),
        _ => text,
    }
}

/// Whether this program wrote a text, be it that somebody has changed it since.
pub fn is_marked(text: &[u8]) -> bool {
    end_of_mark(text).is_some()
}

/// Who wrote a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    /// This program, and nobody has changed it.
    Us,
    /// This program, and somebody has changed it since, or may have: it bears no seal.
    UsAndThem,
    /// Somebody else.
    Them,
}

impl Writer {
    /// Who wrote a text, where `written` is what this program would write, or has written last.
    pub(super) fn of(text: &[u8], written: Option<&[u8]>) -> Self {
        let is_written = written.is_some_and(|written| text == written || sealed(text) == written);
        match end_of_mark(text) {
            _ if is_written => Self::Us,
            None => Self::Them,
            Some(end) if is_intact(text, end) => Self::Us,
            Some(_) => Self::UsAndThem,
        }
    }
}

/// What stands for a text and for no other one that somebody makes of it.
pub(super) fn seal(text: &[u8]) -> String {
    digest(&SHA256, text).as_ref().iter().take(SEAL / 2).map(|octet| format!("{octet:02x}")).collect()
}

/// Where the mark ends. It stands in the first line, or below the declaration of XML, which must be the first.
fn end_of_mark(text: &[u8]) -> Option<usize> {
    let line_end = |from: usize| text.iter().skip(from).position(|byte| *byte == b'\n').map(|length| from + length + 1);
    let start = if text.starts_with(b"<?xml") { line_end(0)? } else { 0 };
    let line = text.get(start..)?;
    let opener = OPENERS.into_iter().find(|opener| line.starts_with(opener.as_bytes()))?;
    let after = line.get(opener.len()..)?.strip_prefix(MARK.as_bytes())?;
    let is_whole_word = after.first().is_none_or(|byte| !byte.is_ascii_alphanumeric());
    is_whole_word.then_some(start + opener.len() + MARK.len())
}

/// Whether the seal behind a mark fits the text without it.
fn is_intact(text: &[u8], end: usize) -> bool {
    let parts = text.split_at_checked(end).and_then(|(marked, rest)| {
        let (seal, rest) = rest.strip_prefix(b" (")?.split_at_checked(SEAL)?;
        Some((seal, [marked, rest.strip_prefix(b")")?].concat()))
    });
    parts.is_some_and(|(found, open)| seal(&open).as_bytes() == found)
}

/// What begins a comment in the languages of the files that are written.
const OPENERS: [&str; 2] = ["# ", "<!-- "];
/// The digits of a seal: enough to see a change that nobody hides.
const SEAL: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_fits_until_something_is_changed() {
        for text in ["# Written by hubca", "# Written by hubca: x\nb\n", "<?xml?>\n<!-- Written by hubca -->\nb\n"] {
            let whole = String::from_utf8(sealed(text)).unwrap();
            assert!(whole.contains("Written by hubca (") && whole.len() == text.len() + SEAL + 3, "{whole}");
            assert_eq!(Writer::of(whole.as_bytes(), None), Writer::Us);
            assert_eq!(Writer::of(format!("{whole}x").as_bytes(), None), Writer::UsAndThem);
            assert_eq!(Writer::of(whole.replace("hubca (", "hubca (0").as_bytes(), None), Writer::UsAndThem);
            // Without a seal nobody knows; but what would be written is no change.
            assert_eq!(Writer::of(text.as_bytes(), None), Writer::UsAndThem);
            assert_eq!(Writer::of(text.as_bytes(), Some(whole.as_bytes())), Writer::Us);
        }
    }

    #[test]
    fn the_mark_is_the_first_line_and_nothing_like_it() {
        for text in [
            "",
            "mine\n# Written by hubca: x\n",
            "# Not Written by hubca: x\n",
            "# Written by hubcap\n",
            "Written by hubca\n",
            "<?xml?>",
        ] {
            assert_eq!(Writer::of(text.as_bytes(), None), Writer::Them, "{text}");
            assert_eq!(sealed(text), text.as_bytes());
        }
        assert_eq!(Writer::of(b"any", Some(b"any")), Writer::Us);
    }
}
