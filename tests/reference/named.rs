//! Lines that call the program, found in pages and in the words of the sources, held against what it understands.

use clap::Command;

/// What follows `hubca` in a text, up to where the line, the code span or the string ends.
pub(crate) fn calls(text: &str) -> Vec<&str> {
    let is_inside = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
    let mut calls = Vec::new();
    for (position, call) in text.match_indices("hubca ") {
        let is_word = text.get(..position).and_then(|before| before.chars().last()).is_none_or(|last| !is_inside(last));
        let rest = text.get(position + call.len()..).unwrap_or_default();
        if is_word {
            let line = rest.split(['\n', '`', ';', '#', '|', '&', '(', ')']).next().unwrap_or_default();
            // Behind two spaces an example says what it does.
            calls.push(line.split("  ").next().unwrap_or_default().trim());
        }
    }
    calls
}

/// The code of a page of Markdown: its blocks, and what stands between backticks.
pub(crate) fn code(page: &str) -> String {
    let mut code = String::new();
    for (number, part) in page.split("```").enumerate() {
        if number % 2 == 1 {
            code.push_str(part);
            continue;
        }
        for span in part.split('`').skip(1).step_by(2) {
            code.push_str(&span.replace('\n', " "));
            code.push('\n');
        }
    }
    code
}

/// What the program does not understand in a line, if anything: a command or an option that there is not.
///
/// Values are not looked at: pages say `LABEL` and `FILE` where a person writes something of their own.
pub(crate) fn unknown(line: &str, parser: &Command) -> Option<String> {
    let mut here = parser;
    let mut is_value = false;
    let mut may_be_command = true;
    for word in line.split([' ', '\'', '"', '[', ']', ',', ':', '…', '\\']).filter(|word| !word.is_empty()) {
        if std::mem::take(&mut is_value) {
            continue;
        }
        if let Some(option) = word.strip_prefix("--").filter(|option| !option.is_empty()) {
            let name = option.split(['=', '.']).next().unwrap_or_default();
            let known = here.get_arguments().chain(parser.get_arguments()).find(|known| known.get_long() == Some(name));
            match known {
                Some(known) => is_value = known.get_action().takes_values() && !option.contains('='),
                None if ["help", "version"].contains(&name) => {}
                None => return Some(format!("--{name}")),
            }
        } else if let Some(below) = here.find_subcommand(word).filter(|_| may_be_command) {
            here = below;
        } else if may_be_command && here.has_subcommands() && is_lower(word) {
            return Some(word.to_owned());
        } else {
            may_be_command = false;
        }
    }
    None
}

fn is_lower(word: &str) -> bool {
    word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
}
