//! What is left on a terminal after a program has asked and written over its questions.

/// The lines that a person sees in the end, of what a terminal was sent: ECMA-48, as far as questions use it.
pub(crate) fn seen(sent: &str) -> String {
    let mut lines = vec![String::new()];
    let (mut row, mut column) = (0_usize, 0_usize);
    let mut rest = sent.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\r' => column = 0,
            '\n' => row += 1,
            '\x1b' if rest.next_if_eq(&'[').is_some() => {
                let mut digits = String::new();
                while let Some(digit) = rest.next_if(|letter| !letter.is_ascii_alphabetic()) {
                    digits.push(digit);
                }
                let count = digits.parse().unwrap_or(1);
                match rest.next() {
                    Some('A') => row = row.saturating_sub(count),
                    Some('B') => row += count,
                    Some('K') => lines[row].clear(),
                    _ => {}
                }
            }
            _ => {
                let line = &mut lines[row];
                *line = line.chars().take(column).chain([letter]).chain(line.chars().skip(column + 1)).collect();
                column += 1;
            }
        }
        lines.resize(lines.len().max(row + 1), String::new());
    }
    lines.join("\n")
}

#[test]
fn a_question_that_is_written_over_is_seen_as_it_is_left() {
    assert_eq!(
        seen("\rword: \r\nagain: \r\n\x1b[2A\r\x1b[2K\x1b[1B\r\x1b[2K\x1b[1B\x1b[2Aword: [hidden]\r\ndone\r\n"),
        "word: [hidden]\ndone\n"
    );
    assert_eq!(seen("one\r\ntwo\r\n"), "one\ntwo\n");
}
