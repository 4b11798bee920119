//! How much room words take in a drawing: an estimate that no font exceeds by much, because none is asked.

/// How words are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// As labels are.
    Normal,
    /// As buttons are.
    Bold,
    /// As titles are.
    Title,
    /// As small headings are.
    Small,
}

/// The width of one line.
pub(super) fn width(words: &str, weight: Weight) -> i32 {
    let tenths: i32 = words.chars().map(tenths).sum();
    let per_mille = match weight {
        Weight::Normal => 1000,
        Weight::Bold => 1090,
        Weight::Title => 1290,
        Weight::Small => 840,
    };
    (tenths * per_mille / 1000 + 9) / 10
}

/// Lines that are no wider than that, at most so many; what does not fit ends in dots.
pub(super) fn wrap(words: &str, room: i32, most: usize, weight: Weight) -> Vec<String> {
    let bounded: String = words.chars().take(MOST_CHARACTERS).collect();
    let mut lines: Vec<String> = Vec::new();
    for word in bounded.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, weight) + width(" ", weight) + width(word, weight) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let is_cut = lines.len() > most || bounded.len() < words.len();
    lines.truncate(most);
    if let (true, Some(last)) = (is_cut, lines.last_mut()) {
        last.push('…');
    }
    lines.into_iter().map(|line| cut(line, room, weight)).collect()
}

/// One word may be wider than a line.
fn cut(line: String, room: i32, weight: Weight) -> String {
    if width(&line, weight) <= room {
        return line;
    }
    let mut kept = line;
    while width(&kept, weight) + width("…", weight) > room && kept.pop().is_some() {}
    kept + "…"
}

/// The width of a character in tenths of a unit, set at sixteen units.
fn tenths(character: char) -> i32 {
    match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '’' | '|' | '!' => 42,
        'f' | 't' | 'r' | ' ' | '(' | ')' | '-' | '/' => 58,
        'm' | 'w' | 'M' | 'W' | '…' | '&' => 140,
        'A'..='Z' | 'Ä' | 'Ö' | 'Ü' => 112,
        character if character.is_ascii() => 90,
        'ä' | 'ö' | 'ü' | 'ß' | '“' | '”' | '„' => 90,
        // Writing of the east is square.
        _ => 165,
    }
}

const MOST_CHARACTERS: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_broken_between_words_and_cut_where_they_must_be() {
        let lines = wrap("Trust this CA to identify websites", 180, 3, Weight::Normal);
        assert_eq!(lines, ["Trust this CA to", "identify websites"]);
        let long = wrap(&"Zertifikat".repeat(20), 200, 3, Weight::Normal);
        assert!(matches!(&long[..], [only] if only.ends_with('…') && width(only, Weight::Normal) <= 200), "{long:?}");
        assert_eq!(wrap(&"word ".repeat(50), 100, 3, Weight::Bold).len(), 3);
        assert!(wrap("", 100, 3, Weight::Normal).is_empty());
    }
}
