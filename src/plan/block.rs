//! A block of lines of ours in a text file of somebody else: between two lines that say whose it is.

use super::mark::{MARK, seal};

/// A text without the blocks of a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rest {
    /// The text, without the empty line before each block as well.
    pub(super) text: String,
    /// The lines that were taken out, and whether they are as they were written.
    pub(super) blocks: Vec<(String, Condition)>,
}

/// Whether lines are as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// They are.
    Intact,
    /// Somebody has changed them, or may have.
    Changed,
}

/// A text with a block of a name at its end.
pub(super) fn with(text: &str, name: &str, block: &str) -> String {
    let mut all = text.to_owned();
    if !all.is_empty() {
        if !all.ends_with('\n') {
            all.push('\n');
        }
        all.push('\n');
    }
    let lines = lines_of(block);
    format!("{all}# {MARK} ({}): {name}\n{lines}{}\n", seal(lines.as_bytes()), last(name))
}

/// A text without the blocks of a name. None where one has no end, or an end no beginning: somebody has been at it, and
/// nobody knows where theirs begins.
pub(super) fn without(text: &str, name: &str) -> Option<Rest> {
    let last = last(name);
    let mut rest = Rest { text: String::with_capacity(text.len()), blocks: Vec::new() };
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let Some((sealed, _)) = first(line).filter(|(_, named)| *named == name) else {
            if line.trim_end() == last {
                return None;
            }
            rest.text.push_str(line);
            continue;
        };
        let mut block = String::new();
        loop {
            let line = lines.next()?;
            if line.trim_end() == last {
                break;
            }
            // Another block begins before this one has ended.
            if first(line).is_some() {
                return None;
            }
            block.push_str(line);
        }
        let is_intact = sealed == Some(&seal(block.as_bytes()));
        rest.blocks.push((block, if is_intact { Condition::Intact } else { Condition::Changed }));
        if rest.text.ends_with("\n\n") || rest.text == "\n" {
            rest.text.pop();
        }
    }
    Some(rest)
}

/// The text alone, without the blocks of a name; none where nobody knows where one ends.
pub fn without_block(text: &str, name: &str) -> Option<String> {
    without(text, name).map(|rest| rest.text)
}

/// The lines of a block in a text, where there is one; none are told where nobody knows where it ends.
pub fn block(text: &str, name: &str) -> Option<String> {
    without(text, name).map_or(Some(String::new()), |rest| rest.blocks.into_iter().next().map(|(lines, _)| lines))
}

/// The name of the block that a line begins, if it begins one.
pub fn block_begun_by(line: &str) -> Option<&str> {
    first(line).map(|(_, name)| name)
}

impl Rest {
    /// Whether something is lost with the lines that were taken out, where these are what would be written.
    pub(super) fn is_changed(&self, written: Option<&str>) -> bool {
        let written = written.map(lines_of);
        self.blocks.iter().any(|(lines, condition)| *condition == Condition::Changed && Some(lines) != written.as_ref())
    }
}

/// The seal and the name in the first line of a block.
fn first(line: &str) -> Option<(Option<&str>, &str)> {
    let after = line.trim_end().strip_prefix("# ")?.strip_prefix(MARK)?;
    match after.strip_prefix(": ") {
        Some(name) => Some((None, name)),
        None => after.strip_prefix(" (")?.split_once("): ").map(|(seal, name)| (Some(seal), name)),
    }
}

fn last(name: &str) -> String {
    format!("# End of {name}")
}

fn lines_of(block: &str) -> String {
    format!("{}\n", block.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_once_and_goes_without_a_trace() {
        for text in ["", "c = 1\n", "c = 1", "\n", "c = 1\n\nd = 2\n"] {
            let once = with(text, "hub.lan", "a\nb\n");
            assert!(once.ends_with(": hub.lan\na\nb\n# End of hub.lan\n"), "{once}");
            let rest = without(&once, "hub.lan").unwrap();
            assert_eq!(with(&rest.text, "hub.lan", "a\nb"), once);
            assert_eq!(rest.blocks, [("a\nb\n".to_owned(), Condition::Intact)]);
            let other = with(&once, "lab.lan", "z");
            assert_eq!(without(&other, "lab.lan").unwrap().text, once);
            let changed = with(&without(&other, "hub.lan").unwrap().text, "hub.lan", "c");
            assert!(changed.contains("\nz\n") && !changed.contains("\na\n"), "{changed}");
            // A last line without an end gets one; nothing else is another than before.
            assert_eq!(rest.text.trim_end(), text.trim_end());
        }
        assert_eq!(without(&with("c = 1\n", "x", "a"), "x").unwrap().text, "c = 1\n");
    }

    #[test]
    fn what_somebody_changed_in_a_block_is_seen() {
        let block = with("", "hub.lan", "a\nb\n");
        let is_changed = |text: &str| without(text, "hub.lan").unwrap().is_changed(Some("a\nb"));
        assert!(!is_changed(&block));
        for changed in [block.replace("a\n", "a\nmine\n"), block.replace("b\n#", "#"), block.replace("a\n", "A\n")] {
            assert!(is_changed(&changed), "{changed}");
        }
        // Lines without a seal are known only by being those that would be written.
        assert!(!is_changed("# Written by hubca: hub.lan\na\nb\n# End of hub.lan\n"));
        assert!(is_changed("# Written by hubca: hub.lan\nold\n# End of hub.lan\n"));
        assert!(without("# Written by hubca: hub.lan\na\nb\n# End of hub.lan\n", "hub.lan").unwrap().is_changed(None));
    }

    #[test]
    fn a_block_without_an_end_is_nobodys_guess() {
        let torn = "c = 1\n# Written by hubca: hub.lan\na\n";
        let whole = with("mine = 1\n", "hub.lan", "b");
        let headless = whole.replace("# Written", "# Not Written");
        let beheaded = format!("{torn}mine = 2\n{}", with("", "lab.lan", "z\n# End of hub.lan"));
        for text in [torn, &format!("{torn}{whole}"), &headless, &beheaded] {
            assert_eq!(without(text, "hub.lan"), None, "{text}");
        }
        assert!(without(torn, "lab.lan").is_some());
    }
}
