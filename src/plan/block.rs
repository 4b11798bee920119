//! A block of lines of ours in a text file of somebody else: between two lines that say whose it is.

use super::mark::MARK;

/// A text with a block of a name at its end, in place of one of that name. None where the text begins one and never ends
/// it: somebody has been at it, and nobody knows where theirs begins.
pub(super) fn with(text: &str, name: &str, block: &str) -> Option<String> {
    let mut all = without(text, name)?;
    if !all.is_empty() {
        if !all.ends_with('\n') {
            all.push('\n');
        }
        all.push('\n');
    }
    all.push_str(&format!("{}\n{}\n{}\n", first(name), block.trim_end(), last(name)));
    Some(all)
}

/// A text without the blocks of a name and the empty line before each; none where one begins and never ends.
pub fn without(text: &str, name: &str) -> Option<String> {
    let (first, last) = (first(name), last(name));
    let mut kept = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        if line.trim_end() != first {
            kept.push_str(line);
            continue;
        }
        lines.by_ref().find(|line| line.trim_end() == last)?;
        if kept.ends_with("\n\n") || kept == "\n" {
            kept.pop();
        }
    }
    Some(kept)
}

fn first(name: &str) -> String {
    format!("# {MARK}: {name}")
}

fn last(name: &str) -> String {
    format!("# End of {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_comes_once_and_goes_without_a_trace() {
        for text in ["", "c = 1\n", "c = 1", "\n", "c = 1\n\nd = 2\n"] {
            let once = with(text, "hub.lan", "a\nb\n").unwrap();
            assert!(once.ends_with("# Written by hubca: hub.lan\na\nb\n# End of hub.lan\n"), "{once}");
            assert_eq!(with(&once, "hub.lan", "a\nb").as_ref(), Some(&once));
            let other = with(&once, "lab.lan", "z").unwrap();
            assert_eq!(without(&other, "lab.lan").unwrap(), once);
            let changed = with(&other, "hub.lan", "c").unwrap();
            assert!(changed.contains("\nz\n") && !changed.contains("\na\n"), "{changed}");
            // A last line without an end gets one; nothing else is another than before.
            assert_eq!(without(&once, "hub.lan").unwrap().trim_end(), text.trim_end());
        }
        assert_eq!(without(&with("c = 1\n", "x", "a").unwrap(), "x").unwrap(), "c = 1\n");
    }

    #[test]
    fn a_block_without_an_end_is_nobodys_guess() {
        let torn = "c = 1\n# Written by hubca: hub.lan\na\n";
        assert_eq!(with(torn, "hub.lan", "b"), None);
        assert_eq!(without(torn, "hub.lan"), None);
        assert!(with(torn, "lab.lan", "b").is_some());
    }
}
