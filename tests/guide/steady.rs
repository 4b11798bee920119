//! Two texts that say the same but for what is another on each day and for each CA: dates, serial numbers, fingerprints.

/// Whether what was said is what stands on a page, where a line `…` stands for any lines.
pub(crate) fn agree(page: &str, said: &str) -> bool {
    agree_in_lines(&steady(page), &steady(said))
}

fn agree_in_lines(page: &[String], said: &[String]) -> bool {
    match page.split_first() {
        None => said.is_empty(),
        Some((line, rest)) if line == "…" => (0..=said.len()).any(|left_out| agree_in_lines(rest, &said[left_out..])),
        Some((line, rest)) => {
            said.split_first().is_some_and(|(first, others)| line == first && agree_in_lines(rest, others))
        }
    }
}

/// The lines of a text with zeros in the place of what changes.
pub(crate) fn steady(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut is_words = false;
    for line in text.lines().map(str::trim_end) {
        // The twelve words of a fingerprint, whose lengths decide where their lines end.
        let goes_on = is_words && line.starts_with(&" ".repeat(WORDS.len()));
        is_words = line.starts_with(WORDS) || goes_on;
        match (is_words, goes_on) {
            (true, true) => {}
            (true, false) => lines.push(WORDS.to_owned()),
            (false, _) => lines.push(steady_line(line)),
        }
    }
    lines
}

fn steady_line(line: &str) -> String {
    let is_dated = line.contains(" GMT");
    let is_fingerprint = line.split(' ').rev().take(3).filter(|group| is_group(group)).count() == 3;
    let mut steady = String::new();
    let mut before = "";
    for piece in pieces(line) {
        let is_month = is_dated && MONTHS.contains(&piece);
        let is_day =
            is_dated && !piece.is_empty() && piece.len() <= 4 && piece.bytes().all(|byte| byte.is_ascii_digit());
        // `in 396 days`, and a day of one digit that openssl pads with another space.
        let is_count = before == "in" && piece.bytes().all(|byte| byte.is_ascii_digit());
        if piece == " " {
            if !(is_dated && steady.ends_with(' ')) {
                steady.push(' ');
            }
            continue;
        }
        steady.push_str(match () {
            () if is_month => "Jan",
            () if is_day || is_count => "0",
            () if is_date(piece) => "0000-00-00",
            () if is_time(piece) => "00:00:00",
            // Its thousandths.
            () if piece.len() == 3 && steady.ends_with("00:00:00.") => "000",
            () if is_hexadecimal(piece) || (is_fingerprint && is_group(piece)) => "0",
            () => piece,
        });
        before = piece;
    }
    steady
}

/// Words of letters, digits, colons and hyphens, and what stands between them, letter by letter.
fn pieces(line: &str) -> Vec<&str> {
    let is_inside = |letter: char| letter.is_ascii_alphanumeric() || letter == ':' || letter == '-';
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let length = if is_inside(first) {
            rest.find(|letter| !is_inside(letter)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (piece, others) = rest.split_at(length);
        // RFC 3339: a date, `T`, a time and `Z` are four.
        let moment = Some(piece)
            .filter(|piece| piece.len() == 20 && piece.ends_with('Z'))
            .and_then(|piece| piece.split_once('T'));
        match moment {
            Some((date, time)) => pieces.extend([date, "T", time.trim_end_matches('Z'), "Z"]),
            None => pieces.push(piece),
        }
        rest = others;
    }
    pieces
}

fn is_date(piece: &str) -> bool {
    has_shape(piece, "0000-00-00")
}

fn is_time(piece: &str) -> bool {
    has_shape(piece, "00:00:00")
}

fn has_shape(piece: &str, shape: &str) -> bool {
    piece.len() == shape.len()
        && piece
            .chars()
            .zip(shape.chars())
            .all(|(letter, of)| if of == '0' { letter.is_ascii_digit() } else { letter == of })
}

/// A serial number, a fingerprint or a part of one, in one piece or in pairs with colons between them.
fn is_hexadecimal(piece: &str) -> bool {
    let digits = piece.bytes().filter(u8::is_ascii_hexdigit).count();
    let others = piece.bytes().filter(|byte| !byte.is_ascii_hexdigit() && *byte != b':').count();
    others == 0 && digits >= 8
}

/// Four digits of a fingerprint as hubca groups them.
fn is_group(piece: &str) -> bool {
    piece.len() == 4 && piece.bytes().all(|byte| byte.is_ascii_hexdigit())
}

const WORDS: &str = "  in words      ";

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[test]
fn what_changes_is_left_out_and_nothing_else() {
    assert!(agree("valid until 2027-12-26 (in 396 days)\n", "valid until 2028-01-02 (in 397 days)\n"));
    assert!(agree("until 2026-11-24T20:54:17Z; Ctrl-C\n", "until 2027-01-02T03:04:05Z; Ctrl-C\n"));
    assert!(agree("serial 016b5c059aa324d7\n", "serial 01aa5c059aa324d7\n"));
    assert!(agree("CN=Home Hub Root CA 76b711cc\n", "CN=Home Hub Root CA 12345678\n"));
    assert!(agree("Not After : Dec 26 20:39:17 2027 GMT\n", "Not After : Jan  2 01:02:03 2028 GMT\n"));
    assert!(agree(
        "  in words      direct fold\n                snack\nend\n",
        "  in words      ill sunset bounce\nend\n"
    ));
    assert!(agree("  root SHA-256  3e8b 53b4 59c4\n", "  root SHA-256  0123 4567 89ab\n"));
    assert!(agree("one\n…\nfour\n", "one\ntwo\nthree\nfour\n"));
    assert!(!agree("one\n…\nfour\n", "one\ntwo\nthree\n"));
    assert!(!agree("https://192.168.0.1:8888\n", "https://192.168.0.1:8889\n"));
    assert!(!agree("names 192.168.0.1\n", "names 192.168.0.2\n"));
    assert!(!agree("valid until 2027-12-26\n", "valid until tomorrow\n"));
}
